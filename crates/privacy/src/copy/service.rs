//! Puts together what is known of a person: one JSON document, in sealed pieces.

mod repository;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use elder_access::{Action, Category, DbError, TenantTx, Worker, work::Privacy};
use elder_api_types::{PrivacyRequestId, UserId, audit::AuditEvent, privacy::PrivacyRequest};
use elder_audit::event;
use elder_kernel::TenantId;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{
    PrivacyError, erasure,
    request::service::{doing, told},
};

/// How long a copy can be downloaded.
const KEPT: TimeDelta = TimeDelta::days(7);
/// Bytes of each piece, but for the last.
const CHUNK: usize = 1 << 20;

/// Makes the copy that an approved request asks for; false if there is none.
pub(crate) async fn make(
    worker: &Worker,
    tenant: TenantId,
    id: PrivacyRequestId,
) -> Result<bool, PrivacyError> {
    let tx = worker.job::<Privacy>().begin(tenant).await?;
    let Some(request) = doing::take_copy(&tx, id).await? else { return Ok(false) };
    let platform = worker.job::<Privacy>().platform().await?;
    let persons = erasure::service::known(&platform, tenant, request.user_id).await?.persons;
    drop(platform);
    let rest = Vec::new();
    let mut copy =
        Copy { tx: &tx, id, persons, rest, is_first: true, chunks: 0, size: 0, hash: Sha256::new() };
    copy.write(&request).await?;
    let (size, sha256) = copy.end().await?;
    doing::complete_copy(&tx, id, tx.seam().now() + KEPT, (size, sha256.clone())).await?;
    tx.commit(told(Action::PersonDisclosed, &request).with("sha256", sha256)).await?;
    Ok(true)
}

/// A copy that is being written.
struct Copy<'a> {
    tx: &'a TenantTx<Privacy>,
    id: PrivacyRequestId,
    /// Under which numbers keys of the person lie.
    persons: BTreeSet<Uuid>,
    /// What is not in a piece yet.
    rest: Vec<u8>,
    /// Whether the list that is being written has nothing yet.
    is_first: bool,
    chunks: i32,
    size: i64,
    hash: Sha256,
}

impl Copy<'_> {
    async fn write(&mut self, request: &PrivacyRequest) -> Result<(), DbError> {
        let user = request.user_id;
        let head = json!({ "request_id": self.id, "tenant_id": self.tx.tenant(), "user_id": user,
            "made_at": self.tx.seam().now() });
        self.rest.extend_from_slice(b"{\n\"about\": ");
        self.value(&head)?;
        for (name, rows) in repository::sections(self.tx, self.tx.tenant(), user).await? {
            self.rest.extend_from_slice(format!(",\n\"{name}\": ").as_bytes());
            self.value(&rows)?;
            self.keep_full().await?;
        }
        self.begin("events");
        let mut last = None;
        loop {
            let events = event::of_person(self.tx, user, &self.persons, last).await?;
            let Some(end) = events.last() else { break };
            last = Some((end.timestamp, end.id));
            self.add(&events).await?;
        }
        self.rest.extend_from_slice(b"\n]");
        self.named(user).await?;
        self.rest.extend_from_slice(b"\n}\n");
        self.keep_full().await
    }

    /// What others did in which the person is named. Calls of the API name nobody but in their path.
    async fn named(&mut self, user: UserId) -> Result<(), DbError> {
        self.begin("named_in");
        for category in Category::NAMES.iter().filter(|name| **name != Category::ApiAccess.name()) {
            let mut last = None;
            while let Some(looked) = event::naming(self.tx, user, &self.persons, category, last).await? {
                last = Some(looked.behind);
                self.add(&looked.events).await?;
            }
        }
        self.rest.extend_from_slice(b"\n]");
        Ok(())
    }

    /// Begins a list.
    fn begin(&mut self, name: &str) {
        self.rest.extend_from_slice(format!(",\n\"{name}\": [").as_bytes());
        self.is_first = true;
    }

    async fn add(&mut self, events: &[AuditEvent]) -> Result<(), DbError> {
        for event in events {
            let is_first = std::mem::replace(&mut self.is_first, false);
            self.rest.extend_from_slice(if is_first { b"\n" } else { b",\n" });
            self.value(&serde_json::to_value(event).map_err(DbError::defect)?)?;
        }
        self.keep_full().await
    }

    fn value(&mut self, value: &Value) -> Result<(), DbError> {
        serde_json::to_writer(&mut self.rest, value).map_err(DbError::defect)
    }

    /// Stores the pieces that are full.
    async fn keep_full(&mut self) -> Result<(), DbError> {
        while self.rest.len() >= CHUNK {
            let behind = self.rest.split_off(CHUNK);
            let piece = std::mem::replace(&mut self.rest, behind);
            self.keep(&piece).await?;
        }
        Ok(())
    }

    /// Stores the last piece, and tells how many bytes there are and their hash.
    async fn end(mut self) -> Result<(i64, String), DbError> {
        let last = std::mem::take(&mut self.rest);
        self.keep(&last).await?;
        let hash = self.hash.finalize();
        let digits = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let sha256 = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
        Ok((self.size, sha256))
    }

    async fn keep(&mut self, piece: &[u8]) -> Result<(), DbError> {
        doing::add_piece(self.tx, self.id, self.chunks, piece).await?;
        self.hash.update(piece);
        self.size += i64::try_from(piece.len()).unwrap_or(i64::MAX);
        self.chunks += 1;
        Ok(())
    }
}
