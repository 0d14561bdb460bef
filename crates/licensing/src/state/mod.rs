//! The licence of the installation: what is kept of it in the database, and what this node believes of it.

mod error;
pub mod routes;
pub mod service;

use std::sync::{Arc, Mutex, PoisonError, atomic::AtomicBool};

use chrono::{DateTime, Utc};
use elder_access::Gatekeeper;
use elder_api_types::license::{Most, RefusedLicense};
use uuid::Uuid;

use crate::{
    license::{License, Place, PublicKey},
    standing::{Answer, Holdings, Standing},
};

pub use error::Error;

/// Whose licences hold here.
#[derive(Debug, Clone)]
pub struct Trust {
    /// The keys that sign licences.
    pub keys: Vec<PublicKey>,
    /// Whether this server can be reached from this machine alone.
    pub is_loopback: bool,
}

/// The licence, as this node knows it. Cheap to clone.
#[derive(Clone)]
pub struct Licensing(Arc<Inner>);

struct Inner {
    keeper: Gatekeeper,
    trust: Trust,
    /// The last document that was read, and what it is: a signature is verified once.
    verified: Mutex<Option<(String, Option<License>)>>,
    /// Whether the gate was told what is covered: only what follows is a change.
    has_begun: AtomicBool,
}

/// What the database holds.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    installation: Uuid,
    document: Option<String>,
    answer: Option<(Answer, DateTime<Utc>)>,
    refused: Option<RefusedLicense>,
    latest_at: DateTime<Utc>,
    applied: Applied,
}

/// The limits that transactions are held to, and until when: then those of the community tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Applied {
    max_tenants: Most,
    max_users: Most,
    max_entities: Most,
    ends_at: Option<DateTime<Utc>>,
}

impl Applied {
    fn of(standing: &Standing) -> Self {
        let covered = &standing.entitlements;
        Self {
            max_tenants: covered.limits.max_tenants,
            max_users: covered.limits.max_users,
            max_entities: covered.limits.max_entities,
            ends_at: covered.ends_at.filter(|_| standing.is_in_force()),
        }
    }
}

impl Licensing {
    /// Knows of no licence yet.
    pub fn new(keeper: &Gatekeeper, trust: Trust) -> Self {
        Self(Arc::new(Inner {
            keeper: keeper.clone(),
            trust,
            verified: Mutex::default(),
            has_begun: AtomicBool::default(),
        }))
    }

    /// The signed licence of a document, if it is one that holds by its signature.
    fn verified(&self, document: &str) -> Option<License> {
        let mut verified = self.0.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, license)) = verified.as_ref().filter(|(known, _)| known == document) {
            return license.clone();
        }
        let license = License::read(document, &self.0.trust.keys);
        if let Err(refusal) = &license {
            tracing::error!(%refusal, "the licence in the database is not used");
        }
        let license = license.ok();
        *verified = Some((document.to_owned(), license.clone()));
        license
    }

    /// How many tenants the licence allows now; -1 for any number.
    pub(crate) fn tenants_licensed(&self) -> i64 {
        self.0.keeper.entitlements().limits.max_tenants.number()
    }

    fn place(&self, installation: Uuid) -> Place {
        Place { installation, is_loopback: self.0.trust.is_loopback }
    }

    /// What is in force by what the database holds. A clock that was put back gives no day twice.
    fn standing(&self, row: &Row, now: DateTime<Utc>) -> Standing {
        let license = row.document.as_deref().and_then(|document| self.verified(document));
        let holdings = Holdings { license, answer: row.answer.clone() };
        holdings.standing(now.max(row.latest_at), self.place(row.installation))
    }
}
