//! The OpenAPI document: every operation is described, named once, and true to what the server answers.

use std::collections::HashSet;

use elder_kernel::ErrorCode;
use serde_json::Value;

use super::support::endpoints;

/// What may answer without a body where that is asked for, or would be long (RFC 7644 §3.5.2).
const ENDS_BRIEFLY: [(&str, &str); 2] =
    [("PATCH", "/scim/v2/Groups/{id}"), ("PATCH", "/scim/v2/{dir_id}/Groups/{id}")];

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
        let brief = ENDS_BRIEFLY.contains(&(route.method.as_str(), route.path.as_str()));
        let good: Vec<_> =
            // 206 is a part of what 200 is.
            documented.filter(|status| status.starts_with('2') && *status != "206" && !(brief && *status == "204")).collect();
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
fn every_operation_tells_its_gate_its_errors_and_an_example_of_every_body() {
    let document = document();
    let described: HashSet<_> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let (mut used, mut faults) = (HashSet::new(), Vec::new());
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let mut fault = |what: &str| faults.push(format!("{method} {path}: {what}"));
            for word in ["x-elder-gate", "x-elder-permission", "x-elder-rate-class"] {
                if operation[word].as_str().is_none_or(str::is_empty) {
                    fault(&format!("no {word}"));
                }
            }
            match operation["tags"].as_array().map(Vec::as_slice) {
                Some([tag]) if described.contains(tag.as_str().unwrap()) => {
                    used.insert(tag);
                }
                _ => fault("not one tag that crates/server/src/openapi/tags.rs describes"),
            }
            let guarded = !matches!(operation["x-elder-gate"].as_str(), Some("public" | "guest"));
            if guarded == operation["security"].is_null() {
                fault("its security is not that of its gate");
            }
            if lacks_example(&operation["requestBody"]) {
                fault("no example of its body");
            }
            for (status, answer) in operation["responses"].as_object().unwrap() {
                if status.starts_with('2') && lacks_example(answer) {
                    fault(&format!("no example of {status}"));
                }
                if status.starts_with(['4', '5']) && !tells_codes(status, answer) {
                    fault(&format!("name the codes of {status} in back quotes in its description"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert_eq!(used.len(), described.len(), "a tag is described and not used");
}

/// Whether some JSON of a body has no example.
fn lacks_example(body: &Value) -> bool {
    let contents = body["content"].as_object().into_iter().flatten();
    contents
        .filter(|(media_type, content)| media_type.ends_with("json") && content["schema"].is_object())
        .any(|(_, content)| content["example"].is_null() && content["examples"].is_null())
}

/// Whether an error answer lists codes of its status. A page or a report has none.
fn tells_codes(status: &str, answer: &Value) -> bool {
    let is_page =
        answer["content"].as_object().is_some_and(|content| content.keys().all(|kind| !is_problem(kind)));
    let codes: Vec<_> = answer["x-elder-error-codes"].as_array().into_iter().flatten().collect();
    let known = |code: &&Value| {
        let code = code.as_str().and_then(ErrorCode::named);
        code.is_some_and(|code| code.status().to_string() == status)
    };
    is_page || (!codes.is_empty() && codes.iter().all(known))
}

fn is_problem(media_type: &str) -> bool {
    matches!(media_type, "application/problem+json" | "application/scim+json")
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

#[test]
fn every_link_gives_each_id_that_its_target_takes() {
    let document = document();
    let operations = || {
        let paths = document["paths"].as_object().unwrap().iter();
        paths.flat_map(|(path, item)| {
            item.as_object().unwrap().values().map(move |operation| (path, operation))
        })
    };
    let mut followed = Vec::new();
    for (_, operation) in operations() {
        let links = operation["responses"]["201"]["links"].as_object();
        for link in links.into_iter().flat_map(|links| links.values()) {
            let (path, target) =
                operations().find(|(_, target)| target["operationId"] == link["operationId"]).unwrap();
            let taken: HashSet<_> = path.split('/').filter_map(|part| part.strip_prefix('{')).collect();
            let given = link["parameters"].as_object().unwrap().keys();
            let given: HashSet<_> = given.map(|name| format!("{name}}}")).collect();
            assert_eq!(taken, given.iter().map(String::as_str).collect(), "{link}");
            followed.push(target["operationId"].as_str().unwrap());
        }
    }
    let keys = ["api_keys.get", "api_keys.rotate", "api_keys.delete"];
    let users = ["users.get", "users.update", "users.delete", "scim.users.get"];
    for name in keys.iter().chain(&users).chain(&["directories.tokens.delete"]) {
        assert!(followed.contains(name), "nothing links to {name}");
    }
}
