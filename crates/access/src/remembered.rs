//! What a node read for everybody, and believes for a moment before it asks the database again.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, Utc};

/// How long a node believes what it read.
const BELIEVED: Duration = Duration::from_millis(900);

/// The last value that was read, and when.
pub(crate) struct Remembered<T>(RwLock<Option<(DateTime<Utc>, Arc<T>)>>);

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self(RwLock::new(None))
    }
}

impl<T> Remembered<T> {
    /// The value, if it is still believed.
    pub(crate) fn get(&self, now: DateTime<Utc>) -> Option<Arc<T>> {
        let remembered = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (read_at, value) = remembered.as_ref()?;
        let age = (now - *read_at).to_std().ok()?;
        (age < BELIEVED).then(|| value.clone())
    }

    /// Remembers what was read after `now`.
    pub(crate) fn set(&self, now: DateTime<Utc>, value: T) -> Arc<T> {
        let value = Arc::new(value);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some((now, value.clone()));
        value
    }

    /// Asks the database again from now on.
    pub(crate) fn forget(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
