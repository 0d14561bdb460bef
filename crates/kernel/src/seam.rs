//! The one seam through which time, ids and randomness come, so that tests can hold them.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SubsecRound as _, Utc};
use uuid::Uuid;

use crate::{Id, Kind};

/// Where the time comes from.
pub trait TimeSource: Send + Sync {
    /// The present moment.
    fn now(&self) -> DateTime<Utc>;
}

/// Where random bytes come from.
pub trait RandomSource: Send + Sync {
    /// Fills the whole buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// A clock; cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<dyn TimeSource>);

/// A source of random bytes; cheap to clone.
#[derive(Clone)]
pub struct Random(Arc<dyn RandomSource>);

/// Clock and randomness together, and the ids that are made of both.
#[derive(Clone)]
pub struct Seam {
    /// The clock.
    pub clock: Clock,
    /// The randomness.
    pub random: Random,
}

struct SystemTime;

impl TimeSource for SystemTime {
    #[expect(clippy::disallowed_methods, reason = "this is the seam")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

struct SystemRandom;

impl RandomSource for SystemRandom {
    #[expect(
        clippy::expect_used,
        reason = "without the system's randomness no secret can be made: stop at once"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the operating system gives randomness");
    }
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Arc::new(SystemTime))
    }

    /// A clock of one's own, for tests.
    pub fn new(source: impl TimeSource + 'static) -> Self {
        Self(Arc::new(source))
    }

    /// The present moment in whole microseconds, which is what PostgreSQL keeps.
    pub fn now(&self) -> DateTime<Utc> {
        self.0.now().trunc_subsecs(6)
    }
}

impl Random {
    /// The operating system's generator.
    pub fn system() -> Self {
        Self(Arc::new(SystemRandom))
    }

    /// A source of one's own, for tests.
    pub fn new(source: impl RandomSource + 'static) -> Self {
        Self(Arc::new(source))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes);
        bytes
    }
}

impl Seam {
    /// The real clock and the real randomness.
    pub fn system() -> Self {
        Self { clock: Clock::system(), random: Random::system() }
    }

    /// The present moment.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A new id: `UUIDv7` (RFC 9562 §5.7), ordered by time of making.
    pub fn id<K: Kind>(&self) -> Id<K> {
        let millis = u64::try_from(self.now().timestamp_millis()).unwrap_or(0);
        Id::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &self.random.bytes()).into_uuid())
    }

    /// A random UUID (version 4), for what must not tell its time of making.
    pub fn uuid(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.random.bytes()).into_uuid()
    }
}

/// A clock that stands still until it is moved.
#[derive(Clone)]
pub struct ManualClock(Arc<Mutex<DateTime<Utc>>>);

impl ManualClock {
    /// Starts at `at`.
    pub fn new(at: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(at)))
    }

    /// Moves the clock forward, or back for a negative duration.
    pub fn advance(&self, by: chrono::Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now += by;
    }
}

impl TimeSource for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reproducible bytes (`SplitMix64`) for tests. Never for secrets.
pub struct SeededRandom(Mutex<u64>);

impl SeededRandom {
    /// Starts from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl RandomSource for SeededRandom {
    fn fill(&self, buffer: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in buffer.chunks_mut(8) {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = *state;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk
                .iter_mut()
                .zip((word ^ (word >> 31)).to_le_bytes())
                .for_each(|(byte, random)| *byte = random);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::User;

    #[test]
    fn ids_made_later_sort_later() {
        let clock = ManualClock::new(DateTime::UNIX_EPOCH);
        let seam = Seam { clock: Clock::new(clock.clone()), random: Random::new(SeededRandom::new(1)) };
        let first = seam.id::<User>();
        clock.advance(chrono::Duration::milliseconds(1));
        assert!(first < seam.id::<User>());
        assert_eq!(first.uuid().get_version_num(), 7);
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let bytes = |seed| Random::new(SeededRandom::new(seed)).bytes::<20>();
        assert_eq!(bytes(7), bytes(7));
        assert_ne!(bytes(7), bytes(8));
    }
}
