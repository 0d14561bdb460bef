//! The one way to call a URL that a tenant has configured: it reaches the public internet and nothing behind Elder.

mod address;
mod breaker;
mod error;
mod line;
mod policy;
mod resolver;
#[cfg(test)]
mod tests;

use std::{path::Path, sync::Arc, time::Duration};

use elder_kernel::Clock;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode,
    header::{AUTHORIZATION, CONTENT_ENCODING, COOKIE, LOCATION},
    request::Parts,
};
use reqwest::{Certificate, Client, redirect};
use rustls::ClientConfig;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument as _;
use url::Url;

use self::{
    breaker::Breaker,
    policy::{Policy, Reach},
    resolver::{Guarded, Resolver, System},
};
pub use self::{
    error::{CallError, SetupError},
    line::{Both, Line},
    policy::AllowedHost,
};

/// How long a call may take, from the first look-up to the last byte, redirects included.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest answer that is read.
const MOST_BYTES: usize = 1 << 20;
/// How many redirects are followed.
const MOST_REDIRECTS: u32 = 3;
/// Tells which trace a call belongs to (W3C Trace Context §3.2).
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Calls URLs that tenants have configured; cheap to clone. Whoever holds it can reach no private network but the hosts
/// that the operator has named.
#[derive(Clone)]
pub struct Outbound {
    inner: Arc<Inner>,
    timeout: Duration,
}

struct Inner {
    policy: Policy,
    public: Client,
    anywhere: Client,
    breaker: Breaker,
    resolver: Arc<dyn Resolver>,
    tls: Arc<ClientConfig>,
}

impl Outbound {
    /// A client that may call these hosts besides the public internet, and that trusts the certificates in this file
    /// (PEM) beside those that the system trusts.
    ///
    /// # Errors
    /// [`SetupError`] if the file or the system's certificates cannot be read.
    pub fn new(hosts: Vec<AllowedHost>, ca_file: Option<&Path>, clock: &Clock) -> Result<Self, SetupError> {
        let certificates = ca_file.map(certificates).transpose()?.unwrap_or_default();
        let tls = line::trust(ca_file)?;
        Self::with(Policy::new(hosts), &certificates, tls, clock, &(Arc::new(System) as _), TIMEOUT)
    }

    fn with(
        policy: Policy,
        certificates: &[Certificate],
        tls: Arc<ClientConfig>,
        clock: &Clock,
        resolver: &Arc<dyn Resolver>,
        timeout: Duration,
    ) -> Result<Self, SetupError> {
        let client = |reach| client(certificates, Guarded { resolver: Arc::clone(resolver), reach });
        let (public, anywhere) = (client(Reach::Public)?, client(Reach::Anywhere)?);
        let breaker = Breaker::new(clock.clone());
        Ok(Self {
            inner: Arc::new(Inner { policy, public, anywhere, breaker, resolver: Arc::clone(resolver), tls }),
            timeout,
        })
    }

    /// The same with less patience, for calls that somebody waits for.
    pub fn within(&self, timeout: Duration) -> Self {
        Self { inner: Arc::clone(&self.inner), timeout: timeout.min(self.timeout) }
    }

    /// Whether the URL has a form that may be called. Its name is looked up with each call anew.
    ///
    /// # Errors
    /// [`CallError`] that says what is wrong with it.
    pub fn check(&self, url: &str) -> Result<(), CallError> {
        let url = Url::parse(url).map_err(|_| CallError::Url)?;
        self.inner.policy.judge(&url).map(drop)
    }

