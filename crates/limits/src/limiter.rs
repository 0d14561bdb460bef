//! Decides by the buckets in Redis, and by the node's own where those are lost.

use std::sync::Arc;

use elder_kernel::{Clock, Secret};

use crate::{
    bucket::Bucket,
    fault::{InvalidUrl, Lost},
    memory::Memory,
    shared::{Link, Shared},
    verdict::Verdict,
};

/// Buckets that a node keeps: some 10 MB.
const MOST: usize = 100_000;

/// The limiter of a node. Cheap to clone.
#[derive(Clone)]
pub struct Limiter(Arc<Inner>);

struct Inner {
    clock: Clock,
    own: Memory,
    shared: Option<Shared>,
}

impl Limiter {
    /// A limiter that counts for this node, or with the URL of a Redis for all that name the same.
    ///
    /// # Errors
    /// [`InvalidUrl`].
    pub fn new(clock: Clock, redis: Option<&Secret<String>>) -> Result<Self, InvalidUrl> {
        let shared = redis.map(Shared::at).transpose()?;
        Ok(Self(Arc::new(Inner { clock, own: Memory::new(MOST), shared })))
    }

    /// Takes so many units of each bucket, or nothing of any.
    pub async fn take(&self, buckets: &[Bucket], units: u32) -> Verdict {
        let shared = match &self.0.shared {
            Some(shared) => shared.take(buckets, units).await.map(|(verdict, _)| verdict),
            None => None,
        };
        match shared {
            Some(refused) if !refused.is_allowed() => refused,
            // A Redis that was emptied, or evicts, must not give anybody more than the node alone would.
            Some(allowed) => {
                Some(self.own(buckets, units)).filter(|own| !own.is_allowed()).unwrap_or(allowed)
            }
            None => self.own(buckets, units),
        }
    }

    /// Whether nobody has taken the unit yet that `bucket` holds: here first, so that a flood asks Redis no more.
    pub async fn is_first(&self, bucket: Bucket) -> bool {
        if !self.own(&[bucket], 1).is_allowed() {
            return false;
        }
        match &self.0.shared {
            Some(shared) => shared.take(&[bucket], 1).await.is_none_or(|(verdict, _)| verdict.is_allowed()),
            None => true,
        }
    }

    /// Whether Redis keeps the buckets.
    pub fn link(&self) -> Link {
        self.0.shared.as_ref().map_or(Link::Alone, Shared::link)
    }

    /// Connects to Redis if one is named, and sees whether it can do what it is asked.
    ///
    /// # Errors
    /// [`Lost`] if it does not answer; [`Self::watch`] tries again.
    pub async fn look(&self) -> Result<(), Lost> {
        match &self.0.shared {
            Some(shared) => shared.look().await,
            None => Ok(()),
        }
    }

    /// Sees to it that Redis is used again once it answers; without end, if one is named.
    pub async fn watch(self) {
        if let Some(shared) = &self.0.shared {
            shared.watch().await;
        }
    }

    fn own(&self, buckets: &[Bucket], units: u32) -> Verdict {
        self.0.own.take(buckets, units, self.0.clock.now().timestamp_micros())
    }
}
