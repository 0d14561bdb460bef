//! The place of archives of the audit logs, as it is configured.

use elder_audit::archive::{S3, Store};
use elder_config::{Audit, Settings};

use crate::failure::Failure;

/// Opens it; none if there is none.
pub(crate) fn store(settings: &Settings) -> Result<Option<Store>, Failure> {
    let Audit { archive_folder, archive_bucket, archive_access_key, archive_secret_key, .. } =
        &settings.audit;
    match (archive_folder, archive_bucket) {
        (None, None) => Ok(None),
        (Some(folder), None) => {
            let opened = Store::folder(folder);
            Ok(Some(
                opened.map_err(|error| format!("{} (`audit.archive_folder`): {error}", folder.display()))?,
            ))
        }
        (None, Some(bucket)) => {
            let (Some(access_key), Some(secret_key)) = (archive_access_key, archive_secret_key) else {
                return Err(
                    "`audit.archive_bucket` needs `audit.archive_access_key` and `audit.archive_secret_key`"
                        .into(),
                );
            };
            let bucket = S3 {
                bucket: bucket.clone(),
                prefix: settings.audit.archive_prefix.clone().unwrap_or_default(),
                endpoint: settings.audit.archive_endpoint.clone(),
                region: settings.audit.archive_region.clone(),
                access_key: access_key.clone(),
                secret_key: secret_key.clone(),
            };
            Ok(Some(Store::s3(&bucket)?))
        }
        (Some(_), Some(_)) => Err("set `audit.archive_folder` or `audit.archive_bucket`, not both".into()),
    }
}
