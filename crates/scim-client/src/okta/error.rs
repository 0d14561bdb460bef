//! Why Okta could not be set up, and what mends it.

use crate::BaseUrl;

/// Why Okta could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum OktaError {
    /// A token would travel unencrypted.
    #[error("{0} is not https: the tokens would travel unencrypted")]
    Open(BaseUrl),
    /// The system has no certificates to know servers by.
    #[error("no client could be made")]
    Client(#[from] reqwest::Error),
    /// The directory does not take the token, or does not answer.
    #[error("the directory does not do what Okta asks first, GET {url}: {status} {words}")]
    Directory {
        /// What was asked.
        url: String,
        /// The status, or that no answer came.
        status: String,
        /// What came.
        words: String,
    },
    /// Okta did not answer.
    #[error("Okta did not answer {method} {url}")]
    Unanswered {
        /// The method.
        method: String,
        /// The address.
        url: String,
        /// Why.
        source: reqwest::Error,
    },
    /// Okta said no.
    #[error("Okta refused {method} {url} with {status}: {words}")]
    Refused {
        /// The method.
        method: String,
        /// The address.
        url: String,
        /// The status.
        status: u16,
        /// Its `errorSummary` and `errorCauses`.
        words: String,
    },
    /// The application is not there.
    #[error("the org has no application of this id, or the token may not see it: the id stands in its URL")]
    NoApp,
    /// The application is switched off.
    #[error("the application {label} is {status}: activate it first")]
    Inactive {
        /// Its name.
        label: String,
        /// Its status.
        status: String,
    },
    /// The application has no provisioning.
    #[error(
        "this application has no provisioning that Okta's API could set up. In the admin console set General → App \
         Settings → Provisioning to SCIM, then try again; if it stays so, go by docs/guides/scim/okta.md"
    )]
    NotProvisionable,
    /// The application gets its token otherwise.
    #[error(
        "this application provisions by OAuth 2.0, and a directory takes a token: use another application"
    )]
    OtherScheme,
    /// The connection was stored and is not on.
    #[error("Okta took the connection and did not enable it: its status is {0}")]
    NotEnabled(String),
}
