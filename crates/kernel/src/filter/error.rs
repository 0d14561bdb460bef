//! Why a filter or a path is none, and where.

/// A filter that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at byte {position}")]
pub struct FilterError {
    /// The byte of the text at which reading stopped, counted from 0.
    pub position: usize,
    /// What was wrong there.
    pub kind: FilterErrorKind,
}

/// What was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FilterErrorKind {
    /// Something else stands where this was to be.
    #[error("expected {0}")]
    Expected(&'static str),
    /// A text that starts like JSON but isn't: an unknown escape, a lone surrogate, a control character. Or one that
    /// holds U+0000, which nothing stored does.
    #[error("the text is not a valid JSON string, or holds the character U+0000")]
    InvalidText,
    /// Brackets within brackets.
    #[error("a value filter may not hold another one")]
    NestedValueFilter,
    /// More bytes than the dialect allows.
    #[error("longer than {0} bytes")]
    TooLong(usize),
    /// More comparisons than the dialect allows.
    #[error("more than {0} comparisons")]
    TooManyTerms(usize),
    /// Deeper than the dialect allows.
    #[error("nested deeper than {0} levels")]
    TooDeep(usize),
}
