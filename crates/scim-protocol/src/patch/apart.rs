//! The list that is kept apart: what an operation says of it is told to the server, which has it as rows.
//!
//! So that one value more or less costs the same however long the list is, and no change of another client is lost.

use std::fmt;

use elder_kernel::filter::Filter;
use serde_json::{Map, Value};

use super::{Verb, change::Change, elements::seeded, target::AttributeTarget};
use crate::{
    error::{ScimError, ScimType},
    filter::keys_of,
    listed::{key_of, keyed},
};

/// How many operations of one PATCH may remove values by a condition: for each the server reads the whole list.
const MAX_CONDITIONS: usize = 10;

/// A change of a list that the server keeps apart from the document. Its values are objects that are known by `value`.
#[derive(Clone, PartialEq)]
pub enum ListChange {
    /// These are added, except for those that are there.
    Add(Vec<Map<String, Value>>),
    /// The values that have one of these keys go.
    Remove(Vec<String>),
    /// The values that fulfil the filter go; [`crate::filter::matches_listed`] tells which do.
    RemoveMatching(Filter),
    /// These are all from now on.
    Replace(Vec<Map<String, Value>>),
}

impl fmt::Debug for ListChange {
    /// Without the values: they may be names of persons.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Add(_) => "Add",
            Self::Remove(_) => "Remove",
            Self::RemoveMatching(_) => "RemoveMatching",
            Self::Replace(_) => "Replace",
        })
    }
}

/// Puts a change behind the others. Where values come or go one by one, those that follow each other are one change: a
/// thousand of them then cost the server as much as a list of a thousand.
pub(super) fn queue(changes: &mut Vec<ListChange>, next: ListChange) -> Result<(), ScimError> {
    match (changes.last_mut(), next) {
        (Some(ListChange::Add(all)), ListChange::Add(more)) => all.extend(more),
        (Some(ListChange::Remove(all)), ListChange::Remove(more)) => all.extend(more),
        (_, next) => changes.push(next),
    }
    let conditions = changes.iter().filter(|change| matches!(change, ListChange::RemoveMatching(_))).count();
    if conditions > MAX_CONDITIONS {
        let detail = format!("more than {MAX_CONDITIONS} operations remove values by a condition: name them");
        return Err(ScimError::new(ScimType::TooMany, detail));
    }
    Ok(())
}

/// What an operation changes in the list; `None` if nothing.
pub(super) fn change(change: Change<'_>, target: &AttributeTarget) -> Result<Option<ListChange>, ScimError> {
    let name = target.attribute.name;
    let fixed =
        || ScimError::mutability(format!("values of {name} are added and removed, and do not change"));
    if target.sub.is_some() {
        return Err(fixed());
    }
    Ok(match (change.verb, &target.filter) {
        (Verb::Remove, None) if change.value.is_none_or(Value::is_null) => {
            Some(ListChange::Replace(Vec::new()))
        }
        (Verb::Remove, None) => {
            let listed = change.given(target.attribute)?;
            let keys: Vec<_> = listed.iter().filter_map(key_of).map(str::to_owned).collect();
            (!keys.is_empty()).then_some(ListChange::Remove(keys))
        }
        (Verb::Remove, Some(filter)) => Some(match keys_of(filter) {
            Some(keys) => ListChange::Remove(keys),
            None => ListChange::RemoveMatching(filter.clone()),
        }),
        (Verb::Add, None) => added(change.given(target.attribute)?)?,
        (Verb::Replace, None) => Some(ListChange::Replace(keyed(change.given(target.attribute)?)?)),
        (Verb::Add | Verb::Replace, Some(filter)) => {
            let element = seeded(filter, target.attribute, change.options).ok_or_else(fixed)?;
            added(vec![element])?
        }
    })
}

fn added(elements: Vec<Map<String, Value>>) -> Result<Option<ListChange>, ScimError> {
    let elements = keyed(elements)?;
    Ok((!elements.is_empty()).then_some(ListChange::Add(elements)))
}
