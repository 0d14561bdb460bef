//! Discovery: what anyone may ask, and what nobody may do there.

use elder_testkit::TestApp;
use serde_json::json;

use crate::wire::{USER, expect_error};

#[tokio::test]
async fn disc_10_discovery_is_read_without_a_token_on_both_base_urls() {
    let app = TestApp::start().await;
    let (directory, _) = app.directory().await;
    let guest = app.guest();
    for base in ["/scim/v2".to_owned(), format!("/scim/v2/{directory}")] {
        let answer = guest.get(&format!("{base}/ServiceProviderConfig")).await;
        assert_eq!(answer.header("content-type"), "application/scim+json");
        let config = answer.expect(200);
        assert_eq!(
            (&config["patch"]["supported"], &config["etag"]["supported"]),
            (&json!(true), &json!(true))
        );
        let types = guest.get(&format!("{base}/ResourceTypes")).await.expect(200);
        assert_eq!(types["Resources"][0]["endpoint"], "/Users");
        assert_eq!(types["Resources"][1]["endpoint"], "/Groups");
        let location = types["Resources"][0]["meta"]["location"].as_str().unwrap();
        assert_eq!(location, format!("http://elder.test{base}/ResourceTypes/User"));
        guest.get(&format!("{base}/ResourceTypes/User")).await.expect(200);
        let schemas = guest.get(&format!("{base}/Schemas")).await.expect(200);
        assert_eq!(schemas["totalResults"], 3);
        assert_eq!(guest.get(&format!("{base}/Schemas/{USER}")).await.expect(200)["id"], USER);
    }
}

#[tokio::test]
async fn disc_6_disc_7_discovery_is_neither_filtered_nor_changed() {
    let app = TestApp::start().await;
    let guest = app.guest();
    for place in ["/scim/v2/Schemas", "/scim/v2/ResourceTypes"] {
        expect_error(guest.get(&format!("{place}?filter=id%20pr")).await, 403, None);
    }
    for place in ["/scim/v2/Schemas", "/scim/v2/ResourceTypes", "/scim/v2/ServiceProviderConfig"] {
        let answer = guest.post(place, json!({})).await;
        assert!(answer.header("allow").starts_with("GET"));
        expect_error(answer, 405, None);
        expect_error(guest.delete(place).await, 405, None);
    }
    expect_error(guest.get("/scim/v2/Schemas/urn:unknown").await, 404, None);
    expect_error(guest.get("/scim/v2/ResourceTypes/Printer").await, 404, None);
}

#[tokio::test]
async fn err_6_http_7_whatever_lies_under_scim_fails_as_scim_says() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    expect_error(provider.get("/scim/v2/Printers").await, 404, None);
    expect_error(provider.get("/scim/nowhere").await, 404, None);
    expect_error(provider.put("/scim/v2/Users", json!({})).await, 405, None);
    expect_error(provider.get("/scim/v2/Me").await, 501, None);
    expect_error(provider.get("/scim/v2/dir_nonsense/Schemas").await, 404, None);
    provider.get("/api/v2/nowhere").await.expect_problem(404, "route_not_found");
}
