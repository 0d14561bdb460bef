#![doc = include_str!("../README.md")]

pub mod alert;
pub mod archive;
pub mod checkpoint;
mod copies;
mod error;
pub mod event;
mod expiry;
pub mod export;
pub mod file;
pub mod global;
mod hex;
pub mod leaf;
pub mod legal_hold;
pub mod note;
mod places;
pub mod proof;
pub mod restored;
pub mod retention;
mod routes;
mod seal;
pub mod search;
pub mod stream;
mod tail;
pub mod tree;
pub mod verify;

pub use alert::{Watched, forget_firings, watch_alerts};
pub use copies::{Bucket, Copies, CopyError, Place, Syslog, Webhook};
pub use error::Error;
pub use expiry::{ExpiryError, expire};
pub use export::{forget_exports, write_export};
pub use file::{WriteError, Written};
pub use routes::routes;
pub use seal::{SealError, Signer, lag, log_name, origin_of, rotate_key, seal, signer};
pub use stream::{Delivered, SendError, Targets, Trip, WrongTarget, deliver_streams};
pub use tail::Tail;
