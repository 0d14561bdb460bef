//! References of one operation to what another creates: `bulkId:…` in place of an id (RFC 7644 §3.7.2).

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::{Entry, Method, Operation};
use crate::error::ScimError;

const MARK: &str = "bulkId:";

/// Which operations have created what, so far.
#[derive(Debug, Default)]
pub struct References(HashMap<String, State>);

#[derive(Debug)]
enum State {
    Waiting,
    Created(String),
    Failed,
}

impl References {
    /// None of the operations has been done yet.
    pub fn of(entries: &[Entry]) -> Self {
        let creates = |entry: &&Entry| entry.operation.as_ref().is_ok_and(|one| one.method == Method::Post);
        let names = entries.iter().filter(creates).filter_map(|entry| entry.bulk_id.clone());
        Self(names.map(|name| (name, State::Waiting)).collect())
    }

    /// Notes what an operation has created, or that it failed.
    pub fn settle(&mut self, name: &str, id: Option<String>) {
        self.0.insert(name.to_owned(), id.map_or(State::Failed, State::Created));
    }

    /// Whether nothing that the operation refers to is still to be created.
    pub fn are_settled_for(&self, operation: &Operation) -> bool {
        !operation.refers_to.iter().any(|name| self.is_waiting(name))
    }

    /// The operation with ids in place of its references.
    ///
    /// # Errors
    /// `invalidValue` if it refers to an operation that failed, or to none.
    pub fn resolve(&self, operation: &Operation) -> Result<Operation, ScimError> {
        let id = |name: &str| match self.0.get(name) {
            Some(State::Created(id)) => Ok(id.clone()),
            Some(State::Waiting | State::Failed) => {
                Err(ScimError::invalid_value("bulkId refers to an operation that has failed"))
            }
            None => Err(ScimError::invalid_value("bulkId refers to no operation")),
        };
        Ok(Operation {
            path: replaced(&operation.path, &id)?,
            data: replaced_in(&operation.data, &id)?,
            version: operation.version.clone(),
            method: operation.method,
            refers_to: BTreeSet::new(),
        })
    }

    /// The operation without what refers to resources that are still to be created: of several that refer to each
    /// other, one has to begin. What is left out is made up for once all are there.
    pub fn loosen(&self, operation: &Operation) -> Operation {
        let data = match &operation.data {
            Value::Object(members) => {
                let kept =
                    members.iter().filter_map(|(name, value)| Some((name.clone(), self.without(value)?)));
                Value::Object(kept.collect())
            }
            other => other.clone(),
        };
        Operation {
            method: operation.method,
            path: operation.path.clone(),
            version: operation.version.clone(),
            refers_to: named_in(&operation.path, &data),
            data,
        }
    }

    fn without(&self, value: &Value) -> Option<Value> {
        let refers = |value: &Value| {
            value.as_str().is_some_and(|text| named(text).iter().any(|name| self.is_waiting(name)))
        };
        match value {
            Value::String(_) if refers(value) => None,
            Value::Object(members) if members.values().any(refers) => None,
            Value::Object(members) => Some(Value::Object(
                members
                    .iter()
                    .filter_map(|(name, value)| Some((name.clone(), self.without(value)?)))
                    .collect(),
            )),
            Value::Array(items) => Some(items.iter().filter_map(|item| self.without(item)).collect()),
            simple => Some(simple.clone()),
        }
    }

    fn is_waiting(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(State::Waiting))
    }
}

/// The place of the first reference in a text: it stands at its beginning, behind a slash or behind a quotation mark.
fn find(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices(MARK).find_map(|(at, _)| {
        let (before, rest) = text.split_at_checked(at)?;
        let name = rest.strip_prefix(MARK)?;
        let end = name.find(['"', '/', ']']).unwrap_or(name.len());
        let (name, behind) = name.split_at_checked(end)?;
        (before.is_empty() || before.ends_with(['/', '"'])).then_some((before, name, behind))
    })
}

/// The names of the operations that a text refers to.
fn named(text: &str) -> BTreeSet<String> {
    let (mut names, mut rest) = (BTreeSet::new(), text);
    while let Some((_, name, behind)) = find(rest) {
        names.insert(name.to_owned());
        rest = behind;
    }
    names
}

/// The names of the operations that a path and a body refer to.
pub(super) fn named_in(path: &str, data: &Value) -> BTreeSet<String> {
    fn collect(value: &Value, names: &mut BTreeSet<String>) {
        match value {
            Value::String(text) => names.extend(named(text)),
            Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
            Value::Object(members) => members.values().for_each(|member| collect(member, names)),
            _ => {}
        }
    }
    let mut names = named(path);
    collect(data, &mut names);
    names
}

type Ids<'a> = dyn Fn(&str) -> Result<String, ScimError> + 'a;

fn replaced(text: &str, id: &Ids<'_>) -> Result<String, ScimError> {
    let (mut done, mut rest) = (String::new(), text);
    while let Some((before, name, behind)) = find(rest) {
        done.push_str(before);
        done.push_str(&id(name)?);
        rest = behind;
    }
    Ok(done + rest)
}

fn replaced_in(value: &Value, id: &Ids<'_>) -> Result<Value, ScimError> {
    Ok(match value {
        Value::String(text) => Value::String(replaced(text, id)?),
        Value::Array(items) => {
            items.iter().map(|item| replaced_in(item, id)).collect::<Result<Value, _>>()?
        }
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| Ok((name.clone(), replaced_in(value, id)?)));
            Value::Object(members.collect::<Result<_, ScimError>>()?)
        }
        simple => simple.clone(),
    })
}
