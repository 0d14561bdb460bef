//! Asks a range service which passwords were stolen, and tells it of none (k-anonymity).

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use chrono::{DateTime, TimeDelta, Utc};
use elder_kernel::Clock;
use reqwest::{Client, redirect::Policy};
use tracing::Instrument as _;
use url::Url;

/// How long an answer may take: somebody waits for it.
const TIMEOUT: Duration = Duration::from_secs(2);
/// How long nobody is asked who has just failed to answer, so that a batch of passwords does not wait once for each.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// The longest answer that is read. A padded one has about a thousand lines of 40 bytes.
const MOST_BYTES: usize = 1 << 20;
/// How much of the hash is told: hundreds of stolen passwords begin alike.
const TOLD: usize = 5;

/// A service that gives the hashes of stolen passwords by how they begin, as Have I Been Pwned does: lines of
/// `the rest of the SHA-1:how often`.
pub struct RangeService {
    client: Client,
    url: String,
    host: String,
    clock: Clock,
    resumes_at: Mutex<Option<DateTime<Utc>>>,
}

/// Why it is not known whether a password was stolen.
#[derive(Debug, thiserror::Error)]
pub enum RangeError {
    /// The service did not answer, or not with a range.
    #[error("the range service did not answer")]
    Request(#[from] reqwest::Error),
    /// The answer is longer than any range.
    #[error("the range service gives no end")]
    TooLong,
    /// The service has failed just now.
    #[error("the range service has failed just now and is not asked")]
    Paused,
}

impl RangeService {
    /// The service at this address, to which a slash and the beginning of a hash are added.
    ///
    /// # Errors
    /// [`RangeError::Request`] if the system has no certificates to know it by.
    pub fn at(url: &str, clock: &Clock) -> Result<Self, RangeError> {
        let agent = concat!("elder/", env!("CARGO_PKG_VERSION"));
        let client = Client::builder().timeout(TIMEOUT).redirect(Policy::none()).user_agent(agent).build()?;
        let host = Url::parse(url).ok().and_then(|url| url.host_str().map(ToOwned::to_owned));
        Ok(Self {
            client,
            url: url.to_owned(),
            host: host.unwrap_or_default(),
            clock: clock.clone(),
            resumes_at: Mutex::default(),
        })
    }

    /// Whether a password is among those that were stolen. Five of the forty digits of its hash are told, and how long
    /// the answer is tells nobody who listens which ones.
    ///
    /// # Errors
    /// [`RangeError`].
    pub async fn holds(&self, password: &str) -> Result<bool, RangeError> {
        let now = self.clock.now();
        if self.resumes_at().is_some_and(|at| now < at) {
            return Err(RangeError::Paused);
        }
        let hash = hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()).as_ref());
        let (told, kept) = hash.split_at(TOLD);
        let asked = self.range(told).await;
        *self.resumes_at.lock().unwrap_or_else(PoisonError::into_inner) =
            asked.is_err().then(|| self.clock.now() + PAUSE);
        Ok(lists(&asked?, kept))
    }

    fn resumes_at(&self) -> Option<DateTime<Utc>> {
        *self.resumes_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn range(&self, prefix: &str) -> Result<String, RangeError> {
        let request = self.client.get(format!("{}/{prefix}", self.url)).header("add-padding", "true");
        let span = elder_telemetry::call_span("GET", Some("GET"), &self.host, None);
        let answer = request.send().instrument(span.clone()).await;
        let outcome = answer.as_ref().map(|answer| answer.status().as_u16());
        elder_telemetry::called(&span, outcome.map_err(|_| "no_answer"));
        let mut answer = answer?.error_for_status()?;
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MOST_BYTES {
                return Err(RangeError::TooLong);
            }
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Whether a range has this rest of a hash. What pads it was stolen no times.
fn lists(range: &str, rest: &str) -> bool {
    let mut lines = range.lines().filter_map(|line| line.trim().split_once(':'));
    lines.any(|(hash, times)| {
        hash.eq_ignore_ascii_case(rest) && times.parse().is_ok_and(|times: u64| times > 0)
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02X}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_lists_what_was_stolen_and_not_what_pads_it() {
        let range =
            "0018A45C4D1DEF81644B54AB7F969B88D65:10\r\n00D4F6E8FA6EECAD2A3AA415EEC418D38EC:0\r\nnonsense";
        assert!(lists(range, "0018A45C4D1DEF81644B54AB7F969B88D65"));
        assert!(lists(range, "0018a45c4d1def81644b54ab7f969b88d65"));
        assert!(!lists(range, "00D4F6E8FA6EECAD2A3AA415EEC418D38EC"), "padding");
        assert!(!lists(range, "011053FD0102E94D6AE2F8B83D76FAF94F6"));
    }

    #[test]
    fn the_hash_is_written_as_services_write_it() {
        let hash = hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, b"password").as_ref());
        assert_eq!(hash, "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
    }
}