    /// Sends a request and reads the whole answer, whatever its status. A look-up (`GET`, `HEAD`) follows redirects.
    ///
    /// # Errors
    /// [`CallError`] if the URL may not be called, or there is no whole answer in time.
    pub async fn call(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, CallError> {
        let mut url = Url::parse(&request.uri().to_string()).map_err(|_| CallError::Url)?;
        let deadline = Instant::now() + self.timeout;
        let (mut parts, body) = request.into_parts();
        let may_be_sent_on = [Method::GET, Method::HEAD].contains(&parts.method);
        for redirects in 0.. {
            let hop = Hop { url: &url, parts: &parts, body: &body };
            let (answer, host) = self.send(hop, deadline).await?;
            if !is_redirect(answer.status()) {
                return read(answer, host, deadline).await;
            }
            let next = target(&answer, &url).filter(|_| may_be_sent_on && redirects < MOST_REDIRECTS);
            let next = next.ok_or(CallError::Redirect(host))?;
            if next.origin() != url.origin() {
                parts.headers.remove(AUTHORIZATION);
                parts.headers.remove(COOKIE);
            }
            url = next;
        }
        Err(CallError::Url)
    }

    /// One request to one host, without its answer's body.
    async fn send(
        &self,
        Hop { url, parts, body }: Hop<'_>,
        deadline: Instant,
    ) -> Result<(reqwest::Response, String), CallError> {
        let (reach, host) = self.inner.policy.judge(url)?;
        if !self.inner.breaker.admits(url.authority()) {
            return Err(CallError::Paused(host));
        }
        let client = match reach {
            Reach::Public => &self.inner.public,
            Reach::Anywhere => &self.inner.anywhere,
        };
        let method = parts.method.as_str();
        let span = elder_telemetry::call_span(method, Some(method), &host, url.port_or_known_default());
        let request = client.request(parts.method.clone(), url.clone());
        let headers = traced(parts.headers.clone(), reach, elder_telemetry::traceparent(&span));
        let answer = request.headers(headers).body(body.to_owned()).send().instrument(span.clone());
        let answer = match timeout_at(deadline, answer).await {
            Ok(answer) => answer.map_err(|error| CallError::of_line(host.clone(), error)),
            Err(_) => Err(CallError::Slow(host.clone())),
        };
        let outcome = answer.as_ref().map(|answer| answer.status().as_u16()).map_err(CallError::code);
        elder_telemetry::called(&span, outcome);
        self.inner.breaker.record(url.authority(), answer.as_ref().is_err_and(CallError::is_outage));
        Ok((answer?, host))
    }
}

/// What goes to one host on the way of a call.
struct Hop<'a> {
    url: &'a Url,
    parts: &'a Parts,
    body: &'a [u8],
}

/// Headers that tell of the trace that a call belongs to. Only hosts that the operator has named are told: to others it is a
/// mark by which they could know one request of Elder from another.
fn traced(mut headers: HeaderMap, reach: Reach, traceparent: Option<String>) -> HeaderMap {
    if reach == Reach::Anywhere
        && let Some(value) = traceparent.and_then(|value| HeaderValue::try_from(value).ok())
    {
        headers.insert(TRACEPARENT, value);
    }
    headers
}

fn certificates(file: &Path) -> Result<Vec<Certificate>, SetupError> {
    let pem =
        std::fs::read(file).map_err(|source| SetupError::Unreadable { file: file.to_owned(), source })?;
    Ok(Certificate::from_pem_bundle(&pem)?)
}

/// A client that is told nothing by the environment, follows nothing by itself, and unpacks nothing.
fn client(certificates: &[Certificate], resolver: Guarded) -> Result<Client, SetupError> {
    Ok(Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .referer(false)
        .user_agent(concat!("elder/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(Arc::new(resolver))
        .tls_certs_merge(certificates.iter().cloned())
        .build()?)
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where a redirect leads, unless that is nowhere or from https to http.
fn target(answer: &reqwest::Response, from: &Url) -> Option<Url> {
    let next = from.join(answer.headers().get(LOCATION)?.to_str().ok()?).ok()?;
    (from.scheme() == next.scheme() || next.scheme() == "https").then_some(next)
}

/// Reads an answer as far as it may be long. What nobody asked to be compressed is not unpacked.
async fn read(
    mut answer: reqwest::Response,
    host: String,
    deadline: Instant,
) -> Result<Response<Vec<u8>>, CallError> {
    if answer.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(CallError::Compressed(host));
    }
    let mut whole = Response::new(Vec::new());
    *whole.status_mut() = answer.status();
    *whole.headers_mut() = std::mem::take(answer.headers_mut());
    loop {
        match timeout_at(deadline, answer.chunk()).await {
            Ok(Ok(Some(chunk))) if whole.body().len() + chunk.len() > MOST_BYTES => {
                return Err(CallError::TooLong(host));
            }
            Ok(Ok(Some(chunk))) => whole.body_mut().extend_from_slice(&chunk),
            Ok(Ok(None)) => return Ok(whole),
            Ok(Err(error)) => return Err(CallError::of_line(host, error)),
            Err(_) => return Err(CallError::Slow(host)),
        }
    }
}
