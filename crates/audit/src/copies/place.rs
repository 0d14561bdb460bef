//! How checkpoints are written down in each kind of place, and when they count as arrived.

use std::{fs::OpenOptions, io::Write as _, path::Path};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use http::{Method, Request, StatusCode, header};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Bucket, Copy, CopyError, Place, Syslog, Webhook};
use crate::{
    archive::S3,
    hex::hex,
    stream::{SendError, s3, syslog},
};

/// "Informational" (RFC 5424 §6.2.1).
const INFORMATIONAL: u8 = 6;

impl Place {
    /// Its kind, as metrics name it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Webhook(_) => "webhook",
            Self::Bucket(_) => "bucket",
            Self::Syslog(_) => "syslog",
        }
    }

    /// How many checkpoints it takes at once: into a bucket each goes by itself.
    pub(super) fn at_once(&self) -> usize {
        if matches!(self, Self::Bucket(_)) { 1 } else { usize::MAX }
    }

    /// Whether it can be reached and is what it should be, as far as that shows without sending anything.
    pub(super) async fn look(&self) -> Result<(), CopyError> {
        match self {
            Self::File(path) => {
                let opened = OpenOptions::new().append(true).create(true).open(path);
                opened.map(drop).map_err(|error| CopyError::File(path.clone(), error))
            }
            Self::Webhook(webhook) => Ok(webhook.outbound.check(&webhook.url)?),
            Self::Bucket(bucket) => bucket.ensure_lock().await,
            Self::Syslog(syslog) => syslog.send(&[]).await,
        }
    }

    /// Has it take these; they have arrived when this succeeds, and may have if not.
    pub(super) async fn take(&self, copies: &[Copy], now: DateTime<Utc>) -> Result<(), CopyError> {
        match self {
            Self::File(path) => append(path, copies),
            Self::Webhook(webhook) => webhook.call(copies).await,
            Self::Bucket(bucket) => {
                for copy in copies {
                    bucket.put(copy, now).await?;
                }
                Ok(())
            }
            Self::Syslog(syslog) => syslog.send(&messages(copies, now)).await,
        }
    }
}

/// A checkpoint as verification takes it.
fn line(copy: &Copy) -> String {
    json!({ "checkpoint": copy.note }).to_string() + "\n"
}

/// One line a checkpoint, on disk before it counts as sent.
fn append(path: &Path, copies: &[Copy]) -> Result<(), CopyError> {
    let lines: String = copies.iter().map(line).collect();
    let file = OpenOptions::new().append(true).create(true).open(path);
    let written = file.and_then(|mut file| {
        file.write_all(lines.as_bytes())?;
        file.sync_data()
    });
    written.map_err(|error| CopyError::File(path.to_owned(), error))
}

impl Webhook {
    /// One request for all.
    async fn call(&self, copies: &[Copy]) -> Result<(), CopyError> {
        let notes: Vec<_> = copies.iter().map(|copy| copy.note.as_str()).collect();
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(&self.url)
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.expose()));
        }
        let request = request.body(json!({ "checkpoints": notes }).to_string().into_bytes())?;
        let answer = self.outbound.call(request).await?;
        if answer.status().is_success() { Ok(()) } else { Err(CopyError::Refused(answer.status().as_u16())) }
    }
}

impl Bucket {
    /// Whether its settings name a bucket that may be called.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn check(&self) -> Result<(), SendError> {
        Ok(self.outbound.check(&self.s3().url("test")?)?)
    }

    fn s3(&self) -> s3::Bucket<'_> {
        let S3 { bucket, prefix, endpoint, region, access_key, .. } = &self.s3;
        s3::Bucket {
            name: bucket,
            region,
            endpoint: endpoint.as_deref(),
            prefix: Some(prefix),
            key_id: access_key,
            is_google: false,
        }
    }

    /// Refuses a bucket that does not lock (`GetObjectLockConfiguration`). Before every round: some services take the headers
    /// of a lock and lock nothing.
    pub(super) async fn ensure_lock(&self) -> Result<(), CopyError> {
        let asked = async {
            let bucket = s3::Bucket { prefix: None, ..self.s3() };
            let url = format!("{}?object-lock=", bucket.url("")?);
            let request = Request::builder().method(Method::GET).uri(url);
            Ok::<_, SendError>(
                self.outbound.call(s3::signed(bucket, &self.s3.secret_key, request, Vec::new())?).await?,
            )
        };
        let answer = asked.await.map_err(|error| self.fault(error))?;
        let says = String::from_utf8_lossy(answer.body());
        match answer.status() {
            StatusCode::OK if says.contains("<ObjectLockEnabled>Enabled<") => Ok(()),
            StatusCode::OK => Err(CopyError::NoLock(self.s3.bucket.clone())),
            _ if says.contains("ObjectLockConfigurationNotFoundError") => {
                Err(CopyError::NoLock(self.s3.bucket.clone()))
            }
            status => Err(self.fault(SendError::Refused(status.as_u16()))),
        }
    }

    /// An object of its own, which nobody can take back until its days are over, not even who owns the bucket. Its name has a
    /// part of its hash: of two checkpoints of one size both are there to be seen.
    async fn put(&self, copy: &Copy, now: DateTime<Utc>) -> Result<(), CopyError> {
        let hash = hex(&Sha256::digest(&copy.note));
        let name = format!("{}/{:020}-{}.ndjson", copy.tenant, copy.size, hash.get(..16).unwrap_or_default());
        let until =
            now.checked_add_signed(TimeDelta::days(self.days.into())).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let lock = [
            // A lock is taken of what has a checksum alone.
            ("x-amz-sdk-checksum-algorithm", "SHA256".to_owned()),
            ("x-amz-object-lock-mode", "COMPLIANCE".to_owned()),
            ("x-amz-object-lock-retain-until-date", until.to_rfc3339_opts(SecondsFormat::Secs, true)),
        ];
        let sent = async {
            let body = line(copy).into_bytes();
            let request = s3::put(self.s3(), &self.s3.secret_key, (&name, &lock), body)?;
            let answer = self.outbound.call(request).await?;
            let status = answer.status();
            if status.is_success() { Ok(()) } else { Err(SendError::Refused(status.as_u16())) }
        };
        sent.await.map_err(|error| self.fault(error))
    }

    fn fault(&self, error: SendError) -> CopyError {
        CopyError::Bucket(self.s3.bucket.clone(), error)
    }
}

fn messages(copies: &[Copy], now: DateTime<Utc>) -> Vec<u8> {
    let at = now.to_rfc3339_opts(SecondsFormat::Micros, true);
    let mut messages = Vec::new();
    for Copy { tenant, note, .. } in copies {
        let head =
            syslog::Head { severity: INFORMATIONAL, at: &at, tenant: *tenant, kind: "audit_log.checkpoint" };
        head.write(&mut messages, &json!({ "checkpoint": note }));
    }
    messages
}

impl Syslog {
    async fn send(&self, messages: &[u8]) -> Result<(), CopyError> {
        let Self { host, port, tls, outbound } = self;
        let sent = syslog::deliver(outbound, (host, *port, *tls), messages).await;
        sent.map_err(|error| CopyError::Syslog(format!("{host}:{port}"), error))
    }
}
