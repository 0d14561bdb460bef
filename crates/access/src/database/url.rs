//! Database URLs: where they lead, and how the line there is encrypted, whichever role signs in.

use std::{path::PathBuf, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use tokio_postgres::Config;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Why a database URL cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UrlError {
    /// It is none.
    #[error(transparent)]
    Url(#[from] tokio_postgres::Error),
    /// `sslrootcert` names a file that cannot be read.
    #[error("the certificates of `sslrootcert`, {}, cannot be read: {source}", file.display())]
    Certificates {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: rustls::pki_types::pem::Error,
    },
    /// A certificate is none that could be trusted.
    #[error("`sslrootcert`, {}, holds what is no certificate: {source}", file.display())]
    Untrusted {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: rustls::Error,
    },
}

/// Reads a URL as libpq does, but for one rule: where there is TLS, the server's certificate and name are verified,
/// by the certificates in `sslrootcert` or else by those that the system trusts. So `require`, `verify-ca` and
/// `verify-full` are the same.
///
/// # Errors
/// [`UrlError`].
pub fn database_url(url: &str) -> Result<(Config, MakeRustlsConnect), UrlError> {
    let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
    let (mut kept, mut trusted) = (Vec::new(), None);
    for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
        match parameter.split_once('=') {
            Some(("sslrootcert", file)) => trusted = Some(PathBuf::from(file)),
            Some(("sslmode", "verify-ca" | "verify-full")) => kept.push("sslmode=require"),
            _ => kept.push(parameter),
        }
    }
    let config =
        if kept.is_empty() { address.parse() } else { format!("{address}?{}", kept.join("&")).parse() };
    let roots = match trusted {
        Some(file) => certificates(file)?,
        None => of_the_system(),
    };
    Ok((config?, connector(roots)))
}

fn certificates(file: PathBuf) -> Result<RootCertStore, UrlError> {
    let read = CertificateDer::pem_file_iter(&file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut roots = RootCertStore::empty();
    let found = match read {
        Ok(found) if found.is_empty() => Err(rustls::pki_types::pem::Error::NoItemsFound),
        read => read,
    };
    let found = match found {
        Ok(found) => found,
        Err(source) => return Err(UrlError::Certificates { file, source }),
    };
    for certificate in found {
        if let Err(source) = roots.add(certificate) {
            return Err(UrlError::Untrusted { file, source });
        }
    }
    Ok(roots)
}

fn of_the_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

fn connector(roots: RootCertStore) -> MakeRustlsConnect {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = match ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions() {
        Ok(builder) => builder.with_root_certificates(roots).with_no_client_auth(),
        // The provider supports TLS 1.2 and 1.3, which is what this asks for.
        Err(_) => ClientConfig::builder().with_root_certificates(roots).with_no_client_auth(),
    };
    MakeRustlsConnect::new(config)
}

#[cfg(test)]
mod tests {
    use tokio_postgres::config::SslMode;

    use super::*;

    #[test]
    fn tls_is_asked_for_by_any_mode_that_libpq_verifies_in() {
        for (parameters, mode) in [
            ("", SslMode::Prefer),
            ("?", SslMode::Prefer),
            ("?sslmode=disable", SslMode::Disable),
            ("?application_name=a&sslmode=require", SslMode::Require),
            ("?sslmode=verify-ca", SslMode::Require),
            ("?sslmode=verify-full&application_name=a", SslMode::Require),
        ] {
            let (config, _) = database_url(&format!("postgres://app@db/elder{parameters}")).unwrap();
            assert_eq!(config.get_ssl_mode(), mode, "{parameters}");
            assert_eq!(
                config.get_application_name().is_some(),
                parameters.contains("name=a"),
                "{parameters}"
            );
        }
    }

    #[test]
    fn certificates_that_cannot_be_read_are_refused_by_their_file() {
        let empty = tempfile::NamedTempFile::new().unwrap();
        for file in ["/nowhere/ca.pem", empty.path().to_str().unwrap()] {
            let refused = database_url(&format!("postgres://app@db/elder?sslrootcert={file}")).err().unwrap();
            assert!(refused.to_string().contains(file), "{refused}");
        }
        assert!(matches!(database_url("postgres://app@db/elder?sslmode=maybe"), Err(UrlError::Url(_))));
    }
}
