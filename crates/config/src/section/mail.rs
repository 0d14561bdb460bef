//! Mail.

use std::net::IpAddr;
use std::path::PathBuf;

use elder_kernel::Secret;
use serde::Deserialize;

use crate::ConfigError;
use crate::setting::section;
use crate::value::Seconds;

/// How the line to the mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// A plain line becomes an encrypted one before anything is said (RFC 3207), or no mail is sent.
    StartTls,
    /// Encrypted from the first byte (RFC 8314 §3.3).
    Implicit,
    /// Not at all.
    None,
}

impl Encryption {
    /// The port that is usual for it.
    pub const fn port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Implicit => 465,
            Self::None => 25,
        }
    }
}

section! {
    /// Mail. Without `host`, mails are written as .eml files into `folder`, so that a trial needs no mail server.
    Mail = "mail" {
        /// The server that takes mails.
        host: Option<String> => "smtp.example.com";
        /// Its port. Without it: 587 for starttls, 465 for implicit, 25 for none.
        port: Option<u16> => 587;
        /// How the line is encrypted: starttls, implicit or none. The server's certificate is always verified.
        encryption: Encryption = "starttls";
        /// Whether `encryption` may be "none" for a server on another machine. Everybody on the way can then read the
        /// links by which people sign in.
        allow_plaintext: bool = false;
        /// The certificates by which the server is trusted, as PEM. Without it: those that the system trusts.
        ca_file: Option<PathBuf> => "/etc/elder/mail-ca.pem";
        /// The name with which Elder signs in to the server.
        username: Option<String> => "elder";
        /// The password that belongs to it.
        password: Option<Secret<String>> => "the password of that account";
        /// The address that mails are from. Beside it people see the name of their tenant.
        from: String = "elder@localhost";
        /// How long the server may take for a mail, from the first word to the last.
        timeout_seconds: Seconds = 30;
        /// Where the .eml files go. Without it: the folder "mails" of the data directory.
        folder: Option<PathBuf> => "/var/lib/elder/mails";
    }
}

impl Mail {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let needs = |key, problem: &str| Err(ConfigError::invalid(key, problem));
        match (&self.username, &self.password) {
            (Some(_), None) => return needs("mail.password", "`mail.username` needs it"),
            (None, Some(_)) => return needs("mail.username", "`mail.password` needs it"),
            _ => {}
        }
        let Some(host) = &self.host else {
            let given = [
                ("mail.port", self.port.is_some()),
                ("mail.ca_file", self.ca_file.is_some()),
                ("mail.username", self.username.is_some()),
            ];
            let useless = given.iter().find(|(_, is_given)| *is_given);
            return useless
                .map_or(Ok(()), |(key, _)| needs(key, "it is good for nothing without `mail.host`"));
        };
        if self.encryption == Encryption::None && !self.allow_plaintext && !is_this_machine(host) {
            return needs(
                "mail.encryption",
                "\"none\" is for a server on this machine alone, unless `mail.allow_plaintext` is true",
            );
        }
        Ok(())
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
