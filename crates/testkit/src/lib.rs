//! Development only: a database of its own for each test, the whole application on it, and actors that call it.
//!
//! `ELDER_TEST_PG_DIR` names the socket directory of a PostgreSQL that may be used freely; `make test` starts one.

mod actor;
mod application;
mod catalogue;
mod database;
mod faulty_provider;
mod fixture;
mod mail_server;
mod mailbox;
mod node;
mod oidc_provider;
mod redis;
mod road;
mod saml_provider;
mod wire;

pub use actor::{Actor, Answer};
pub use application::{Options, PASSWORD, TestApp, TestTenant};
pub use catalogue::{Endpoint, catalogue};
pub use database::TestDatabase;
pub use faulty_provider::{CLIENT, Fault, FaultyProvider, SECRET, Signer};
pub use fixture::Fixture;
pub use mail_server::MailServer;
pub use mailbox::{mailed_token, mails, token_in};
pub use node::{Node, licensed, providers, quotas, targets};
pub use oidc_provider::{Browser, OidcProvider};
pub use redis::RedisServer;
pub use saml_provider::{PySaml2, SimpleSamlPhp};
pub use wire::{Heard, Said, Wire};
