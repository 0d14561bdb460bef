#![doc = include_str!("../README.md")]

mod api_key;
mod cursor;
mod ed25519;
mod jwt;
mod password;
mod person;
mod seal;
mod successor;
mod token;
mod webhook;

pub use api_key::{InvalidEnvironment, KeyEnvironment, PresentedKey};
pub use cursor::{Cursors, InvalidCursor};
pub use ed25519::{Ed25519Key, Ed25519Public, NoEd25519Key};
pub use jwt::{
    Algorithm, Expected, InvalidToken, KeyFault, KeyRing, NewSigningKey, SignError, StoredKey,
    UnknownAlgorithm,
};
pub use password::{
    Busy, ImportedHash, InvalidParams, PasswordHasher, PasswordParams, StolenPasswords, UnknownHash, Verdict,
};
pub use person::{PersonKey, PersonKeys};
pub use seal::{MasterKey, Sealer, Unsealable, WeakMasterKey};
pub use successor::Successors;
pub use token::{NotAToken, OpaqueToken, Parsed, TokenHash, TokenKind};
pub use webhook::{InvalidWebhookKey, WebhookKey};
