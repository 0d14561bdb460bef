#![doc = include_str!("../README.md")]

mod algorithm;
mod authorization;
mod callback;
mod client_key;
mod connection;
mod discovery;
mod error;
mod examine;
mod fetch;
mod github;
mod id_token;
mod json;
mod jws;
mod keys;
mod logout;
mod party;
mod preset;
mod sign_in;
mod token;

pub use algorithm::Algorithm;
pub use authorization::{Ask, Begun, Pending, Prompt};
pub use callback::Callback;
pub use client_key::ClientKey;
pub use connection::{ClientAuthentication, Connection};
pub use discovery::{Discovered, discover};
pub use error::{OidcError, Refusal, Step};
pub use examine::{Examined, Topic, examine};
pub use keys::Keys;
pub use logout::Logout;
pub use party::RelyingParty;
pub use preset::{ClaimNames, Preset};
pub use sign_in::{Identity, Refreshed};
pub use token::Tokens;
