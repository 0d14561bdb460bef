//! Letters to an SMTP server.

use std::{fs, path::PathBuf, time::Duration};

use elder_kernel::Secret;
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    transport::smtp::{
        PoolConfig,
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
    },
};

use super::{SendError, SetupError};

/// Connections that are open at once.
const MOST_CONNECTIONS: u32 = 4;
/// How long a connection waits for another letter.
const IDLE: Duration = Duration::from_secs(30);

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
    /// How long it may take for each step.
    pub timeout: Duration,
}

/// Connections to a server.
#[derive(Debug, Clone)]
pub(super) struct Smtp(AsyncSmtpTransport<Tokio1Executor>);

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
            .timeout(Some(server.timeout))
            .pool_config(PoolConfig::new().max_size(MOST_CONNECTIONS).idle_timeout(IDLE));
        if let Some((name, password)) = &server.account {
            builder = builder.credentials(Credentials::new(name.clone(), password.expose().clone()));
        }
        Ok(Self(builder.build()))
    }

    pub(super) async fn send(&self, message: Message) -> Result<(), SendError> {
        self.0.send(message).await?;
        Ok(())
    }

    pub(super) async fn look(&self) -> Result<(), SendError> {
        self.0.test_connection().await?;
        Ok(())
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
