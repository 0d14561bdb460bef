//! Lists that are gone through by cursors (RFC 9865).

use std::collections::BTreeSet;

use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

use crate::wire::{expect_error, group, named, query};

const USERS: &str = "/scim/v2/Users";
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

async fn fill(provider: &Actor, users: usize) {
    for number in 0..users {
        let mut body = named(&format!("u{number}@example.com"));
        body["title"] = json!(if number % 2 == 0 { "even" } else { "odd" });
        provider.post(USERS, body).await.expect(201);
    }
}

/// Goes through a list, and gives the names page by page.
async fn walk(provider: &Actor, parameters: &[(&str, &str)]) -> Vec<Vec<String>> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let mut parameters = parameters.to_vec();
        parameters.push(("cursor", &cursor));
        let page = provider.get(&query(USERS, &parameters)).await.expect(200);
        let names = page["Resources"].as_array().unwrap().iter();
        pages.push(names.map(|user| user["userName"].as_str().unwrap().to_owned()).collect());
        match page["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return pages,
        }
        assert!(pages.len() < 20, "the list has an end");
    }
}

#[tokio::test]
async fn cur_1_cur_2_cur_11_a_list_is_gone_through_to_its_end_in_any_order() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    fill(&provider, 7).await;
    for parameters in [
        vec![("count", "3")],
        vec![("count", "3"), ("sortBy", "userName")],
        vec![("count", "3"), ("sortBy", "userName"), ("sortOrder", "descending")],
        vec![("count", "3"), ("sortBy", "title"), ("sortOrder", "descending")],
        vec![("count", "3"), ("filter", "userName sw \"u\"")],
        vec![("count", "3"), ("filter", "userName sw \"u\""), ("sortBy", "title")],
    ] {
        let pages = walk(&provider, &parameters).await;
        let sizes: Vec<_> = pages.iter().map(Vec::len).collect();
        assert_eq!(sizes, [3, 3, 1], "{parameters:?}");
        let names: BTreeSet<_> = pages.concat().into_iter().collect();
        assert_eq!(names.len(), 7, "{parameters:?}");
    }
    let down = walk(&provider, &[("count", "4"), ("sortBy", "userName"), ("sortOrder", "descending")]).await;
    assert_eq!(down.concat(), (0..7).rev().map(|n| format!("u{n}@example.com")).collect::<Vec<_>>());
    assert_eq!(walk(&provider, &[("count", "7")]).await.len(), 1, "no cursor leads to an empty page");
}

#[tokio::test]
async fn cur_4_cur_12_a_cursor_stands_in_a_url_as_it_is_and_nothing_is_counted_for_it() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    fill(&provider, 3).await;
    let page = provider.get(&format!("{USERS}?cursor&count=1")).await.expect(200);
    let cursor = page["nextCursor"].as_str().unwrap();
    let unreserved = |letter: char| letter.is_ascii_alphanumeric() || "-._~".contains(letter);
    assert!(cursor.chars().all(unreserved), "{cursor}");
    assert_eq!((page.get("totalResults"), page.get("startIndex")), (None, None));
    assert_eq!(page["itemsPerPage"], 1);
    let filtered = provider.get(&format!("{USERS}?cursor=&count=1&filter=title%20pr")).await.expect(200);
    assert_eq!(filtered["totalResults"], 3, "what was read anyway is told");
}

#[tokio::test]
async fn cur_5_cur_6_cur_10_a_cursor_is_good_for_its_own_list_of_its_own_directory() {
    let app = TestApp::start().await;
    let ((_, provider), (_, other)) = (app.directory().await, app.directory().await);
    let (_, elsewhere) = app.directory_of(app.globex.id, "generic").await;
    fill(&provider, 3).await;
    let page = provider.get(&format!("{USERS}?cursor=&count=1")).await.expect(200);
    let cursor = page["nextCursor"].as_str().unwrap();
    let at = |cursor: &str, more: &str| format!("{USERS}?cursor={cursor}{more}");
    assert_eq!(provider.get(&at(cursor, "&count=2")).await.expect(200)["itemsPerPage"], 2);
    let (rest, last) = cursor.split_at(cursor.len() - 1);
    let forged = format!("{rest}{}", if last == "A" { "Q" } else { "A" });
    let long = "A".repeat(5_000);
    for (actor, place) in [
        (&provider, at(&forged, "")),
        (&provider, at("nonsense", "")),
        (&provider, at(&long, "")),
        (&provider, at(cursor, "&filter=title%20pr")),
        (&provider, at(cursor, "&sortBy=title")),
        (&provider, format!("/scim/v2/Groups?cursor={cursor}")),
        (&other, at(cursor, "")),
        (&elsewhere, at(cursor, "")),
    ] {
        expect_error(actor.get(&place).await, 400, Some("invalidCursor"));
    }
    expect_error(provider.get(&at("", "&count=-1")).await, 400, Some("invalidCount"));
}

#[tokio::test]
async fn cur_7_a_search_goes_on_by_cursor_within_a_type_and_across_types() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    fill(&provider, 3).await;
    for name in ["a", "b"] {
        provider.post("/scim/v2/Groups", group(name, &[])).await.expect(201);
    }
    for (place, all, pages) in
        [("/scim/v2/Users/.search", 3, 2), ("/scim/v2/Groups/.search", 2, 1), ("/scim/v2/.search", 5, 3)]
    {
        let (mut seen, mut cursor, mut asked) = (BTreeSet::new(), String::new(), 0);
        loop {
            let body = json!({"schemas": [SEARCH], "cursor": cursor, "count": 2});
            let page = provider.post(place, body).await.expect(200);
            let resources = page["Resources"].as_array().unwrap();
            seen.extend(resources.iter().map(|one| one["id"].as_str().unwrap().to_owned()));
            asked += 1;
            match page.get("nextCursor").and_then(Value::as_str) {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        assert_eq!((seen.len(), asked), (all, pages), "{place}");
        let body = json!({"schemas": [SEARCH], "cursor": "x"});
        expect_error(provider.post(place, body).await, 400, Some("invalidCursor"));
    }
}

#[tokio::test]
async fn disc_8_cursors_are_told_of() {
    let app = TestApp::start().await;
    let config = app.guest().get("/scim/v2/ServiceProviderConfig").await.expect(200);
    assert_eq!(config["pagination"]["cursor"], true);
    assert_eq!(config["pagination"]["defaultPaginationMethod"], "index");
    assert_eq!((&config["sort"]["supported"], &config["bulk"]["supported"]), (&json!(true), &json!(true)));
    assert_eq!(
        (&config["bulk"]["maxOperations"], &config["bulk"]["maxPayloadSize"]),
        (&json!(1000), &json!(1 << 20))
    );
}
