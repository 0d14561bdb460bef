//! What a collection says of its fields, and from that: what a list may be filtered, sorted and thinned by.
//!
//! A resource declares its [`Field`]s once, as a [`Collection`]. [`Selection::read`] checks a caller's `filter`,
//! `sort` and `fields` against them; the gate compiles what comes out to SQL, and [`Selection::pick`] applies it to
//! rows that lie in memory.

mod condition;
mod field;
mod order;
mod pick;
#[cfg(test)]
mod tests;

pub use condition::{Condition, Operand};
pub use field::{Field, Kind, Sorting};
pub use order::{Order, Sort};
pub use pick::Picked;

use std::borrow::Cow;

use serde::Serialize;

use crate::{
    Coded, ErrorCode, Limit,
    filter::{Compare, FilterError},
};

/// Longest `sort`: the keys of one order.
const MOST_KEYS: usize = 4;

/// A collection of the API.
pub trait Collection: 'static {
    /// The name in paths, permissions and cursors: `users`.
    const NAME: &'static str;
    /// The fields of its resources, all of them, in the order in which they are shown.
    const FIELDS: &'static [Field];
    /// By what a list is sorted if the caller says nothing: the name of a field, with `-` before it to go down.
    const DEFAULT_SORT: &'static str = "id";
    /// The field that no two resources share; it ends every order.
    const KEY: &'static str = "id";
}

/// What a caller asks of a list: the parameters that every list has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// How many resources a page has at most.
    pub limit: Limit,
    /// Where the page begins: `next_cursor` of the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// By which fields to sort, with commas between; `-` before a name goes down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// Which fields to show, with commas between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<String>,
    /// A filter in the grammar of SCIM (RFC 7644 §3.4.2.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Whether to count the resources of all pages.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub include_total: bool,
}

/// What a list is to have: checked against the declared fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// Which rows; none for all.
    pub condition: Option<Condition>,
    /// In which order; ends with the key.
    pub order: Sort,
    /// Behind which row: its values of the order's fields.
    pub after: Option<Vec<Operand>>,
    /// How many rows.
    pub limit: Limit,
    /// Whether to count all rows that fulfil the condition.
    pub include_total: bool,
    /// The fields to show; none for all.
    pub fields: Option<Vec<&'static str>>,
}

/// A list that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// The filter does not parse.
    #[error("The filter is not valid: {0}.")]
    Filter(#[from] FilterError),
    /// The filter asks for what the fields don't have.
    #[error("The filter is not valid: {what} at byte {position}.")]
    Condition {
        /// The byte at which the comparison starts.
        position: usize,
        /// What is wrong, and what would be right.
        what: String,
    },
    /// `sort` or `fields` name what cannot be.
    #[error("The query is not valid: {0}.")]
    Parameter(String),
}

impl Coded for SelectionError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Filter(_) | Self::Condition { .. } => ErrorCode::InvalidFilter,
            Self::Parameter(_) => ErrorCode::InvalidParameter,
        }
    }
}

impl Selection {
    /// Checks what a caller asks of the collection `C`.
    ///
    /// # Errors
    /// [`SelectionError`] for a field that `C` does not have, or that cannot be used so, and for a value of another
    /// type.
    pub fn read<C: Collection>(asked: &Asked) -> Result<Self, SelectionError> {
        let condition =
            asked.filter.as_deref().map(|filter| Condition::read(filter, C::FIELDS)).transpose()?;
        let sort = asked.sort.as_deref().unwrap_or(C::DEFAULT_SORT);
        Ok(Self {
            condition,
            order: Sort::read(sort, C::FIELDS, C::KEY)?,
            after: None,
            limit: asked.limit,
            include_total: asked.include_total,
            fields: asked.fields.as_deref().map(|fields| shown::<C>(fields)).transpose()?,
        })
    }

    /// All of the collection `C`, in pages as large as can be.
    pub fn all<C: Collection>() -> Self {
        let field = C::FIELDS.iter().find(|field| field.name == C::KEY);
        Self {
            condition: None,
            order: Sort::up(field),
            after: None,
            limit: Limit::LARGEST,
            include_total: false,
            fields: None,
        }
    }

    /// Continues behind a row; false if these are no values of the order's fields.
    #[must_use]
    pub fn continue_behind(&mut self, place: Vec<Operand>) -> bool {
        let fits = self.order.has_place(&place);
        self.after = fits.then_some(place);
        fits
    }

    /// Whether it is every row in the order of the key, uncounted.
    pub fn is_by_key(&self) -> bool {
        let upwards = matches!(self.order.keys(), [key] if !key.descends);
        upwards && self.condition.is_none() && !self.include_total
    }

    /// Whether it is the list that most callers ask for, whose statement is worth keeping prepared: one field to sort by,
    /// and no filter, or one that looks something up by an address or a name. There are few such statements, and the best
    /// plan of each is the same for every value.
    pub fn is_plain(&self) -> bool {
        let looks_up = match &self.condition {
            None => true,
            Some(Condition::Compare(field, Compare::Equal, Operand::Text(_))) => {
                matches!(field.kind, Kind::Folded)
            }
            Some(_) => false,
        };
        looks_up && self.order.keys().len() <= 2
    }
}

/// The names in `fields`, and the key, which always comes.
fn shown<C: Collection>(fields: &str) -> Result<Vec<&'static str>, SelectionError> {
    let named = |name: &str| {
        let field = C::FIELDS.iter().find(|field| field.is_shown && field.name == name.trim());
        let field = field.map(|field| field.name);
        field.ok_or_else(|| {
            let possible = names(C::FIELDS, |field| field.is_shown);
            SelectionError::Parameter(format!("`fields` has no `{}`; there are {possible}", name.trim()))
        })
    };
    let mut shown = fields.split(',').map(named).collect::<Result<Vec<_>, _>>()?;
    shown.push(C::KEY);
    Ok(shown)
}

/// The names of the fields that are `wanted`, for a person to read.
fn names(fields: &'static [Field], wanted: impl Fn(&Field) -> bool) -> Cow<'static, str> {
    let names: Vec<_> = fields.iter().filter(|field| wanted(field)).map(|field| field.name).collect();
    if names.is_empty() { Cow::Borrowed("none") } else { Cow::Owned(names.join(", ")) }
}
