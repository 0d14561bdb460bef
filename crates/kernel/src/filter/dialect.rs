//! What bounds a filter, and how strictly it is read.

/// The bounds of a filter: a caller's text is hostile until it is parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many comparisons it may hold.
    pub terms: usize,
    /// How deep parentheses and brackets may nest.
    pub depth: usize,
    /// How long the text may be.
    pub bytes: usize,
}

/// Whose filters are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// The bounds.
    pub limits: Limits,
    /// Whether forms outside of the grammar that identity providers send are understood: texts without
    /// quotes (`userName eq jyoung`) and `emails[type eq "work"].value eq "x"`, which is read as
    /// `emails[type eq "work" and value eq "x"]`.
    pub lenient: bool,
}

impl Dialect {
    /// Filters of the REST interface.
    pub const REST: Self = Self { limits: Limits { terms: 50, depth: 10, bytes: 4096 }, lenient: false };

    /// Filters and paths that SCIM clients send.
    pub const SCIM: Self = Self { limits: Limits { terms: 64, depth: 16, bytes: 4096 }, lenient: true };
}
