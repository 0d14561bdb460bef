#![doc = include_str!("../README.md")]

mod error;
pub mod global;
mod kind;
pub mod mail;
mod routes;
pub mod template;

pub use elder_api_types::{language::Language, mail::MailKind};
pub use error::Error;
pub use kind::Content;
pub use mail::{
    Delivery, DeliveryError, MailId, NewMail, SendsMail, deliver, enqueue, forget_mails, rehearse,
};
pub use routes::routes;
