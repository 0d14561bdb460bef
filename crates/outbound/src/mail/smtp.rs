//! Letters to an SMTP server.

use std::{fs, path::PathBuf, time::Duration};

use elder_kernel::Secret;
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
    },
};

use super::{SendError, SetupError};

/// How the line to the server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// After a word in the clear (RFC 3207), else not a letter.
    StartTls,
    /// From the first byte (RFC 8314 §3.3).
    Implicit,
    /// Not at all.
    None,
}

/// A server, and how to speak to it.
#[derive(Debug, Clone)]
pub struct SmtpServer {
    /// Its name, which its certificate must have.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the line is encrypted.
    pub encryption: Encryption,
    /// The certificates by which it is trusted, as PEM; none for those that the system trusts.
    pub certificates: Option<PathBuf>,
    /// The account, and its password.
    pub account: Option<(String, Secret<String>)>,
    /// How long it may take for a letter, from the first word to the last.
    pub timeout: Duration,
}

/// The way to a server: a connection for each letter. A pool of lettre takes a connection back whose letter was cut off
/// in the middle, where the answer to that one would be taken for the answer to the next.
#[derive(Debug, Clone)]
pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    timeout: Duration,
}

impl Smtp {
    pub(super) fn new(server: &SmtpServer) -> Result<Self, SetupError> {
        let tls = match server.encryption {
            Encryption::StartTls => Tls::Required(parameters(server)?),
            Encryption::Implicit => Tls::Wrapper(parameters(server)?),
            Encryption::None => Tls::None,
        };
        // "Dangerous" is its default alone: here the kind of the line is always said.
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
            .port(server.port)
            .tls(tls)
            .timeout(Some(server.timeout));
        if let Some((name, password)) = &server.account {
            builder = builder.credentials(Credentials::new(name.clone(), password.expose().clone()));
        }
        Ok(Self { transport: builder.build(), timeout: server.timeout })
    }

    pub(super) async fn send(&self, message: Message) -> Result<(), SendError> {
        self.in_time(self.transport.send(message)).await.map(drop)
    }

    pub(super) async fn look(&self) -> Result<(), SendError> {
        self.in_time(self.transport.test_connection()).await.map(drop)
    }

    /// lettre bounds the time to connect alone: a server that then says nothing would be waited for without end.
    async fn in_time<T>(
        &self,
        talk: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
    ) -> Result<T, SendError> {
        match tokio::time::timeout(self.timeout, talk).await {
            Ok(said) => Ok(said?),
            Err(_) => Err(SendError::Silent(self.timeout)),
        }
    }
}

fn parameters(server: &SmtpServer) -> Result<TlsParameters, SetupError> {
    let mut builder = TlsParameters::builder(server.host.clone());
    if let Some(file) = &server.certificates {
        let pem = fs::read(file).map_err(|source| SetupError::Certificates { file: file.clone(), source })?;
        builder = builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(Certificate::from_pem(&pem)?);
    }
    Ok(builder.build_rustls()?)
}
