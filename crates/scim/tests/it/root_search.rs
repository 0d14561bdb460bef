//! `/.search` over both types, and under each (RFC 7644 §3.4.3).

use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

use crate::wire::{ana, expect_error, group, named};

const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const ROOT: &str = "/scim/v2/.search";

async fn fill(app: &TestApp, provider: &Actor) {
    provider.post("/scim/v2/Users", ana()).await.expect(201);
    app.clock.advance(chrono::Duration::milliseconds(1));
    provider.post("/scim/v2/Users", named("bo@example.com")).await.expect(201);
    provider.post("/scim/v2/Groups", group("Staff", &[])).await.expect(201);
}

async fn search(provider: &Actor, place: &str, more: Value) -> (Vec<String>, Value) {
    let mut body = json!({"schemas": [SEARCH]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let list = provider.post(place, body).await.expect(200);
    let name =
        |one: &Value| one.get("userName").or(one.get("displayName")).unwrap().as_str().unwrap().to_owned();
    (list["Resources"].as_array().unwrap().iter().map(name).collect(), list["totalResults"].clone())
}

#[tokio::test]
async fn srch_1_srch_6_a_search_of_the_root_is_over_both_types_and_narrowed_by_the_filter() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    fill(&app, &provider).await;
    let all = ["ana@example.com", "bo@example.com", "Staff"];
    assert_eq!(search(&provider, ROOT, json!({})).await, (all.map(str::to_owned).to_vec(), json!(3)));
    for (filter, found) in [
        ("meta.resourceType eq \"Group\"", &all[2..]),
        ("meta.resourceType eq \"User\"", &all[..2]),
        ("displayName eq \"staff\"", &all[2..]),
        ("externalId eq \"00u1\" or displayName pr", &[all[0], all[2]]),
        ("shoeSize eq 5", &[]),
    ] {
        let (names, total) = search(&provider, ROOT, json!({"filter": filter})).await;
        assert_eq!(
            (names, total),
            (found.iter().map(|&name| name.to_owned()).collect(), json!(found.len())),
            "{filter}"
        );
    }
}

#[tokio::test]
async fn srch_4_pages_go_from_one_type_to_the_other() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    fill(&app, &provider).await;
    for (start, count, found) in [
        (1, 1, vec!["ana@example.com"]),
        (2, 2, vec!["bo@example.com", "Staff"]),
        (3, 5, vec!["Staff"]),
        (4, 5, vec![]),
        (1, 0, vec![]),
    ] {
        let (names, total) = search(&provider, ROOT, json!({"startIndex": start, "count": count})).await;
        assert_eq!(
            (names, total),
            (found.into_iter().map(str::to_owned).collect(), json!(3)),
            "{start} {count}"
        );
    }
    let sorted = json!({"sortBy": "userName", "sortOrder": "descending"});
    let (names, _) = search(&provider, ROOT, sorted).await;
    assert_eq!(names, ["bo@example.com", "ana@example.com", "Staff"]);
}

#[tokio::test]
async fn srch_2_srch_5_each_type_is_searched_for_itself_and_errors_are_those_of_a_list() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    fill(&app, &provider).await;
    let (names, _) =
        search(&provider, "/scim/v2/Groups/.search", json!({"attributes": ["displayName"]})).await;
    assert_eq!(names, ["Staff"]);
    assert_eq!(search(&provider, "/scim/v2/Users/.search", json!({"count": 1})).await.1, 2);
    for (more, kind) in [
        (json!({"filter": "("}), "invalidFilter"),
        (json!({"sortBy": "shoeSize"}), "invalidPath"),
        (json!({"count": "5"}), "invalidValue"),
        (json!({"attributes": ["id"], "excludedAttributes": ["meta"]}), "invalidValue"),
    ] {
        let mut body = json!({"schemas": [SEARCH]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        for place in [ROOT, "/scim/v2/Users/.search", "/scim/v2/Groups/.search"] {
            expect_error(provider.post(place, body.clone()).await, 400, Some(kind));
        }
    }
}
