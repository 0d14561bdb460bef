//! Whose personal data an event holds, and the keys under which it lies in the log.
//!
//! Each person has a key in each tenant's log. Where it is destroyed, what was sealed under it is gone from every place
//! that the sealed form has reached; the form itself stays, and with it the leaf of the event.

mod keys;
mod sealing;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use elder_crypto::{MasterKey, PersonKey, PersonKeys};
use elder_kernel::{Id, Random, TenantId, User};
use moka::sync::Cache;
use uuid::Uuid;

use crate::database::{DbError, Row};

pub(crate) use sealing::Sealed;

/// What stands where personal data of a person was who is erased.
pub const ERASED: &str = "[erased]";
/// What stands in a copy for somebody where personal data of others is.
pub const WITHHELD: &str = "[of somebody else]";
/// How a sealed value begins: then come the person and what is sealed.
pub(crate) const PREFIX: &str = "sealed:";
/// How long a key is remembered. So soon does every node forget one that was destroyed.
const BELIEVED: Duration = Duration::from_millis(900);
/// Most keys that a node remembers.
const MOST: u64 = 100_000;

/// Whose personal data something is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Person {
    /// Who has this account.
    Of(Id<User>),
    /// Whose account is being made in this transaction: no key of theirs can be there yet.
    New(Id<User>),
    /// Who reads this address, as it is compared, and has no account yet.
    At(String),
}

impl Person {
    /// Who reads an address and has no account.
    pub fn at(folded: impl Into<String>) -> Self {
        Self::At(folded.into())
    }
}

impl From<Id<User>> for Person {
    fn from(user: Id<User>) -> Self {
        Self::Of(user)
    }
}

/// What is known of somebody's key.
#[derive(Clone)]
pub(crate) enum Held {
    /// It is this.
    Key(Arc<PersonKey>),
    /// It was destroyed.
    Erased,
}

/// Keys by log and person.
pub(crate) type Keys = BTreeMap<(TenantId, Uuid), Held>;
/// Whose keys are wanted, in an order that everybody keeps, so that nobody waits for each other.
pub(crate) type Wanted = BTreeSet<(TenantId, Uuid)>;

/// The keys of persons, of which a node remembers some for a moment.
pub(crate) struct People {
    keys: PersonKeys,
    held: Cache<(TenantId, Uuid), Held>,
}

impl People {
    pub(crate) fn new(master: &MasterKey, random: Random) -> Self {
        let held = Cache::builder().max_capacity(MOST).time_to_live(BELIEVED).build();
        Self { keys: PersonKeys::new(master, random), held }
    }

    /// Under which number somebody's key is kept.
    pub(crate) fn number(&self, tenant: TenantId, person: &Person) -> Uuid {
        match person {
            Person::Of(user) | Person::New(user) => user.uuid(),
            Person::At(address) => self.keys.stand_in(tenant, address),
        }
    }

    /// Remembers a key that was read along with a credential, if there is one.
    pub(crate) fn read_along(&self, tenant: TenantId, row: &Row) -> Result<(), DbError> {
        let (Some(person), Some(sealed)) =
            (row.get::<Option<Uuid>>("user_id")?, row.get::<Option<&[u8]>>("person_key")?)
        else {
            return Ok(());
        };
        self.held.insert((tenant, person), self.opened(tenant, person, Some(sealed))?);
        Ok(())
    }

    /// Remembers keys of a transaction that is committed.
    pub(crate) fn remember(&self, keys: Keys) {
        for (whose, held) in keys {
            self.held.insert(whose, held);
        }
    }

    /// Forgets all that it remembers: somebody was erased here.
    pub(crate) fn forget(&self) {
        self.held.invalidate_all();
    }

    fn opened(&self, tenant: TenantId, person: Uuid, sealed: Option<&[u8]>) -> Result<Held, DbError> {
        let Some(sealed) = sealed else { return Ok(Held::Erased) };
        let key = self.keys.open(tenant, person, sealed).map_err(DbError::defect)?;
        Ok(Held::Key(Arc::new(key)))
    }
}

/// What a sealed value is bound to: moved to another event it does not open.
pub(crate) fn place(tenant: TenantId, person: Uuid, event: Uuid) -> String {
    format!("{tenant}/audit_logs/{event}/{person}")
}
