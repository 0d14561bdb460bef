//! The OpenAPI document: every operation is described, named once, and true to what the server answers.

use std::collections::HashSet;

use serde_json::Value;

use super::support::endpoints;

fn document() -> Value {
    serde_json::to_value(elder_server::openapi()).unwrap()
}

#[test]
fn every_operation_has_a_summary_a_name_of_its_own_and_the_status_that_it_answers_with() {
    let document = document();
    let (mut names, mut faults) = (HashSet::new(), Vec::new());
    for (route, endpoint) in endpoints() {
        let operation = &document["paths"][&route.path][endpoint.method.to_lowercase()];
        let fault = |what: &str| format!("{} {}: {what}", route.method, route.path);
        if operation["summary"].as_str().is_none_or(str::is_empty) {
            faults.push(fault("no summary"));
        }
        let name = operation["operationId"].as_str().unwrap_or_default().to_owned();
        if name.is_empty() || !names.insert(name.clone()) {
            faults.push(fault(&format!("`{name}` is not its own operationId")));
        }
        if operation["responses"][endpoint.status.to_string()].is_null() {
            faults.push(fault(&format!("{} is not documented", endpoint.status)));
        }
        let documented = operation["responses"].as_object().unwrap().keys();
        let good: Vec<_> = documented.filter(|status| status.starts_with('2')).collect();
        if endpoint.status < 300 && good != [&endpoint.status.to_string()] {
            faults.push(fault(&format!("{good:?} is documented as success")));
        }
        let content = operation["requestBody"]["content"].as_object();
        let takes_json = content.is_some_and(|content| content.keys().any(|kind| kind.ends_with("json")));
        if takes_json != endpoint.body.is_some() {
            faults.push(fault("a body is documented or taken, and not both"));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 100);
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("a reference stays in the document");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn collect<'a>(value: &'a Value, references: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                references.push(reference);
            }
            fields.values().for_each(|field| collect(field, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}
