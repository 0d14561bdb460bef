//! Where mails go: the mailer of the settings.

use std::path::PathBuf;

use elder_config::{Encryption, Mail, Settings};
use elder_outbound::mail::{self, Mailer, SetupError, SmtpServer};

/// The mailer that is configured.
///
/// # Errors
/// [`SetupError`] for a sender or certificates that cannot be used.
pub(crate) fn mailer(settings: &Settings) -> Result<Mailer, SetupError> {
    let Mail { host, port, encryption, ca_file, username, password, from, timeout_seconds, .. } =
        &settings.mail;
    let Some(host) = host else {
        return Mailer::folder(from, folder(settings));
    };
    let server = SmtpServer {
        host: host.clone(),
        port: port.unwrap_or(encryption.port()),
        encryption: match encryption {
            Encryption::StartTls => mail::Encryption::StartTls,
            Encryption::Implicit => mail::Encryption::Implicit,
            Encryption::None => mail::Encryption::None,
        },
        certificates: ca_file.clone(),
        account: username.clone().zip(password.clone()),
        timeout: timeout_seconds.duration(),
    };
    Mailer::smtp(from, &server)
}

/// Where that is, in words.
pub(crate) fn destination(settings: &Settings) -> String {
    match &settings.mail.host {
        Some(host) => format!("handed to {host}"),
        None => format!("written as files to {}", folder(settings).display()),
    }
}

fn folder(settings: &Settings) -> PathBuf {
    settings.mail.folder.clone().unwrap_or_else(|| settings.data.dir.join("mails"))
}
