//! The credential that follows another: always the same one, so that an answer that got lost can be given again.

use std::sync::atomic::{AtomicU32, Ordering};

use aws_lc_rs::hmac;
use elder_kernel::{Random, RandomSource, Secret};

use crate::{MasterKey, OpaqueToken, Parsed, TokenHash};

/// Keeps this use of the master key apart from all others.
const LABEL: &[u8] = b"elder: the credential that follows another";

/// Makes successors under the master key. Who lacks it cannot tell one from chance, even with all that came before.
#[derive(Clone)]
pub struct Successors(hmac::Key);

/// HMAC-SHA-256 of a seed and a counter: as many bytes as are asked for (NIST SP 800-108 §4.1).
struct Stream {
    key: hmac::Key,
    seed: [u8; 32],
    block: AtomicU32,
}

impl Successors {
    /// Successors under `key`.
    pub fn new(key: &MasterKey) -> Self {
        let master = hmac::Key::new(hmac::HMAC_SHA256, key.bytes());
        Self(hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&master, LABEL).as_ref()))
    }

    /// The credential that follows `token`, for the same row.
    pub fn after(&self, token: &Parsed) -> (Secret<String>, TokenHash) {
        let seed = *token.secret_hash.as_bytes();
        let stream = Stream { key: self.0.clone(), seed, block: AtomicU32::new(0) };
        OpaqueToken::mint(token.kind, token.tenant, token.id, &Random::new(stream))
    }
}

impl RandomSource for Stream {
    fn fill(&self, buffer: &mut [u8]) {
        for part in buffer.chunks_mut(self.seed.len()) {
            let mut block = hmac::Context::with_key(&self.key);
            block.update(&self.block.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            block.update(&self.seed);
            part.iter_mut().zip(block.sign().as_ref()).for_each(|(to, from)| *to = *from);
        }
    }
}

#[cfg(test)]
mod tests {
    use elder_kernel::{SeededRandom, TenantId};
    use uuid::Uuid;

    use super::*;
    use crate::TokenKind;

    fn random(seed: u64) -> Random {
        Random::new(SeededRandom::new(seed))
    }

    fn token() -> Parsed {
        let (text, _) = OpaqueToken::mint(TokenKind::RefreshToken, TenantId(7), Uuid::nil(), &random(1));
        OpaqueToken::parse(text.expose()).unwrap()
    }

    #[test]
    fn a_credential_has_one_successor_under_one_key() {
        let key = MasterKey::generate(&random(2));
        let (text, hash) = Successors::new(&key).after(&token());
        let (again, _) = Successors::new(&key).after(&token());
        assert_eq!(text.expose(), again.expose());
        let next = OpaqueToken::parse(text.expose()).unwrap();
        assert_eq!(next, Parsed { secret_hash: hash, ..token() });
        let (after, _) = Successors::new(&key).after(&next);
        let (other, _) = Successors::new(&MasterKey::generate(&random(3))).after(&token());
        assert!(after.expose() != text.expose() && other.expose() != text.expose());
    }
}
