//! How far a transaction has come, and what has to go out before its next statement.

use super::Opening;

const SET: &str = "SAVEPOINT operation";
const SET_ANOTHER: &str = "RELEASE SAVEPOINT operation; SAVEPOINT operation";
const RETURN: &str = "ROLLBACK TO SAVEPOINT operation";

/// How far a transaction has come.
#[derive(Debug, Default)]
pub(super) struct Progress {
    is_open: bool,
    savepoint: Savepoint,
}

/// The one savepoint that a transaction has at most.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Savepoint {
    #[default]
    None,
    /// To be told to PostgreSQL.
    Due(&'static str),
    Set,
}

impl Progress {
    /// What has to go out before the next statement, which then goes out too.
    pub(super) fn go_on(&mut self, opening: Opening) -> Option<String> {
        let begin = (!std::mem::replace(&mut self.is_open, true)).then(|| opening.sql());
        let Savepoint::Due(due) = self.savepoint else { return begin };
        self.savepoint = Savepoint::Set;
        Some(begin.map_or_else(|| due.to_owned(), |begin| format!("{begin}; {due}")))
    }

    /// Whether anything was sent.
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Whether something about the savepoint is still to be told to PostgreSQL.
    pub(super) fn owes_savepoint(&self) -> bool {
        matches!(self.savepoint, Savepoint::Due(_))
    }

    /// Whether what comes next may be undone alone.
    pub(super) fn has_savepoint(&self) -> bool {
        self.savepoint != Savepoint::None
    }

    /// Where nothing was sent since the last savepoint, that one is as good.
    pub(super) fn set_savepoint(&mut self) {
        match self.savepoint {
            Savepoint::None => self.savepoint = Savepoint::Due(SET),
            Savepoint::Set => self.savepoint = Savepoint::Due(SET_ANOTHER),
            Savepoint::Due(_) => {}
        }
    }

    /// The savepoint itself stays.
    pub(super) fn return_to_savepoint(&mut self) {
        if self.savepoint == Savepoint::Set {
            self.savepoint = Savepoint::Due(RETURN);
        }
    }
}

#[cfg(test)]
mod tests {
    use elder_kernel::TenantId;

    use super::*;

    const OPENING: Opening = Opening { tenant: Some(TenantId(7)), writes: true };

    #[test]
    fn a_transaction_begins_with_its_first_statement_alone() {
        let mut progress = Progress::default();
        assert!(!progress.is_open());
        assert_eq!(progress.go_on(OPENING), Some(OPENING.sql()));
        assert!(progress.is_open());
        assert_eq!(progress.go_on(OPENING), None);
    }

    #[test]
    fn a_savepoint_goes_out_with_the_statement_after_it() {
        let mut progress = Progress::default();
        progress.set_savepoint();
        assert!(progress.go_on(OPENING).unwrap().ends_with("; SAVEPOINT operation"));
        assert_eq!(progress.go_on(OPENING), None);
        progress.set_savepoint();
        assert_eq!(progress.go_on(OPENING).as_deref(), Some(SET_ANOTHER));
    }

    #[test]
    fn after_a_return_the_savepoint_is_there_for_the_next_operation() {
        let mut progress = Progress::default();
        progress.set_savepoint();
        progress.go_on(OPENING);
        progress.return_to_savepoint();
        progress.set_savepoint();
        assert_eq!(progress.go_on(OPENING).as_deref(), Some(RETURN));
        assert_eq!(progress.go_on(OPENING), None);
    }

    #[test]
    fn where_nothing_was_sent_there_is_nothing_to_return_from() {
        let mut progress = Progress::default();
        progress.set_savepoint();
        progress.return_to_savepoint();
        assert!(progress.go_on(OPENING).unwrap().ends_with("; SAVEPOINT operation"));
        progress.set_savepoint();
        progress.return_to_savepoint();
        assert_eq!(
            progress.go_on(OPENING).as_deref(),
            Some(SET_ANOTHER),
            "and what was done before it stays"
        );
    }
}
