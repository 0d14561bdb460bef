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

/// What was made at once, each with its event.
pub type Made<K> = Vec<(Id<K>, Event)>;

/// A collection whose resources are made, changed and removed in batches too: by the services of the single calls.
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

    /// Makes one.
    fn create(
        &self,
        tx: &TenantTx<Self::Right>,
        new: Self::New,
    ) -> impl Future<Output = Result<(Id<Self::Kind>, Event), Problem>>;

    /// Makes several at once, or none of them; in their order. None where that saves nothing over one after the other.
    fn create_all(
        &self,
        _tx: &TenantTx<Self::Right>,
        _new: &[Self::New],
    ) -> impl Future<Output = Result<Option<Made<Self::Kind>>, Problem>> {
        async { Ok(None) }
    }

    /// Changes one; no event if nothing changed.
    fn update(
        &self,
        tx: &TenantTx<Self::Right>,
        id: Id<Self::Kind>,
        patch: Self::Patch,
    ) -> impl Future<Output = Result<Option<Event>, Problem>>;

    /// Removes one.
    fn delete(
        &self,
        tx: &TenantTx<Self::Right>,
        id: Id<Self::Kind>,
    ) -> impl Future<Output = Result<Event, Problem>>;
}
