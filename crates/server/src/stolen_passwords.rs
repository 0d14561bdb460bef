//! The range service of the settings, which is asked about new passwords.

use async_trait::async_trait;
use elder_crypto::StolenPasswords;
use elder_kernel::{Clock, Secret};
use elder_metrics::Metrics;
use elder_outbound::ranges::{RangeError, RangeService};

/// Asks a range service. While it does not answer, new passwords are taken unasked: that somebody can choose a password
/// does not hang on another's server. The log and a metric tell.
pub struct AskedAbroad {
    service: RangeService,
    metrics: Option<Metrics>,
}

impl AskedAbroad {
    /// The service at this address.
    ///
    /// # Errors
    /// [`RangeError`] if the system has no certificates to know it by.
    pub fn new(url: &str, clock: &Clock, metrics: Option<Metrics>) -> Result<Self, RangeError> {
        Ok(Self { service: RangeService::at(url, clock)?, metrics })
    }
}

#[async_trait]
impl StolenPasswords for AskedAbroad {
    async fn include(&self, password: &Secret<String>) -> bool {
        let asked = self.service.holds(password.expose()).await;
        let outcome = match &asked {
            Ok(true) => "stolen",
            Ok(false) => "unknown",
            Err(RangeError::Paused) => "paused",
            Err(error) => {
                tracing::warn!(error = error as &dyn std::error::Error, "a new password was taken unasked");
                "failed"
            }
        };
        if let Some(metrics) = &self.metrics {
            metrics.count_password_lookup(outcome);
        }
        asked.unwrap_or(false)
    }
}
