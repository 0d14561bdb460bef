//! Batches: a collection that can be changed can be changed in batches.

use serde_json::Value;

/// Collections that are changed one resource at a time alone, and why. This list may only shrink.
const ONE_BY_ONE: [(&str, &str); 17] = [
    ("/api/v2/audit/legal-holds", "holds are few, and each is put and released for a reason of its own"),
    ("/api/v2/audit/exports", "an export is a job of its own, of which a tenant has ten at the most"),
    ("/api/v2/audit/searches", "searches are saved one by one, as somebody has found them good"),
    ("/api/v2/audit/alerts", "alerts are few, and each is tried when it is set up"),
    ("/api/v2/compliance/reports", "a report is a job of its own, of which a tenant has fifty at the most"),
    ("/api/v2/compliance/templates", "templates are few, and each is worded by hand"),
    ("/api/v2/compliance/schedules", "schedules are few, and each belongs to who sets it going"),
    ("/api/v2/audit/streams", "streams are few, and each is tried when it is set up"),
    (
        "/api/v2/global/identity-providers",
        "the providers of the operator's staff are few, and each opens the platform",
    ),
    (
        "/api/v2/users/{user_id}/identities",
        "each link opens an account, and is made once its person is known for sure",
    ),
    ("/api/v2/me/sessions", "the sessions of a person are few; the last one ends with the sign-out"),
    ("/api/v2/me/devices", "the devices of a person are few, and each name and withdrawal is meant for one"),
    ("/api/v2/me/api-keys", "a person makes each of their few keys by hand, in person"),
    ("/api/v2/users/{user_id}/sessions", "`POST /api/v2/users/{user_id}/sessions/revoke` ends all of them"),
    (
        "/api/v2/global/tenants",
        "an operator founds a tenant as one act, and each change of one stands for itself",
    ),
    ("/api/v2/privacy/requests", "what is asked about a person is weighed one by one, by two people"),
    ("/api/v2/global/feature-flags", "flags are few, and each change of one reaches every tenant"),
];

/// The collections of the API that have writes of the kinds that a batch has.
fn changeable(paths: &Value) -> Vec<&str> {
    let has = |path: &str, method: &str| paths[path][method].is_object();
    let is_list = |path: &&str| {
        let parameters = paths[*path]["get"]["parameters"].as_array();
        parameters.is_some_and(|all| all.iter().any(|parameter| parameter["name"] == "cursor"))
    };
    let names = || paths.as_object().unwrap().keys().map(String::as_str);
    let is_changed = |collection: &&str| {
        let is_one = |path: &str| {
            let id = path.strip_prefix(collection).and_then(|rest| rest.strip_prefix("/{"));
            id.is_some_and(|id| id.find('}') == Some(id.len() - 1))
        };
        has(collection, "post")
            || names()
                .filter(|path| is_one(path))
                .any(|path| ["put", "patch", "delete"].into_iter().any(|method| has(path, method)))
    };
    names().filter(|path| path.starts_with("/api/v2/")).filter(is_list).filter(is_changed).collect()
}

#[test]
fn every_collection_that_can_be_changed_takes_batches_or_says_why_not() {
    let document = serde_json::to_value(elder_server::openapi()).unwrap();
    let paths = &document["paths"];
    let changeable = changeable(paths);
    assert!(changeable.len() >= 12, "{changeable:?}");
    for collection in &changeable {
        let batch = &paths[format!("{collection}/batch")]["post"];
        let is_exempt = ONE_BY_ONE.iter().any(|(path, _)| path == collection);
        assert!(
            batch.is_object() != is_exempt,
            "{collection}: give it a batch (docs/guides/batch.md), or take it from the list in guards/batches.rs"
        );
    }
    for (path, why) in ONE_BY_ONE {
        assert!(changeable.contains(&path), "{path} ({why}) is on the list and has no writes");
    }
}
