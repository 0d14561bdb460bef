//! What an event records.

use super::*;

#[test]
fn only_fields_that_changed_are_recorded() {
    let changes = Changes::default().field("name", &"a", &"b").field("size", &1, &1);
    assert_eq!(json!(changes.0), json!({ "name": { "before": "a", "after": "b" } }));
    assert!(!changes.is_empty());
}
