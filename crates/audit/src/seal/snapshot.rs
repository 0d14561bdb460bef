//! What a moment of the database has seen: PostgreSQL's `pg_snapshot` as a value that can be cut.

use std::{collections::BTreeSet, fmt, str::FromStr};

/// The transactions that one moment sees: those below `end` that were not running. Numbers are those of `xid8`, which
/// never come twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    end: u64,
    running: BTreeSet<u64>,
}

/// A text that is no snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no snapshot of PostgreSQL")]
pub(crate) struct NoSnapshot(String);

impl Snapshot {
    /// Below which number it may have seen a transaction.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// The transactions below that, which it has not seen.
    pub(crate) fn running(&self) -> impl Iterator<Item = u64> {
        self.running.iter().copied()
    }

    /// The same moment, but as if nothing had begun after `last`. Whoever has taken all that this moment sees up to `last`
    /// goes on from there.
    pub(crate) fn up_to(mut self, last: u64) -> Self {
        if last < self.end {
            self.end = last + 1;
            self.running.retain(|number| *number <= last);
        }
        self
    }
}

impl fmt::Display for Snapshot {
    /// As PostgreSQL writes it: `xmin:xmax:xip`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let begin = self.running.first().copied().unwrap_or(self.end);
        write!(f, "{begin}:{}:", self.end)?;
        for (place, number) in self.running.iter().enumerate() {
            write!(f, "{}{number}", if place == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl FromStr for Snapshot {
    type Err = NoSnapshot;

    fn from_str(text: &str) -> Result<Self, NoSnapshot> {
        let fault = || NoSnapshot(text.to_owned());
        let mut parts = text.splitn(3, ':');
        let (Some(_), Some(end), Some(running)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(fault());
        };
        let numbers = running.split(',').filter(|number| !number.is_empty());
        let running = numbers.map(str::parse).collect::<Result<_, _>>().map_err(|_| fault())?;
        Ok(Self { end: end.parse().map_err(|_| fault())?, running })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    impl Snapshot {
        fn sees(&self, number: u64) -> bool {
            number < self.end && !self.running.contains(&number)
        }
    }

    #[test]
    fn it_is_read_and_written_as_postgresql_has_it() {
        for text in ["10:20:10,14,15", "795:795:", "3:9:3"] {
            assert_eq!(text.parse::<Snapshot>().unwrap().to_string(), text);
        }
        for text in ["", "1:2", "1:x:", "1:2:3,x", "1:2:3:4"] {
            assert!(text.parse::<Snapshot>().is_err(), "{text}");
        }
    }

    /// When a transaction begins and ends, on a clock that ticks once for each of its steps.
    #[derive(Debug, Clone)]
    struct Life {
        begins: usize,
        ends: usize,
    }

    /// The snapshot at a moment, with numbers given in the order in which transactions begin.
    fn at(moment: usize, lives: &[Life]) -> Snapshot {
        let begun = lives.iter().enumerate().filter(|(_, life)| life.begins <= moment);
        let running: BTreeSet<u64> =
            begun.clone().filter(|(_, life)| life.ends > moment).map(|(number, _)| number as u64).collect();
        Snapshot { end: begun.count() as u64, running }
    }

    proptest! {
        /// whatever order transactions commit in, and however few are taken at once.
        #[test]
        fn a_07_each_transaction_is_taken_exactly_once(
            lengths in prop::collection::vec(1usize..40, 1..40),
            gaps in prop::collection::vec(1usize..12, 1..40),
            most in 1usize..6,
        ) {
            let lives: Vec<_> =
                lengths.iter().enumerate().map(|(place, length)| Life { begins: place * 2, ends: place * 2 + length }).collect();
            let mut seen = Snapshot { end: 0, running: BTreeSet::new() };
            let mut taken = Vec::new();
            let long_after = 200;
            let moments = gaps.iter().scan(0, |now, gap| { *now += gap; Some(*now) });
            for moment in moments.chain(std::iter::repeat_n(long_after, 60)) {
                let now = at(moment, &lives);
                let late = seen.running().filter(|number| now.sees(*number)).collect::<Vec<_>>();
                let new: Vec<_> = (seen.end()..lives.len() as u64).filter(|number| now.sees(*number)).take(most).collect();
                let is_full = new.len() == most;
                let last = new.last().copied();
                taken.extend(late);
                taken.extend(new);
                seen = match last {
                    Some(last) if is_full => now.up_to(last),
                    _ => now,
                };
            }
            taken.sort_unstable();
            prop_assert_eq!(taken, (0..lives.len() as u64).collect::<Vec<_>>());
        }
    }
}
