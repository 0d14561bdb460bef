//! One field of a collection: its name, its type, and what a caller may do with it.

use std::fmt;

use uuid::Uuid;

use crate::{Id, filter::Compare, ids};

/// A field of a resource.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The name in JSON.
    pub name: &'static str,
    /// The type, for filters and order.
    pub kind: Kind,
    /// Whether lists may be sorted by it.
    pub sorting: Sorting,
    /// Whether lists may be filtered by it.
    pub is_filterable: bool,
    /// Whether the resource shows it; what is not shown serves filters alone.
    pub is_shown: bool,
}

/// Whether lists may be sorted by a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sorting {
    /// They may not.
    Refused,
    /// They may: no resource lacks it.
    Offered,
    /// They may: what lacks it comes last, whichever way the order goes.
    OfferedWithGaps,
}

/// The type of a field.
#[derive(Clone, Copy)]
pub enum Kind {
    /// A text, compared as it is.
    Text,
    /// A text, compared by what [`crate::fold`] makes of it.
    Folded,
    /// One of these words.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// A moment (RFC 3339).
    Time,
    /// An id, with its prefix and what reads it.
    Id(&'static str, fn(&str) -> Option<Uuid>),
    /// An object or a list: shown, nothing else.
    Opaque,
}

impl Field {
    const fn of(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, sorting: Sorting::Refused, is_filterable: true, is_shown: true }
    }

    /// A text, compared as it is.
    pub const fn text(name: &'static str) -> Self {
        Self::of(name, Kind::Text)
    }

    /// A text, compared without regard to case.
    pub const fn folded(name: &'static str) -> Self {
        Self::of(name, Kind::Folded)
    }

    /// One of some words.
    pub const fn word(name: &'static str, words: &'static [&'static str]) -> Self {
        Self::of(name, Kind::Word(words))
    }

    /// `true` or `false`.
    pub const fn bool(name: &'static str) -> Self {
        Self::of(name, Kind::Bool)
    }

    /// A whole number.
    pub const fn integer(name: &'static str) -> Self {
        Self::of(name, Kind::Integer)
    }

    /// A moment.
    pub const fn time(name: &'static str) -> Self {
        Self::of(name, Kind::Time)
    }

    /// A moment that some resources lack, by which lists may be sorted all the same.
    pub const fn optional_time(name: &'static str) -> Self {
        Self { sorting: Sorting::OfferedWithGaps, ..Self::time(name) }
    }

    /// The id of a `K`.
    pub const fn id<K: ids::Kind>(name: &'static str) -> Self {
        Self::of(name, Kind::Id(K::PREFIX, |text| text.parse::<Id<K>>().ok().map(Id::uuid)))
    }

    /// An object, a list, or what else is only to be shown.
    pub const fn opaque(name: &'static str) -> Self {
        Self { is_filterable: false, ..Self::of(name, Kind::Opaque) }
    }

    /// Lists may be sorted by it; it must never be null ([`Self::optional_time`] may be).
    #[must_use]
    pub const fn sortable(self) -> Self {
        Self { sorting: Sorting::Offered, ..self }
    }

    /// Whether lists may be sorted by it.
    pub fn is_sortable(&self) -> bool {
        self.sorting != Sorting::Refused
    }

    /// Whether a resource may lack what lists are sorted by.
    pub fn has_gaps(&self) -> bool {
        self.sorting == Sorting::OfferedWithGaps
    }

    /// Lists may not be filtered by it.
    #[must_use]
    pub const fn unfiltered(self) -> Self {
        Self { is_filterable: false, ..self }
    }

    /// The resource does not show it: it is there for filters.
    #[must_use]
    pub const fn hidden(self) -> Self {
        Self { is_shown: false, ..self }
    }
}

impl Kind {
    /// The comparisons that make sense for the type.
    pub const fn comparisons(self) -> &'static [Compare] {
        use Compare::{
            Contains, EndsWith, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual, StartsWith,
        };
        match self {
            Self::Text | Self::Folded => {
                &[Equal, NotEqual, Contains, StartsWith, EndsWith, Greater, GreaterOrEqual, Less, LessOrEqual]
            }
            Self::Integer | Self::Time => &[Equal, NotEqual, Greater, GreaterOrEqual, Less, LessOrEqual],
            Self::Word(_) | Self::Bool | Self::Id(..) => &[Equal, NotEqual],
            Self::Opaque => &[],
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("a text"),
            Self::Folded => f.write_str("a text, in any case"),
            Self::Word(words) => write!(f, "one of \"{}\"", words.join("\", \"")),
            Self::Bool => f.write_str("true or false"),
            Self::Integer => f.write_str("a whole number"),
            Self::Time => f.write_str("a time such as \"2026-11-21T02:20:42Z\""),
            Self::Id(prefix, _) => write!(f, "an id such as \"{prefix}_…\""),
            Self::Opaque => f.write_str("an object"),
        }
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
