//! What a batch of events looks like for each kind of target, and when it counts as arrived.

mod file;
mod hec;
pub(crate) mod s3;
pub(crate) mod syslog;
mod webhook;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use elder_crypto::WebhookKey;
use elder_kernel::{Secret, TenantId};
use elder_outbound::http::{CallError, Outbound};
use http::{Request, Response};
use serde_json::{Map, Value};

use super::{AuditStreamId, AuditStreamTarget};

/// The ways to all targets. One for the process; cheap to clone.
#[derive(Clone)]
pub struct Targets {
    outbound: Outbound,
    folder: Option<Arc<PathBuf>>,
    told: Option<Arc<Told>>,
}

/// Who is told what became of each batch.
type Told = dyn Fn(&Trip) + Send + Sync;

/// What became of one batch on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trip {
    /// The kind of the target.
    pub kind: &'static str,
    /// How many events it was.
    pub events: usize,
    /// Whether it has arrived.
    pub has_arrived: bool,
    /// How long it took.
    pub took: Duration,
}

/// Events that are sent together.
pub(super) struct Batch<'a> {
    pub(super) tenant: TenantId,
    pub(super) stream: AuditStreamId,
    /// Which places of the log it stands for: from this one on, before that one.
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) events: &'a [Sent],
    pub(super) now: DateTime<Utc>,
}

/// An event and its place.
pub(super) struct Sent {
    pub(super) seq: u64,
    pub(super) event: Arc<Map<String, Value>>,
}

