//! Why a call was not made, or has no answer.

use std::{error::Error, io, path::PathBuf};

/// A client that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The certificates by which servers are to be trusted cannot be read.
    #[error("the certificates for outgoing calls, {}, cannot be read", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// What encrypts lines knows no version of TLS.
    #[error("lines cannot be encrypted")]
    Versions(#[source] rustls::Error),
    /// The certificates are none, or the system has none.
    #[error("outgoing calls cannot be encrypted")]
    Tls(#[from] reqwest::Error),
}

/// A call that was refused, or that failed. It tells the host and the step, never a path, a header or a body.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The URL is none, or has no host.
    #[error("this is no URL of a server")]
    Url,
    /// The URL has a name or a password in it.
    #[error("a URL with a name or password in it is not called")]
    Credentials,
    /// Something else than https.
    #[error("`{0}` is called by https alone")]
    Insecure(String),
    /// A port on which other services than web servers listen.
    #[error("`{0}` is not called at this port")]
    Port(String),
    /// None of the addresses belongs to the public internet.
    #[error("`{0}` is at an address of a private network, which is not called")]
    Address(String),
    /// The name has no address.
    #[error("`{host}` has no address")]
    Name {
        /// The host.
        host: String,
        /// What the resolver says.
        source: io::Error,
    },
    /// Nobody answers at the address.
    #[error("`{host}` does not answer")]
    Connect {
        /// The host.
        host: String,
        /// What is wrong.
        source: reqwest::Error,
    },
    /// A line cannot be opened, or breaks off.
    #[error("the line to `{host}` cannot be opened or has broken off")]
    Line {
        /// The host.
        host: String,
        /// What is wrong.
        source: io::Error,
    },
    /// The certificate is not for this host, has expired, or nobody who is trusted has signed it.
    #[error("the certificate of `{host}` is not valid")]
    Certificate {
        /// The host.
        host: String,
        /// What is wrong with it.
        source: reqwest::Error,
    },
    /// The answer is not there in time.
    #[error("`{0}` takes too long to answer")]
    Slow(String),
    /// The answer breaks off, or is no HTTP.
    #[error("the answer of `{host}` cannot be read")]
    Broken {
        /// The host.
        host: String,
        /// What is wrong.
        source: reqwest::Error,
    },
    /// The answer is longer than any that is wanted.
    #[error("the answer of `{0}` is too long")]
    TooLong(String),
    /// The answer is compressed, though nobody asked for that.
    #[error("the answer of `{0}` is compressed, which was not asked for")]
    Compressed(String),
    /// A redirect of something that is not a look-up, to plain http, to nowhere, or one too many.
    #[error("`{0}` sends the call elsewhere, which is not followed")]
    Redirect(String),
    /// The host has failed several times just now.
    #[error("`{0}` has failed several times just now and is not called for half a minute")]
    Paused(String),
}

impl CallError {
    /// A name of the reason that does not change.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Url => "url_invalid",
            Self::Credentials => "url_has_credentials",
            Self::Insecure(_) => "https_required",
            Self::Port(_) => "port_refused",
            Self::Address(_) => "address_refused",
            Self::Name { .. } => "name_not_resolved",
            Self::Connect { .. } | Self::Line { .. } => "connection_failed",
            Self::Certificate { .. } => "certificate_invalid",
            Self::Slow(_) => "timed_out",
            Self::Broken { .. } => "answer_broken",
            Self::TooLong(_) => "answer_too_long",
            Self::Compressed(_) => "answer_compressed",
            Self::Redirect(_) => "redirect_refused",
            Self::Paused(_) => "host_paused",
        }
    }

    /// Whether the URL itself is at fault, so that it is not worth keeping.
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Url | Self::Credentials | Self::Insecure(_) | Self::Port(_) | Self::Address(_))
    }

    /// Whether the host is down: the line, not what a path on it answers. Hosts are shared by tenants, and nobody shall
    /// close one for the others by a path that fails.
    pub(super) const fn is_outage(&self) -> bool {
        matches!(self, Self::Name { .. } | Self::Connect { .. } | Self::Certificate { .. } | Self::Slow(_))
    }

    /// What the line to this host has failed with.
    pub(super) fn of_line(host: String, error: reqwest::Error) -> Self {
        let source = error.without_url();
        if caused::<Closed>(&source) {
            Self::Address(host)
        } else if let Some(error) = resolver_says(&source) {
            Self::Name { host, source: error }
        } else if causes(&source).any(is_untrusted) {
            Self::Certificate { host, source }
        } else if source.is_connect() {
            Self::Connect { host, source }
        } else {
            Self::Broken { host, source }
        }
    }
}

/// A name none of whose addresses may be called.
#[derive(Debug, thiserror::Error)]
#[error("no address of the public internet")]
pub(super) struct Closed;

/// A name that has no address.
#[derive(Debug, thiserror::Error)]
#[error("no address: {message}")]
pub(super) struct Unresolved {
    pub(super) kind: io::ErrorKind,
    pub(super) message: String,
}

fn resolver_says(error: &reqwest::Error) -> Option<io::Error> {
    causes(error)
        .find_map(|cause| cause.downcast_ref::<Unresolved>())
        .map(|unresolved| io::Error::new(unresolved.kind, unresolved.message.clone()))
}

fn is_untrusted(cause: &(dyn Error + 'static)) -> bool {
    matches!(cause.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)))
}

fn caused<E: Error + 'static>(error: &reqwest::Error) -> bool {
    causes(error).any(<dyn Error>::is::<E>)
}

/// Every cause of an error. One of [`io`] hides the first of its own.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| match cause.downcast_ref::<io::Error>() {
        Some(error) => error.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => cause.source(),
    })
}
