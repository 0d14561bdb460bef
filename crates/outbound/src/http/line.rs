//! A line to a server that speaks no HTTP, by the same rules: who may be called, and at which address.

use std::{net::SocketAddr, sync::Arc};

use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tokio_rustls::TlsConnector;
use url::Url;

use super::{CallError, Outbound, policy::Reach, resolver::open};

/// Both directions of a line.
pub trait Both: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Both for T {}

/// An open line.
pub type Line = Box<dyn Both>;

impl Outbound {
    /// Whether a line of this kind may be opened. Without TLS only hosts are called that the operator has named.
    ///
    /// # Errors
    /// [`CallError`] that says what is wrong.
    pub fn check_line(&self, host: &str, port: u16, tls: bool) -> Result<(), CallError> {
        self.inner.policy.judge(&address(host, port, tls)?).map(drop)
    }

    /// Opens a line; with TLS to who has a certificate for the host's name.
    ///
    /// # Errors
    /// [`CallError`] if the host may not be called, or does not answer in time.
    pub async fn open_line(&self, host: &str, port: u16, tls: bool) -> Result<Line, CallError> {
        let (reach, name) = self.inner.policy.judge(&address(host, port, tls)?)?;
        let deadline = Instant::now() + self.timeout;
        let opening = async {
            let stream = self.connect(host, port, reach, &name).await?;
            if !tls {
                return Ok(Box::new(stream) as Line);
            }
            let server = ServerName::try_from(host.to_owned()).map_err(|_| CallError::Url)?;
            let connector = TlsConnector::from(Arc::clone(&self.inner.tls));
            let fault = |source| CallError::Line { host: name.clone(), source };
            Ok(Box::new(connector.connect(server, stream).await.map_err(fault)?) as Line)
        };
        timeout_at(deadline, opening).await.unwrap_or_else(|_| Err(CallError::Slow(name.clone())))
    }

    /// Connects to an address that was checked, and looks nothing up a second time.
    async fn connect(&self, host: &str, port: u16, reach: Reach, name: &str) -> Result<TcpStream, CallError> {
        let unknown = |source| CallError::Name { host: name.to_owned(), source };
        let found = self.inner.resolver.addresses(host).await.map_err(unknown)?;
        let open = open(found, reach).map_err(|_| CallError::Address(name.to_owned()))?;
        let addresses: Vec<_> = open.into_iter().map(|address| SocketAddr::new(address, port)).collect();
        let fault = |source| CallError::Line { host: name.to_owned(), source };
        TcpStream::connect(addresses.as_slice()).await.map_err(fault)
    }
}

/// The policy judges URLs: https is TLS, and http is none.
fn address(host: &str, port: u16, tls: bool) -> Result<Url, CallError> {
    let scheme = if tls { "https" } else { "http" };
    let url = Url::parse(&format!("{scheme}://{host}:{port}/")).map_err(|_| CallError::Url)?;
    let is_bare = url.path() == "/" && url.host_str().is_some_and(|parsed| parsed.eq_ignore_ascii_case(host));
    if is_bare { Ok(url) } else { Err(CallError::Url) }
}

/// Who is trusted on a line: whom the system trusts, and these.
pub(super) fn trust(certificates: Option<&std::path::Path>) -> Result<Arc<ClientConfig>, super::SetupError> {
    use rustls::pki_types::{CertificateDer, pem::PemObject as _};

    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(file) = certificates {
        let unreadable = |source| super::SetupError::Unreadable { file: file.to_owned(), source };
        let pem = std::fs::read(file).map_err(unreadable)?;
        let parsed = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
        roots.add_parsable_certificates(parsed.map_err(|error| unreadable(std::io::Error::other(error)))?);
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(super::SetupError::Versions)?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}
