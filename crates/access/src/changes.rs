//! What a change did, field by field, for the audit log.

use serde::Serialize;
use serde_json::{Map, json};

/// What changed, field by field. Takes only what can be serialized, so never a `Secret`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes(Map<String, serde_json::Value>);

impl Changes {
    /// Records a field if it changed.
    #[must_use]
    pub fn field<T: Serialize + PartialEq>(mut self, name: &str, before: &T, after: &T) -> Self {
        if before != after {
            self.0.insert(name.to_owned(), json!({ "before": before, "after": after }));
        }
        self
    }

    /// Records the first value of a field.
    #[must_use]
    pub fn new_field<T: Serialize>(mut self, name: &str, after: &T) -> Self {
        self.0.insert(name.to_owned(), json!({ "before": null, "after": after }));
        self
    }

    /// Both together; of a field that is in both, what `other` says.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The fields, as the audit log has them.
    pub(crate) fn fields(&self) -> &Map<String, serde_json::Value> {
        &self.0
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fields_that_changed_are_recorded() {
        let changes = Changes::default().field("name", &"a", &"b").field("size", &1, &1);
        assert_eq!(json!(changes.0), json!({ "name": { "before": "a", "after": "b" } }));
        assert!(!changes.is_empty());
    }
}
