//! What must not lie open in the database, sealed under the installation's key.

use elder_crypto::Unsealable;

use super::{PlatformTx, TenantTx};
use crate::authority::Authority;

impl<A: Authority> TenantTx<A> {
    /// Seals what must not lie open in the database; it opens at this `place` (`table/column/row`) of this tenant alone.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Vec<u8> {
        self.inner.keeper.sealer().seal(&self.place(place), plain)
    }

    /// Opens what was sealed at `place`.
    ///
    /// # Errors
    /// [`Unsealable`] if it was altered or moved, or sealed under another master key.
    pub fn unseal(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        self.inner.keeper.sealer().open(&self.place(place), sealed)
    }

    fn place(&self, place: &str) -> String {
        format!("{}/{place}", self.tenant)
    }
}

impl<A: Authority> PlatformTx<A> {
    /// Seals what belongs to no tenant and must not lie open; it opens at this `place` (`table/column/row`) alone.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Vec<u8> {
        self.inner.keeper.sealer().seal(place, plain)
    }

    /// Opens what was sealed at `place`.
    ///
    /// # Errors
    /// [`Unsealable`] if it was altered or moved, or sealed under another master key.
    pub fn unseal(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        self.inner.keeper.sealer().open(place, sealed)
    }
}
