#![doc = include_str!("../README.md")]

mod brand;
mod error;
pub mod global;
mod kind;
mod language;
pub mod mail;
mod routes;
pub mod template;

pub use error::Error;
pub use kind::{Content, MailKind};
pub use language::{InvalidLanguage, Language};
pub use mail::{Delivery, DeliveryError, MailId, NewMail, SendsMail, deliver, enqueue, forget_mails};
pub use routes::routes;
