//! The mailer: one sender's address, and the way that letters take.

mod error;
mod folder;
mod letter;
mod smtp;

use std::path::PathBuf;

use lettre::message::Mailbox;

pub use error::{SendError, SetupError};
pub use letter::{Letter, is_address};
pub use smtp::{Encryption, SmtpServer};

use folder::Folder;
use smtp::Smtp;

/// Sends letters; cheap to clone.
#[derive(Debug, Clone)]
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

#[derive(Debug, Clone)]
enum Way {
    Smtp(Smtp),
    Folder(Folder),
}

impl Mailer {
    /// A mailer that hands letters to a server.
    ///
    /// # Errors
    /// [`SetupError`] for a sender or certificates that cannot be used.
    pub fn smtp(from: &str, server: &SmtpServer) -> Result<Self, SetupError> {
        Ok(Self { from: sender(from)?, way: Way::Smtp(Smtp::new(server)?) })
    }

    /// A mailer that writes letters as files into a folder, which it makes.
    ///
    /// # Errors
    /// [`SetupError`] for a sender that cannot be used.
    pub fn folder(from: &str, folder: impl Into<PathBuf>) -> Result<Self, SetupError> {
        Ok(Self { from: sender(from)?, way: Way::Folder(Folder::new(folder.into())) })
    }

    /// Sends a letter and gives its Message-ID.
    ///
    /// # Errors
    /// [`SendError`], which says whether to try again.
    pub async fn send(&self, letter: &Letter<'_>) -> Result<String, SendError> {
        let message_id = letter.message_id(&self.from);
        let message = letter.message(&self.from, &message_id)?;
        match &self.way {
            Way::Smtp(smtp) => smtp.send(message).await?,
            Way::Folder(folder) => folder.write(letter.id, &message.formatted()).await?,
        }
        Ok(message_id)
    }

    /// Looks whether letters could be sent now, and sends none.
    ///
    /// # Errors
    /// [`SendError`] that says why not.
    pub async fn look(&self) -> Result<(), SendError> {
        match &self.way {
            Way::Smtp(smtp) => smtp.look().await,
            Way::Folder(folder) => folder.make().await,
        }
    }
}

fn sender(from: &str) -> Result<Mailbox, SetupError> {
    from.parse().map_err(|source| SetupError::Sender { from: from.to_owned(), source })
}

#[cfg(test)]
mod tests;
