//! Compares two OpenAPI documents: what a client of the old one can rely on no more.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::schemas::{Direction, Schemas};

/// Methods of a path item (OpenAPI 3.1 §4.8.9).
const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

/// Every breaking change, in the order of the old document.
pub(super) fn documents(old: &Value, new: &Value) -> Vec<String> {
    let schemas = Schemas::new(old, new);
    let mut breaks = Vec::new();
    for (path, item) in members(&old["paths"]) {
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let place = format!("{} {path}", method.to_uppercase());
            match new["paths"].get(path).and_then(|item| item.get(method)) {
                None => breaks.push(format!("{place}: the operation is gone")),
                Some(now) => self::operation(&schemas, &place, operation, now, &mut breaks),
            }
        }
    }
    breaks
}

fn operation(schemas: &Schemas<'_>, place: &str, old: &Value, new: &Value, breaks: &mut Vec<String>) {
    parameters(schemas, place, old, new, breaks);
    request(schemas, place, &old["requestBody"], &new["requestBody"], breaks);
    for (status, answer) in members(&old["responses"]) {
        let Some(now) = new["responses"].get(status) else {
            // A refusal that is never given any more hurts nobody.
            if status.starts_with('2') {
                breaks.push(format!("{place}: the answer {status} is gone"));
            }
            continue;
        };
        for (media_type, content) in members(&answer["content"]) {
            let at = format!("{place} {status}");
            match now["content"].get(media_type) {
                None => breaks.push(format!("{at}: the media type {media_type} is gone")),
                Some(now) => {
                    schemas.compare(&at, &content["schema"], &now["schema"], Direction::Received, breaks);
                }
            }
        }
    }
    if let (Some(old), Some(new)) = (old["x-elder-permission"].as_str(), new["x-elder-permission"].as_str())
        && old != new
    {
        breaks.push(format!("{place}: needs the permission {new} instead of {old}"));
    }
}

fn parameters(schemas: &Schemas<'_>, place: &str, old: &Value, new: &Value, breaks: &mut Vec<String>) {
    let before: Vec<_> = named(&old["parameters"]).collect();
    let now: Vec<_> = named(&new["parameters"]).collect();
    let find = |among: &[(Key<'_>, &'_ Value)], key| among.iter().position(|(known, _)| *known == key);
    for (key, parameter) in &before {
        let at = format!("{place} {}", key.1);
        match find(&now, *key).and_then(|index| now.get(index)) {
            None => breaks.push(format!("{at}: the parameter is gone")),
            Some((_, now)) => {
                if now["required"] == true && parameter["required"] != true {
                    breaks.push(format!("{at}: the parameter is required now"));
                }
                schemas.compare(&at, &parameter["schema"], &now["schema"], Direction::Sent, breaks);
            }
        }
    }
    for (key, parameter) in &now {
        if parameter["required"] == true && find(&before, *key).is_none() {
            breaks.push(format!("{place} {}: a new parameter is required", key.1));
        }
    }
}

fn request(schemas: &Schemas<'_>, place: &str, old: &Value, new: &Value, breaks: &mut Vec<String>) {
    if new["required"] == true && old["required"] != true {
        breaks.push(format!("{place}: a body is required now"));
    }
    for (media_type, content) in members(&old["content"]) {
        match new["content"].get(media_type) {
            None => breaks.push(format!("{place}: a body of {media_type} is not taken any more")),
            Some(now) => {
                let at = format!("{place} body");
                schemas.compare(&at, &content["schema"], &now["schema"], Direction::Sent, breaks);
            }
        }
    }
}

/// Where a parameter stands, and its name.
type Key<'a> = (&'a str, &'a str);

fn named(parameters: &Value) -> impl Iterator<Item = (Key<'_>, &Value)> {
    parameters.as_array().into_iter().flatten().map(|parameter| {
        let word = |field: &str| parameter[field].as_str().unwrap_or_default();
        ((word("in"), word("name")), parameter)
    })
}

/// The members of an object; none of anything else.
pub(super) fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

/// The words of a list, or one word.
pub(super) fn words(value: &Value) -> BTreeSet<&str> {
    value.as_array().into_iter().flatten().chain([value]).filter_map(Value::as_str).collect()
}
