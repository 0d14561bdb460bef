//! The licence server: asked at the start and each hour, and told what is used.

mod service;

use elder_kernel::Secret;
use elder_outbound::http::{CallError, Outbound};

use crate::{license::Refusal, state};

pub use service::{ask, keep_alive};

/// Where the licence server is, and as whom this installation comes to it.
#[derive(Clone)]
pub struct Account {
    /// The URL that is asked.
    pub url: String,
    /// What names the licence there.
    pub key: Option<Secret<String>>,
    /// The way there.
    pub outbound: Outbound,
    /// The version that asks.
    pub version: &'static str,
}

/// Why the licence server has confirmed nothing.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It was not reached.
    #[error(transparent)]
    Call(#[from] CallError),
    /// It cannot answer now.
    #[error("the licence server answers {0}")]
    Status(u16),
    /// The request cannot be written: the URL is none.
    #[error("the licence server cannot be asked")]
    Request(#[from] http::Error),
    /// It does not confirm the licence.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What is kept of the licence.
    #[error(transparent)]
    State(#[from] state::Error),
}
