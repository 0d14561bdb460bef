//! Compares two schemas: what is sent may be narrowed no further, what is received may be widened no further.

use std::{cell::RefCell, collections::BTreeSet};

use serde_json::Value;

use super::compare::{members, words};

/// Who writes what the schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    /// The client: what it could send before, it can send now.
    Sent,
    /// The server: what the client could rely on before, it can rely on now.
    Received,
}

/// The named schemas of both documents.
pub(super) struct Schemas<'a> {
    old: &'a Value,
    new: &'a Value,
    /// Named schemas that were compared already: each is reported once, and a circle ends.
    seen: RefCell<BTreeSet<(String, String, Direction)>>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(old: &'a Value, new: &'a Value) -> Self {
        Self { old, new, seen: RefCell::default() }
    }

    /// Adds what `new` breaks of `old`.
    pub(super) fn compare(
        &self,
        place: &str,
        old: &Value,
        new: &Value,
        direction: Direction,
        breaks: &mut Vec<String>,
    ) {
        if let (Some(before), Some(now)) = (old["$ref"].as_str(), new["$ref"].as_str())
            && !self.seen.borrow_mut().insert((before.to_owned(), now.to_owned(), direction))
        {
            return;
        }
        let (old, new) = (resolved(self.old, old), resolved(self.new, new));
        kinds(place, old, new, direction, breaks);
        values(place, old, new, direction, breaks);
        self.fields(place, old, new, direction, breaks);
        let parts = ["items", "additionalProperties"];
        for part in parts.into_iter().filter(|part| old[*part].is_object() && new[*part].is_object()) {
            self.compare(&format!("{place}[]"), &old[part], &new[part], direction, breaks);
        }
        self.ways(place, old, new, direction, breaks);
    }

    fn fields(&self, place: &str, old: &Value, new: &Value, direction: Direction, breaks: &mut Vec<String>) {
        let (needed, needed_now) = (words(&old["required"]), words(&new["required"]));
        for (name, field) in members(&old["properties"]) {
            let at = format!("{place}.{name}");
            let Some(now) = new["properties"].get(name) else {
                breaks.push(format!("{at}: the field is gone"));
                continue;
            };
            if direction == Direction::Received && needed.contains(&**name) && !needed_now.contains(&**name) {
                breaks.push(format!("{at}: the field may be missing now"));
            }
            self.compare(&at, field, now, direction, breaks);
        }
        if direction == Direction::Sent {
            for name in needed_now.difference(&needed) {
                breaks.push(format!("{place}.{name}: the field is required now"));
            }
        }
    }

    /// The ways of `oneOf` and `anyOf`, and the parts of `allOf`, one by one as they stand.
    fn ways(&self, place: &str, old: &Value, new: &Value, direction: Direction, breaks: &mut Vec<String>) {
        for word in ["oneOf", "anyOf", "allOf"] {
            let (Some(before), Some(now)) = (old[word].as_array(), new[word].as_array()) else {
                if old[word].is_array() != new[word].is_array() {
                    breaks.push(format!("{place}: `{word}` stands on one side alone"));
                }
                continue;
            };
            let narrowed = now.len() < before.len() && direction == Direction::Sent;
            let widened = now.len() > before.len() && direction == Direction::Received;
            if narrowed || widened {
                breaks.push(format!("{place}: `{word}` has {} ways instead of {}", now.len(), before.len()));
            }
            for (before, now) in before.iter().zip(now) {
                self.compare(place, before, now, direction, breaks);
            }
        }
    }
}

/// The type and the format.
fn kinds(place: &str, old: &Value, new: &Value, direction: Direction, breaks: &mut Vec<String>) {
    let (before, now) = (words(&old["type"]), words(&new["type"]));
    let holds = match direction {
        // No type is every type.
        Direction::Sent => now.is_empty() || (!before.is_empty() && before.is_subset(&now)),
        Direction::Received => before.is_empty() || (!now.is_empty() && now.is_subset(&before)),
    };
    if !holds {
        breaks.push(format!("{place}: the type is {now:?} instead of {before:?}"));
    }
    if let Some(format) = old["format"].as_str()
        && new["format"].as_str().is_some_and(|now| now != format)
    {
        breaks.push(format!("{place}: the format is {} instead of \"{format}\"", new["format"]));
    }
}

/// What may stand there: the values of an enumeration, and bounds.
fn values(place: &str, old: &Value, new: &Value, direction: Direction, breaks: &mut Vec<String>) {
    if let Some(now) = new["enum"].as_array() {
        let gone = |value: &&Value| direction == Direction::Sent && !now.contains(value);
        for value in old["enum"].as_array().into_iter().flatten().filter(gone) {
            breaks.push(format!("{place}: the value {value} is not taken any more"));
        }
        if direction == Direction::Sent && old["enum"].is_null() {
            breaks.push(format!("{place}: only some values are taken now"));
        }
    }
    if direction == Direction::Received {
        return;
    }
    let bounds = [
        ("minimum", true),
        ("minLength", true),
        ("minItems", true),
        ("maximum", false),
        ("maxLength", false),
        ("maxItems", false),
    ];
    for (word, is_least) in bounds {
        let (before, now) = (old[word].as_f64(), new[word].as_f64());
        let narrowed = match (before, now) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(before), Some(now)) => (is_least && now > before) || (!is_least && now < before),
        };
        if narrowed {
            breaks.push(format!("{place}: `{word}` is {} instead of {}", new[word], old[word]));
        }
    }
}

/// The schema that a reference leads to.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let target = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    target.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema)
}
