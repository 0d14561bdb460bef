//! The second places of checkpoints of the audit logs, as they are configured.

use elder_audit::{Bucket, Copies, Place, Syslog, Webhook, archive::S3};
use elder_config::{Audit, Settings};
use elder_outbound::http::Outbound;

use crate::failure::Failure;

/// All of them.
///
/// # Errors
/// What is wrong with a setting. Nothing is called yet.
pub(crate) fn of(settings: &Settings, outbound: &Outbound) -> Result<Copies, Failure> {
    let audit = &settings.audit;
    let places = [
        audit.checkpoint_file.clone().map(Place::File),
        webhook(audit, outbound)?,
        bucket(audit, outbound)?,
        syslog(audit, outbound)?,
    ];
    Ok(Copies::new(places.into_iter().flatten()))
}

fn webhook(audit: &Audit, outbound: &Outbound) -> Result<Option<Place>, Failure> {
    let Some(url) = &audit.checkpoint_url else { return Ok(None) };
    outbound.check(url).map_err(|error| format!("`audit.checkpoint_url`: {error}"))?;
    let (token, outbound) = (audit.checkpoint_token.clone(), outbound.clone());
    Ok(Some(Place::Webhook(Webhook { url: url.clone(), token, outbound })))
}

fn bucket(audit: &Audit, outbound: &Outbound) -> Result<Option<Place>, Failure> {
    let Some(bucket) = &audit.checkpoint_bucket else { return Ok(None) };
    let (Some(access_key), Some(secret_key)) = (&audit.checkpoint_access_key, &audit.checkpoint_secret_key)
    else {
        return Err(
            "`audit.checkpoint_bucket` needs `audit.checkpoint_access_key` and `audit.checkpoint_secret_key`"
                .into(),
        );
    };
    let s3 = S3 {
        bucket: bucket.clone(),
        prefix: audit.checkpoint_prefix.clone().unwrap_or_default(),
        endpoint: audit.checkpoint_endpoint.clone(),
        region: audit.checkpoint_region.clone(),
        access_key: access_key.clone(),
        secret_key: secret_key.clone(),
    };
    let bucket = Bucket { s3, days: audit.checkpoint_lock_days.get(), outbound: outbound.clone() };
    bucket.check().map_err(|error| format!("`audit.checkpoint_bucket`: {error}"))?;
    Ok(Some(Place::Bucket(Box::new(bucket))))
}

fn syslog(audit: &Audit, outbound: &Outbound) -> Result<Option<Place>, Failure> {
    let Some(receiver) = &audit.checkpoint_syslog else { return Ok(None) };
    let named = receiver.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    let Some((host, port)) = named else {
        return Err("`audit.checkpoint_syslog` is a host and a port, as `logs.example.com:6514`".into());
    };
    let (host, tls) = (host.to_owned(), audit.checkpoint_syslog_tls);
    outbound.check_line(&host, port, tls).map_err(|error| format!("`audit.checkpoint_syslog`: {error}"))?;
    Ok(Some(Place::Syslog(Syslog { host, port, tls, outbound: outbound.clone() })))
}
