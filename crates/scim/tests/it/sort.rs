//! Sorted lists (RFC 7644 §3.4.2.3).

use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

use crate::wire::{expect_error, group, named, query};

const USERS: &str = "/scim/v2/Users";

async fn filled(provider: &Actor) {
    for (name, title) in [("Cy", Some("b")), ("ana", Some("C")), ("bo", None), ("Dan", Some("a"))] {
        let mut body = named(&format!("{name}@example.com"));
        body["title"] = json!(title);
        provider.post(USERS, body).await.expect(201);
    }
}

async fn sorted(provider: &Actor, parameters: &[(&str, &str)]) -> String {
    let list = provider.get(&query(USERS, parameters)).await.expect(200);
    let name = |user: &Value| user["userName"].as_str().unwrap().split('@').next().unwrap().to_owned();
    list["Resources"].as_array().unwrap().iter().map(name).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn srt_1_to_3_lists_are_sorted_up_and_down_and_no_value_is_the_greatest() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    filled(&provider).await;
    for (by, order, expected) in [
        ("userName", "", "ana bo Cy Dan"),
        ("USERNAME", "descending", "Dan Cy bo ana"),
        ("title", "ascending", "Dan Cy ana bo"),
        ("title", "descending", "bo ana Cy Dan"),
    ] {
        let parameters = [("sortBy", by), ("sortOrder", order)];
        assert_eq!(sorted(&provider, &parameters).await, expected, "{by} {order}");
        let filtered = [("sortBy", by), ("sortOrder", order), ("filter", "active eq true")];
        assert_eq!(sorted(&provider, &filtered).await, expected, "{by} {order}, filtered");
    }
    let one = [("filter", "userName eq \"CY@example.com\""), ("sortBy", "title")];
    assert_eq!(sorted(&provider, &one).await, "Cy");
}

#[tokio::test]
async fn srt_8_an_order_holds_across_pages() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    filled(&provider).await;
    for (by, pages) in
        [("userName", ["ana", "bo", "Cy"]), ("title", ["Dan", "Cy", "ana"]), ("active", ["", "", ""])]
    {
        let mut seen = Vec::new();
        for start in ["1", "2", "3"] {
            seen.push(sorted(&provider, &[("sortBy", by), ("startIndex", start), ("count", "1")]).await);
        }
        if by == "active" {
            seen.dedup();
            assert_eq!(seen.len(), 3, "equal ones come in the order of their ids");
        } else {
            assert_eq!(seen, pages);
        }
    }
}

#[tokio::test]
async fn srt_7_what_can_not_be_sorted_by_is_refused() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    for by in ["shoeSize", "name", "(", "displayName zz"] {
        expect_error(provider.get(&query(USERS, &[("sortBy", by)])).await, 400, Some("invalidPath"));
    }
    let upwards = query(USERS, &[("sortBy", "title"), ("sortOrder", "upwards")]);
    expect_error(provider.get(&upwards).await, 400, Some("invalidValue"));
}

#[tokio::test]
async fn srt_1_groups_are_sorted_too() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    for name in ["b", "C", "a"] {
        provider.post("/scim/v2/Groups", group(name, &[])).await.expect(201);
    }
    let place = query("/scim/v2/Groups", &[("sortBy", "displayName"), ("sortOrder", "descending")]);
    let list = provider.get(&place).await.expect(200);
    let names: Vec<_> =
        list["Resources"].as_array().unwrap().iter().map(|group| &group["displayName"]).collect();
    assert_eq!(names, ["C", "b", "a"]);
}
