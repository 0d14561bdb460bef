//! What this site is licensed for: its settings, its licence at the start.

use std::{fs, net::IpAddr};

use elder_access::{Gatekeeper, Worker, work::Housekeeping};
use elder_config::Settings;
use elder_licensing::{Account, DEVELOPMENT_KEY, Error, Licensing, PublicKey, Trust, state::service};
use elder_outbound::http::Outbound;

use crate::failure::Failure;

/// Whose licences hold at this site.
///
/// # Errors
/// A setting that is no key.
pub(crate) fn of(settings: &Settings, keeper: &Gatekeeper) -> Result<Licensing, Failure> {
    Ok(Licensing::new(keeper, trust(settings)?))
}

/// The keys that are believed, and whether this is a server of one machine.
///
/// # Errors
/// A setting that is no key.
pub(crate) fn trust(settings: &Settings) -> Result<Trust, Failure> {
    let key = |text: &String| {
        text.parse::<PublicKey>().map_err(|error| format!("`license.public_keys`: `{text}`: {error}").into())
    };
    let mut keys = settings.license.public_keys.iter().map(key).collect::<Result<Vec<_>, Failure>>()?;
    keys.push(DEVELOPMENT_KEY.parse()?);
    Ok(Trust { keys, is_loopback: is_loopback(settings) })
}

/// Neither the address nor the URL may be one that others reach: behind a proxy of the same machine they do.
fn is_loopback(settings: &Settings) -> bool {
    let url = settings.public_url();
    let host = url.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host }
    });
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_own = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    settings.http.bind.ip().is_loopback() && is_own
}

/// Where the licence server is, if there is one.
///
/// # Errors
/// A URL that may not be called.
pub(crate) fn account(settings: &Settings, outbound: Outbound) -> Result<Option<Account>, Failure> {
    let Some(url) = settings.license.server_url.clone() else { return Ok(None) };
    outbound.check(&url).map_err(|error| format!("`license.server_url`: {error}"))?;
    let key = settings.license.key.clone();
    Ok(Some(Account { url, key, outbound, version: env!("CARGO_PKG_VERSION") }))
}

/// Installs the licence that is configured, if it is another one, and obeys what is installed. Whatever is wrong with a
/// licence ends no start: it is said in the log, and the former one stays.
pub(crate) async fn open(settings: &Settings, licensing: &Licensing, worker: &Worker) {
    if let Some(path) = &settings.license.file {
        match fs::read_to_string(path) {
            Ok(document) => match service::offer(licensing, &worker.job::<Housekeeping>(), &document).await {
                Ok(_) | Err(Error::Refused(_)) => {}
                Err(error) => tracing::error!(%error, "the configured licence was not installed"),
            },
            Err(error) => {
                let path = path.display().to_string();
                tracing::error!(%error, path, "the configured licence (`license.file`) cannot be read");
            }
        }
    }
    if let Err(error) = service::refresh(licensing, worker).await {
        tracing::error!(%error, "the licence was not looked at: this is the community tier until it is");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(bind: &str, url: Option<&str>) -> Settings {
        let mut pairs = vec![("http.bind".to_owned(), bind.to_owned())];
        pairs.extend(url.map(|url| ("http.public_url".to_owned(), url.to_owned())));
        Settings::load(None, &pairs).unwrap()
    }

    #[test]
    fn a_server_of_one_machine_is_one_that_nobody_else_reaches() {
        assert!(is_loopback(&settings("127.0.0.1:8080", None)));
        assert!(is_loopback(&settings("[::1]:8080", None)));
        assert!(is_loopback(&settings("127.0.0.1:0", Some("http://localhost:8080"))));
        assert!(is_loopback(&settings("127.0.0.1:0", Some("http://[::1]:8080"))));
        assert!(!is_loopback(&settings("0.0.0.0:8080", Some("http://localhost:8080"))));
        assert!(!is_loopback(&settings("0.0.0.0:8080", None)));
        assert!(!is_loopback(&settings("127.0.0.1:8080", Some("https://id.example.com"))));
        assert!(!is_loopback(&settings("127.0.0.1:8080", Some("https://localhost.example.com"))));
        assert!(!is_loopback(&settings("127.0.0.1:8080", Some("https://127.0.0.1.example.com"))));
    }
}
