//! Why a letter was not sent, and why a mailer cannot be made.

use std::{io, path::PathBuf, time::Duration};

use lettre::transport::smtp;

/// A mailer that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The sender.
    #[error("the sender `{from}` is no e-mail address: write it as `elder@example.com`")]
    Sender {
        /// What was given.
        from: String,
        /// What is wrong with it.
        source: lettre::address::AddressError,
    },
    /// The certificates by which the server is to be trusted.
    #[error("the mail server's certificates, {}, cannot be read", file.display())]
    Certificates {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The settings of TLS.
    #[error("the line to the mail server cannot be encrypted")]
    Tls(#[from] smtp::Error),
}

/// A letter that was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It cannot be written down as a mail: an address that is none, a control character in a header.
    #[error("the mail cannot be written: {0}")]
    Malformed(String),
    /// The server does not want it, now or for good.
    #[error("the mail server did not take the mail: {0}")]
    Server(#[from] smtp::Error),
    /// The server does not answer, or not to the end.
    #[error("the mail server has not answered within {} s", .0.as_secs())]
    Silent(Duration),
    /// The folder.
    #[error("the mail cannot be written to {}: {source}", path.display())]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
}

impl SendError {
    /// Whether another try can only fail as well.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Malformed(_) => true,
            Self::Server(error) => error.is_permanent() && !concerns_the_account(error),
            Self::Silent(_) | Self::Folder { .. } => false,
        }
    }
}

/// RFC 4954 §6: codes that refuse the account with which Elder signs in, not the letter.
fn concerns_the_account(error: &smtp::Error) -> bool {
    error.status().is_some_and(|code| ["530", "534", "535", "538"].contains(&code.to_string().as_str()))
}
