//! One file a section.

mod audit;
mod bootstrap;
mod data;
mod database;
mod dns;
mod geoip;
mod http;
mod license;
mod log;
mod mail;
mod metrics;
mod outbound;
mod passwords;
mod rate_limit;
mod redis;
mod secrets;
mod tokens;
mod webauthn;

pub use audit::Audit;
pub use bootstrap::Bootstrap;
pub use data::Data;
pub use database::Database;
pub use dns::Dns;
pub use geoip::Geoip;
pub use http::Http;
pub use license::License;
pub use log::{Format, Log};
pub use mail::{Encryption, Mail};
pub use metrics::Metrics;
pub use outbound::Outbound;
pub use passwords::Passwords;
pub use rate_limit::RateLimit;
pub use redis::Redis;
pub use secrets::Secrets;
pub use tokens::{Algorithm, Tokens};
pub use webauthn::Webauthn;
