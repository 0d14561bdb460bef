//! The values of a multi-valued attribute: which of them are the same, and which is primary (RFC 7643 §2.4).

use std::collections::{BTreeSet, HashMap};

use elder_kernel::fold;
use serde_json::{Map, Value, json};

use crate::{error::ScimError, schema::Attribute};

/// A complex value.
pub(crate) type Object = Map<String, Value>;

/// A list of values, and those of them that the request at hand makes primary.
pub(crate) struct Values {
    pub(crate) attribute: &'static Attribute,
    pub(crate) elements: Vec<Object>,
    claims: BTreeSet<usize>,
}

impl Values {
    pub(crate) const fn new(attribute: &'static Attribute, elements: Vec<Object>) -> Self {
        Self { attribute, elements, claims: BTreeSet::new() }
    }

    /// Notes that the element is to be the primary one.
    pub(crate) fn claim(&mut self, index: usize) {
        self.claims.insert(index);
    }

    /// Adds elements, except for those that are there already: what these bring is merged into the ones that are.
    /// Keys keep it linear, however many a client sends.
    pub(crate) fn append(&mut self, new: Vec<Object>) {
        let mut places = HashMap::new();
        for (index, element) in self.elements.iter().enumerate() {
            for key in keys_of(self.attribute, element) {
                places.entry(key).or_insert(index);
            }
        }
        for element in new {
            let claims_primary = is_primary(&element);
            let found = places.get(&key_of(self.attribute, &element)).copied();
            let index = found.unwrap_or(self.elements.len());
            for key in keys_of(self.attribute, &element) {
                places.entry(key).or_insert(index);
            }
            match self.elements.get_mut(index) {
                Some(old) => merge(self.attribute, old, element),
                None => self.elements.push(element),
            }
            if claims_primary {
                self.claim(index);
            }
        }
    }

    /// Removes the elements that are listed.
    pub(crate) fn remove(&mut self, listed: &[Object]) {
        let attribute = self.attribute;
        let gone: BTreeSet<_> = listed.iter().map(|element| key_of(attribute, element)).collect();
        self.elements.retain(|element| !keys_of(attribute, element).any(|key| gone.contains(&key)));
    }

    /// The list as it is stored, `None` if it is empty. The one element that was made primary wins over those
    /// that were (RFC 7644 §3.5.2).
    ///
    /// # Errors
    /// `invalidValue` if two were made primary.
    pub(crate) fn finish(mut self) -> Result<Option<Value>, ScimError> {
        if self.claims.len() > 1 {
            let detail = format!("{} has more than one primary value", self.attribute.name);
            return Err(ScimError::invalid_value(detail));
        }
        if let Some(winner) = self.claims.first() {
            for (index, element) in self.elements.iter_mut().enumerate() {
                if index != *winner && is_primary(element) {
                    element.insert("primary".to_owned(), Value::Bool(false));
                }
            }
        }
        self.elements.retain(|element| !element.is_empty());
        Ok((!self.elements.is_empty()).then(|| self.elements.into_iter().map(Value::Object).collect()))
    }
}

/// What may not change stays, and so do `value` and `type`, which differ in case at most.
fn merge(attribute: &Attribute, old: &mut Object, new: Object) {
    for (name, value) in new {
        let is_fixed =
            name == "value" || name == "type" || attribute.sub(&name).is_some_and(|sub| !sub.may_change());
        if !(is_fixed && old.contains_key(&name)) {
            old.insert(name, value);
        }
    }
}

/// What an element is looked for by: `value` and, if it has one, `type`. Elements without a `value`, such as
/// addresses, are the same only if all of them is.
fn key_of(attribute: &Attribute, element: &Object) -> String {
    let (value, kind) = (part(attribute, element, "value"), part(attribute, element, "type"));
    match (value.is_null(), kind.is_null()) {
        (true, _) => json!(element).to_string(),
        (false, true) => json!([value]).to_string(),
        (false, false) => json!([value, kind]).to_string(),
    }
}

/// The keys that an element is found by: with its `type` and without.
fn keys_of(attribute: &Attribute, element: &Object) -> impl Iterator<Item = String> {
    let value = part(attribute, element, "value");
    let bare = (!value.is_null() && element.contains_key("type")).then(|| json!([value]).to_string());
    std::iter::once(key_of(attribute, element)).chain(bare)
}

fn part(attribute: &Attribute, element: &Object, name: &str) -> Value {
    match (element.get(name), attribute.sub(name)) {
        (Some(Value::String(text)), Some(sub)) if !sub.case_exact => Value::String(fold(text)),
        (value, _) => value.cloned().unwrap_or_default(),
    }
}

/// Whether an element says that it is the primary one.
pub(crate) fn is_primary(element: &Object) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::USER_TYPE;

    #[test]
    fn sec_4_thousands_of_values_are_matched_by_key() {
        let emails = USER_TYPE.core_attribute("emails").unwrap();
        let element = |index: usize| match json!({"value": "a@b.c", "type": index.to_string(), "primary": true})
        {
            Value::Object(element) => element,
            _ => unreachable!(),
        };
        let mut values = Values::new(emails, (0..10_000).map(element).collect());
        values.append((5_000..15_000).map(element).collect());
        assert_eq!(values.elements.len(), 15_000);
        values.remove(&(0..14_999).map(element).collect::<Vec<_>>());
        assert_eq!(values.elements, [element(14_999)]);
        assert!(values.finish().is_err());
    }
}
