//! How a connection to PostgreSQL is encrypted, whichever role it signs in as.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Verifies a server by the certificates that the system trusts; `sslmode` of the URL says whether TLS is used.
pub fn tls_connector() -> MakeRustlsConnect {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider);
    let config = match builder.with_safe_default_protocol_versions() {
        Ok(builder) => builder.with_root_certificates(roots).with_no_client_auth(),
        // The provider supports TLS 1.2 and 1.3, which is what this asks for.
        Err(_) => ClientConfig::builder().with_root_certificates(roots).with_no_client_auth(),
    };
    MakeRustlsConnect::new(config)
}
