//! What a change did, field by field, for the audit log.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::people::Person;

/// What changed, field by field. Takes only what can be serialized, so never a `Secret`. What is personal goes in by
/// [`Self::personal`], which says whose it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    fields: Map<String, Value>,
    /// Whose the fields are that are personal.
    people: BTreeMap<String, Person>,
}

impl Changes {
    /// Records a field if it changed.
    #[must_use]
    pub fn field<T: Serialize + PartialEq>(mut self, name: &str, before: &T, after: &T) -> Self {
        if before != after {
            self.fields.insert(name.to_owned(), json!({ "before": before, "after": after }));
        }
        self
    }

    /// Records the first value of a field.
    #[must_use]
    pub fn new_field<T: Serialize>(mut self, name: &str, after: &T) -> Self {
        self.fields.insert(name.to_owned(), json!({ "before": null, "after": after }));
        self
    }

    /// Records a field if it changed that is personal data of `person`: the log has it sealed under their key.
    #[must_use]
    pub fn personal<T: Serialize + PartialEq>(
        mut self,
        person: &Person,
        name: &str,
        before: &T,
        after: &T,
    ) -> Self {
        if before != after {
            self.people.insert(name.to_owned(), person.clone());
        }
        self.field(name, before, after)
    }

    /// Records the first value of a field that is personal data of `person`.
    #[must_use]
    pub fn new_personal<T: Serialize>(mut self, person: &Person, name: &str, after: &T) -> Self {
        self.people.insert(name.to_owned(), person.clone());
        self.new_field(name, after)
    }

    /// Both together; of a field that is in both, what `other` says.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.fields.extend(other.fields);
        self.people.extend(other.people);
        self
    }

    /// The fields, with whose they are if they are somebody's.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&String, &Value, Option<&Person>)> {
        self.fields.iter().map(|(name, change)| (name, change, self.people.get(name)))
    }

    /// Whose personal data is among them.
    pub(crate) fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fields_that_changed_are_recorded() {
        let changes = Changes::default().field("name", &"a", &"b").field("size", &1, &1);
        assert_eq!(json!(changes.fields), json!({ "name": { "before": "a", "after": "b" } }));
        assert!(!changes.is_empty());
    }

    #[test]
    fn of_what_is_personal_it_is_known_whose_it_is() {
        let ada = Person::at("ada@example.com");
        let changes = Changes::default().personal(&ada, "email", &"a", &"b").personal(&ada, "name", &1, &1);
        let changes = changes.and(Changes::default().new_field("size", &1));
        let whose: Vec<_> = changes.fields().map(|(name, _, person)| (name.as_str(), person)).collect();
        assert_eq!(whose, [("email", Some(&ada)), ("size", None)]);
    }
}
