//! Keys of persons: what is sealed under one is gone when its key is.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use elder_kernel::{Random, TenantId};
use uuid::Uuid;

use crate::{MasterKey, Sealer, Unsealable};

/// Keeps this use of the master key apart from all others.
const LABEL: &[u8] = b"elder: who an address stands for";

/// Makes keys of persons and opens them. They are kept sealed under the master key, and nowhere else.
#[derive(Clone)]
pub struct PersonKeys {
    sealer: Sealer,
    random: Random,
    names: hmac::Key,
}

/// The key of one person.
#[derive(Clone)]
pub struct PersonKey(Sealer);

impl PersonKeys {
    /// Keys that are kept under `master`.
    pub fn new(master: &MasterKey, random: Random) -> Self {
        let apart = hmac::Key::new(hmac::HMAC_SHA256, master.bytes());
        let names = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&apart, LABEL).as_ref());
        Self { sealer: Sealer::new(master, random.clone()), random, names }
    }

    /// Draws a key, and gives it as it is kept.
    pub fn make(&self, tenant: TenantId, person: Uuid) -> (PersonKey, Vec<u8>) {
        let key = MasterKey::generate(&self.random);
        let sealed = self.sealer.seal(&place(tenant, person), key.bytes());
        (PersonKey(Sealer::new(&key, self.random.clone())), sealed)
    }

    /// Opens a key as it was kept.
    ///
    /// # Errors
    /// [`Unsealable`] if it was altered or moved, or is kept under another master key.
    pub fn open(&self, tenant: TenantId, person: Uuid, sealed: &[u8]) -> Result<PersonKey, Unsealable> {
        let key = zeroize::Zeroizing::new(self.sealer.open(&place(tenant, person), sealed)?);
        let key = MasterKey::from_bytes(&key).map_err(|_| Unsealable)?;
        Ok(PersonKey(Sealer::new(&key, self.random.clone())))
    }

    /// Who stands for an address that no account has: always the same, and not to be told from chance without the
    /// master key.
    pub fn stand_in(&self, tenant: TenantId, address: &str) -> Uuid {
        let mut context = hmac::Context::with_key(&self.names);
        context.update(&tenant.0.to_be_bytes());
        context.update(address.as_bytes());
        let mut half = [0; 16];
        half.iter_mut().zip(context.sign().as_ref()).for_each(|(to, from)| *to = *from);
        Uuid::new_v8(half)
    }
}

impl PersonKey {
    /// Seals `plain` for the place `aad`, as text.
    pub fn seal(&self, aad: &str, plain: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.0.seal(aad, plain))
    }

    /// Opens what was sealed for the place `aad`.
    ///
    /// # Errors
    /// [`Unsealable`] for anything else.
    pub fn open(&self, aad: &str, sealed: &str) -> Result<Vec<u8>, Unsealable> {
        self.0.open(aad, &URL_SAFE_NO_PAD.decode(sealed).map_err(|_| Unsealable)?)
    }
}

fn place(tenant: TenantId, person: Uuid) -> String {
    format!("{tenant}/person_keys/sealed/{person}")
}

#[cfg(test)]
mod tests {
    use elder_kernel::SeededRandom;

    use super::*;

    const ADA: Uuid = Uuid::from_u128(1);
    const BEN: Uuid = Uuid::from_u128(2);
    const TENANT: TenantId = TenantId(7);

    fn keys(seed: u64) -> PersonKeys {
        let random = Random::new(SeededRandom::new(seed));
        PersonKeys::new(&MasterKey::generate(&random), random)
    }

    #[test]
    fn what_is_sealed_under_a_key_opens_under_it_alone_and_where_it_belongs() {
        let keys = keys(1);
        let (ada, kept) = keys.make(TENANT, ADA);
        let (ben, _) = keys.make(TENANT, BEN);
        let sealed = ada.seal("7/a", b"ada@example.com");
        let again = keys.open(TENANT, ADA, &kept).unwrap();
        assert_eq!(again.open("7/a", &sealed).unwrap(), b"ada@example.com");
        assert_eq!(again.open("7/b", &sealed), Err(Unsealable));
        assert_eq!(ben.open("7/a", &sealed), Err(Unsealable));
        assert_eq!(again.open("7/a", "no base64!"), Err(Unsealable));
    }

    #[test]
    fn a_key_that_was_put_in_the_place_of_anothers_does_not_open() {
        let (keys, others) = (keys(1), keys(2));
        let (_, kept) = keys.make(TENANT, ADA);
        assert!(keys.open(TENANT, BEN, &kept).is_err());
        assert!(keys.open(TenantId(8), ADA, &kept).is_err());
        assert!(others.open(TENANT, ADA, &kept).is_err());
    }

    #[test]
    fn an_address_has_one_stand_in_a_tenant() {
        let keys = keys(1);
        let own = keys.stand_in(TENANT, "ada@example.com");
        assert_eq!(keys.stand_in(TENANT, "ada@example.com"), own);
        assert_ne!(keys.stand_in(TENANT, "ben@example.com"), own);
        assert_ne!(keys.stand_in(TenantId(8), "ada@example.com"), own);
    }
}
