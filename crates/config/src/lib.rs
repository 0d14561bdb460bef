#![doc = include_str!("../README.md")]

mod error;
mod layers;
mod reference;
mod section;
mod setting;
mod value;

pub use error::ConfigError;
pub use reference::reference_toml;
pub use section::{
    Algorithm, Audit, Bootstrap, Data, Database, Dns, Encryption, Format, Geoip, Http, License, Log, Mail,
    Metrics, Outbound, Passwords, RateLimit, Redis, Secrets, Tokens, Traces, Webauthn,
};
pub use setting::{Setting, Worth};
pub use value::{AllowedHost, Network, PublicUrl, Seconds};

use serde::Deserialize;

/// Every setting of a process.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The HTTP server.
    pub http: Http,
    /// PostgreSQL.
    pub database: Database,
    /// Redis.
    pub redis: Redis,
    /// How many requests each caller may send.
    pub rate_limit: RateLimit,
    /// Files that Elder writes.
    pub data: Data,
    /// The key under which secrets are stored.
    pub secrets: Secrets,
    /// Access tokens, refresh tokens and API keys.
    pub tokens: Tokens,
    /// Passkeys and security keys.
    pub webauthn: Webauthn,
    /// Passwords: the cost of their hashes, and who knows stolen ones.
    pub passwords: Passwords,
    /// What the operator is licensed for.
    pub license: License,
    /// Logs.
    pub log: Log,
    /// Metrics.
    pub metrics: Metrics,
    /// Traces.
    pub traces: Traces,
    /// Look-ups that prove domains.
    pub dns: Dns,
    /// Where addresses are.
    pub geoip: Geoip,
    /// Mail.
    pub mail: Mail,
    /// Calls of URLs that tenants have configured.
    pub outbound: Outbound,
    /// The audit log.
    pub audit: Audit,
    /// The first owner of an empty platform.
    pub bootstrap: Bootstrap,
}

impl Settings {
    /// Where clients reach Elder, without a slash at the end: as set, or else the bound address.
    pub fn public_url(&self) -> String {
        self.http
            .public_url
            .as_ref()
            .map_or_else(|| format!("http://{}", self.http.bind), ToString::to_string)
    }

    /// Who signs the tokens: as set, or else the public URL.
    pub fn issuer(&self) -> String {
        self.tokens.issuer.as_ref().map_or_else(|| self.public_url(), ToString::to_string)
    }

    /// What no single field can tell.
    fn check(&self) -> Result<(), ConfigError> {
        self.database.check()?;
        self.secrets.check()?;
        self.tokens.check()?;
        self.rate_limit.check()?;
        self.mail.check()?;
        self.bootstrap.check()
    }
}

#[cfg(test)]
mod tests;
