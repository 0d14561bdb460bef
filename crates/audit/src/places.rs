//! Places of leaves, as PostgreSQL writes an `int8multirange`: by it records and events of the log agree.

use std::{fmt, ops::Range};

use sha2::{Digest as _, Sha256};

use crate::tree::Digest;

/// Places in their order, in runs as long as can be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Places(Vec<Range<u64>>);

impl Places {
    /// Adds a place behind all others.
    pub(crate) fn push(&mut self, seq: u64) {
        match self.0.last_mut() {
            Some(last) if last.end == seq => last.end += 1,
            _ => self.0.push(seq..seq + 1),
        }
    }

    /// The first of them.
    pub(crate) fn first(&self) -> u64 {
        self.0.first().map_or(0, |run| run.start)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.0.iter().map(|run| run.end - run.start).sum()
    }

    /// SHA-256 over what is written of them, in base64.
    pub(crate) fn hash(&self) -> String {
        Digest(Sha256::digest(self.to_string()).into()).to_string()
    }
}

impl fmt::Display for Places {
    /// `{[0,3),[5,6)}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let runs: Vec<_> = self.0.iter().map(|run| format!("[{},{})", run.start, run.end)).collect();
        write!(f, "{{{}}}", runs.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_written_in_runs_as_postgresql_has_them() {
        let mut places = Places::default();
        for seq in [0, 1, 2, 5, 9, 10] {
            places.push(seq);
        }
        assert_eq!(places.to_string(), "{[0,3),[5,6),[9,11)}");
        assert_eq!((places.first(), places.count()), (0, 6));
    }
}