/// A target that a stream cannot have.
#[derive(Debug, thiserror::Error)]
pub enum WrongTarget {
    /// The address may not be called.
    #[error("The target cannot be called: {0}.")]
    Address(#[source] CallError),
    /// The kind needs a secret.
    #[error("A target of this kind needs a `secret`: {0}.")]
    NoSecret(&'static str),
    /// The kind has none.
    #[error("A target of this kind has no `secret`.")]
    NoUse,
    /// The operator has set no folder.
    #[error("This installation has no folder for streams (`audit.stream_folder`).")]
    NoFolder,
    /// A text that no request can carry.
    #[error("`{0}` has a character that cannot be sent, or is too long.")]
    Form(&'static str),
}

/// Why a batch has not arrived.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The way there.
    #[error("{0}")]
    Call(#[from] CallError),
    /// Somebody answers, who does not take it.
    #[error("the target answers {0}")]
    Refused(u16),
    /// The line broke off, or the file cannot be written.
    #[error("the line or the file has failed: {0}")]
    Line(#[from] std::io::Error),
    /// It takes too long.
    #[error("the target takes too long")]
    Slow,
    /// The target is one that the stream cannot have any more.
    #[error("{0}")]
    Target(#[from] WrongTarget),
    /// The key of the bucket signs nothing.
    #[error("the request cannot be signed: {0}")]
    Unsigned(#[from] object_store::Error),
    /// The request has not the form of one.
    #[error("the target or its secret has a wrong form")]
    Form(#[from] http::Error),
}

impl Targets {
    /// Targets that are reached this way, and files in this folder.
    pub fn new(outbound: Outbound, folder: Option<PathBuf>) -> Self {
        Self { outbound, folder: folder.map(Arc::new), told: None }
    }

    /// The same; whoever counts is told of every batch.
    pub fn telling(self, told: impl Fn(&Trip) + Send + Sync + 'static) -> Self {
        Self { told: Some(Arc::new(told)), ..self }
    }

    /// Whether a stream may lead there, with such a secret.
    pub(super) fn check(
        &self,
        target: &AuditStreamTarget,
        secret: Option<&Secret<String>>,
    ) -> Result<(), WrongTarget> {
        match target {
            AuditStreamTarget::Webhook { url } => self.check_webhook(url, secret),
            AuditStreamTarget::SplunkHec { url, index } => {
                self.outbound.check(url).map_err(WrongTarget::Address)?;
                short("url", url)?;
                let plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
                if index.as_ref().is_some_and(|index| index.len() > 120 || !index.chars().all(plain)) {
                    return Err(WrongTarget::Form("index"));
                }
                token(secret, "the token")
            }
            AuditStreamTarget::S3 { .. } | AuditStreamTarget::Gcs { .. } => {
                if let Some(bucket) = bucket(target) {
                    self.outbound.check(&bucket.url("test")?).map_err(WrongTarget::Address)?;
                }
                token(secret, "the secret access key")
            }
            AuditStreamTarget::Syslog { host, port, tls } => {
                self.outbound.check_line(host, *port, *tls).map_err(WrongTarget::Address)?;
                secret.map_or(Ok(()), |_| Err(WrongTarget::NoUse))
            }
            AuditStreamTarget::File {} => {
                self.folder.as_ref().ok_or(WrongTarget::NoFolder)?;
                secret.map_or(Ok(()), |_| Err(WrongTarget::NoUse))
            }
        }
    }

    /// Whether signed messages may be sent there.
    ///
    /// # Errors
    /// [`WrongTarget`].
    pub fn check_webhook(&self, url: &str, secret: Option<&Secret<String>>) -> Result<(), WrongTarget> {
        self.outbound.check(url).map_err(WrongTarget::Address)?;
        short("url", url)?;
        let is_key = secret.is_some_and(|secret| WebhookKey::parse(secret).is_ok());
        let form = "`whsec_` and the base64 of 24 to 64 bytes";
        is_key.then_some(()).ok_or(WrongTarget::NoSecret(form))
    }

    /// Sends a signed message of this id, as streams send theirs; it has arrived when this succeeds, and may have if not.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn post_webhook(
        &self,
        (url, secret): (&str, &Secret<String>),
        (id, now): (&str, DateTime<Utc>),
        body: &Value,
    ) -> Result<(), SendError> {
        self.check_webhook(url, Some(secret))?;
        self.post(webhook::signed(url, secret, (id, now), body)?).await
    }

    /// Sends a batch; it has arrived when this succeeds, and may have if not.
    pub(super) async fn send(
        &self,
        target: &AuditStreamTarget,
        secret: Option<&Secret<String>>,
        batch: &Batch<'_>,
    ) -> Result<(), SendError> {
        let began = Instant::now();
        let sent = self.carry(target, secret, batch).await;
        if let Some(told) = &self.told {
            let (events, has_arrived) = (batch.events.len(), sent.is_ok());
            told(&Trip { kind: target.kind(), events, has_arrived, took: began.elapsed() });
        }
        sent
    }

    async fn carry(
        &self,
        target: &AuditStreamTarget,
        secret: Option<&Secret<String>>,
        batch: &Batch<'_>,
    ) -> Result<(), SendError> {
        self.check(target, secret)?;
        match (target, secret) {
            (AuditStreamTarget::Webhook { url }, Some(secret)) => {
                self.post(webhook::request(url, secret, batch)?).await
            }
            (AuditStreamTarget::SplunkHec { url, index }, Some(token)) => {
                // Of nothing the collector would say that there is no data.
                match hec::request(url, token, index.as_deref(), batch)? {
                    Some(request) => self.post(request).await,
                    None => Ok(()),
                }
            }
            (AuditStreamTarget::S3 { .. } | AuditStreamTarget::Gcs { .. }, Some(secret)) => {
                let bucket = bucket(target).ok_or(WrongTarget::Form("target"))?;
                self.post(s3::request(bucket, secret, batch)?).await
            }
            (AuditStreamTarget::Syslog { host, port, tls }, None) => {
                syslog::send(&self.outbound, (host, *port, *tls), batch).await
            }
            (AuditStreamTarget::File {}, None) => {
                let folder = self.folder.as_ref().ok_or(WrongTarget::NoFolder)?;
                file::append(folder, batch).await
            }
            _ => Err(WrongTarget::NoUse.into()),
        }
    }

    /// Sends a request, which has arrived if the answer is one of success.
    async fn post(&self, request: Request<Vec<u8>>) -> Result<(), SendError> {
        let answer: Response<_> = self.outbound.call(request).await?;
        if answer.status().is_success() { Ok(()) } else { Err(SendError::Refused(answer.status().as_u16())) }
    }
}

/// How long is waited for more after all has arrived: an object of a bucket shall not be for every event.
pub(super) fn gathers(target: &AuditStreamTarget) -> TimeDelta {
    if bucket(target).is_some() { TimeDelta::minutes(1) } else { TimeDelta::zero() }
}

fn bucket(target: &AuditStreamTarget) -> Option<s3::Bucket<'_>> {
    match target {
        AuditStreamTarget::S3 { bucket, region, endpoint, prefix, access_key_id } => {
            let (endpoint, prefix) = (endpoint.as_deref(), prefix.as_deref());
            Some(s3::Bucket {
                name: bucket,
                region,
                endpoint,
                prefix,
                key_id: access_key_id,
                is_google: false,
            })
        }
        AuditStreamTarget::Gcs { bucket, endpoint, prefix, access_key_id } => {
            let endpoint = endpoint.as_deref().or(Some(s3::GOOGLE));
            let (name, prefix) = (bucket, prefix.as_deref());
            Some(s3::Bucket {
                name,
                region: "auto",
                endpoint,
                prefix,
                key_id: access_key_id,
                is_google: true,
            })
        }
        _ => None,
    }
}

/// Whether a secret is there that a header can carry.
fn token(secret: Option<&Secret<String>>, what: &'static str) -> Result<(), WrongTarget> {
    let secret = secret.ok_or(WrongTarget::NoSecret(what))?;
    short("secret", secret.expose())?;
    let is_graphic = secret.expose().bytes().all(|byte| byte.is_ascii_graphic());
    if is_graphic { Ok(()) } else { Err(WrongTarget::Form("secret")) }
}

fn short(name: &'static str, text: &str) -> Result<(), WrongTarget> {
    if (1..=2048).contains(&text.len()) { Ok(()) } else { Err(WrongTarget::Form(name)) }
}

/// An event as targets get it: as the API shows it, with its place in the log.
fn placed(sent: &Sent) -> Map<String, Value> {
    let mut event = (*sent.event).clone();
    event.insert("seq".to_owned(), sent.seq.into());
    event
}
