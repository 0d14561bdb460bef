//! Batches: many changes of one collection in one request and one transaction, by the rules of the single changes.

mod request;
mod run;

use elder_http::{Body, Problem};
use elder_kernel::{Id, Kind};

pub use request::Operations;

use crate::{
    TenantTx,
    authority::{Authority, Write},
    doors::Access,
    event::Event,
    permissions::Permission,
};

/// A resource that was made.
pub struct Made<K: Kind> {
    pub(super) id: Id<K>,
    pub(super) event: Event,
    pub(super) secret: Option<String>,
}

impl<K: Kind> Made<K> {
    /// A resource and the event of its creation.
    pub fn new(id: Id<K>, event: Event) -> Self {
        Self { id, event, secret: None }
    }

    /// With a secret that is shown this once.
    #[must_use]
    pub fn with_secret(self, secret: String) -> Self {
        Self { secret: Some(secret), ..self }
    }
}

/// A collection whose resources are made, changed and removed in batches too: by the services of the single calls.
///
/// Where it makes or changes none, [`Unoffered`] stands for the data.
pub trait BatchOf {
    /// The right to change one of them.
    type Right: Permission + Authority<Mode = Write>;
    /// What they are.
    type Kind: Kind;
    /// What makes one.
    type New: Body;
    /// What changes one.
    type Patch: Body;

    /// Does what a resource needs before the transaction is open, so that no connection waits for it.
    fn prepare(
        &self,
        _access: &Access<Self::Right>,
        _new: &mut Self::New,
    ) -> impl Future<Output = Result<(), Problem>> {
        async { Ok(()) }
    }

    /// Looks whether what the path names is there, before anything is done in it.
    fn enter(&self, _tx: &TenantTx<Self::Right>) -> impl Future<Output = Result<(), Problem>> {
        async { Ok(()) }
    }

    /// Makes one.
    fn create(
        &self,
        tx: &TenantTx<Self::Right>,
        new: Self::New,
    ) -> impl Future<Output = Result<Made<Self::Kind>, Problem>>;

    /// Makes several at once, or none of them; in their order. None where that saves nothing over one after the other.
    fn create_all(
        &self,
        _tx: &TenantTx<Self::Right>,
        _new: &[Self::New],
    ) -> impl Future<Output = Result<Option<Vec<Made<Self::Kind>>>, Problem>> {
        async { Ok(None) }
    }

    /// Changes one; no event if nothing changed.
    fn update(
        &self,
        tx: &TenantTx<Self::Right>,
        id: Id<Self::Kind>,
        patch: Self::Patch,
    ) -> impl Future<Output = Result<Option<Event>, Problem>>;

    /// Removes one; no event if it was gone before.
    fn delete(
        &self,
        tx: &TenantTx<Self::Right>,
        id: Id<Self::Kind>,
    ) -> impl Future<Output = Result<Option<Event>, Problem>>;
}
