//! A letter, and how it becomes a mail.

use std::{str::FromStr as _, time::SystemTime};

use chrono::{DateTime, Utc};
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};

use super::SendError;

/// A letter to one person.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// What no other letter has: letters, digits and `_`.
    pub id: &'a str,
    /// The name that stands beside the sender's address.
    pub sender: &'a str,
    /// The address of the person.
    pub to: &'a str,
    /// The subject, one line.
    pub subject: &'a str,
    /// What it says, for programs that show no HTML.
    pub text: &'a str,
    /// What it says.
    pub html: &'a str,
    /// When it was written.
    pub written_at: DateTime<Utc>,
}

/// Whether mail can be sent to `text`: one address, without a name and without anything that could end a header.
pub fn is_address(text: &str) -> bool {
    address(text).is_some()
}

fn address(text: &str) -> Option<Address> {
    if text.contains(char::is_control) { None } else { Address::from_str(text).ok() }
}

impl Letter<'_> {
    /// The same for each try (RFC 5322 §3.6.4).
    pub(super) fn message_id(&self, from: &Mailbox) -> String {
        format!("<{}@{}>", self.id, from.email.domain())
    }

    /// # Errors
    /// [`SendError::Malformed`].
    pub(super) fn message(&self, from: &Mailbox, message_id: &str) -> Result<Message, SendError> {
        let malformed = |what: &str| SendError::Malformed(what.to_owned());
        let to = address(self.to).ok_or_else(|| malformed("the recipient is no e-mail address"))?;
        if self.subject.contains(char::is_control) {
            return Err(malformed("the subject holds a control character"));
        }
        if self.sender.contains(char::is_control) {
            return Err(malformed("the sender's name holds a control character"));
        }
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .message_id(Some(message_id.to_owned()))
            .date(SystemTime::from(self.written_at))
            .from(Mailbox::new(Some(self.sender.to_owned()), from.email.clone()))
            .to(Mailbox::new(None, to))
            .subject(self.subject)
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(self.text.to_owned(), self.html.to_owned()))
            .map_err(|error| SendError::Malformed(error.to_string()))
    }
}
