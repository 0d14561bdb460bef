//! The activity of a directory: what was sent to it lately, and what became of it.
//!
//! A request waits for no row: each node keeps what it has seen for some seconds, and writes it down together.

pub(crate) mod routes;
mod service;

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use elder_kernel::{
    Directory, Id, ScimToken, TenantId,
    collection::{Collection, Field},
};

use crate::rules::Rules;

pub use elder_api_types::{DirectoryRequestId, directory_request::DirectoryRequest};
pub use routes::record;
pub use service::{forget_activity, keep_activity};

/// Most requests that wait to be written down. What comes beyond is left out.
const WAITING: usize = 50_000;

/// What a node has seen and not written down yet.
#[derive(Debug, Clone, Default)]
pub struct Activity(Arc<Mutex<Vec<Seen>>>);

/// One request.
#[derive(Debug)]
struct Seen {
    id: DirectoryRequestId,
    tenant: TenantId,
    directory: Id<Directory>,
    token: Id<ScimToken>,
    answered_at: DateTime<Utc>,
    method: String,
    path: String,
    resource: Option<String>,
    status: u16,
    code: Option<&'static str>,
    rules: Rules,
    milliseconds: u128,
}

impl Activity {
    fn add(&self, seen: Seen) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < WAITING {
            all.push(seen);
        }
    }

    fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The requests to a directory, as they are listed.
#[derive(Debug)]
pub(crate) enum DirectoryRequests {}

impl Collection for DirectoryRequests {
    const NAME: &'static str = "directory_requests";
    const FIELDS: &'static [Field] = &[
        Field::id::<elder_kernel::DirectoryRequest>("id").sortable(),
        Field::time("answered_at").sortable(),
        Field::id::<ScimToken>("token_id"),
        Field::text("method"),
        Field::text("path"),
        Field::text("resource_id"),
        Field::integer("status"),
        Field::text("code"),
        Field::integer("milliseconds"),
    ];
}
