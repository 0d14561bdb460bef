//! How to call the pages for people, and the applications that send them there.

use serde_json::json;

use super::{Endpoint, batch, create, delete, get, patch};

/// The applications of a tenant.
pub(super) fn applications() -> Vec<Endpoint> {
    let new = json!({ "name": "New", "redirect_uris": ["https://app.example/back"] });
    vec![
        get("/api/v2/applications"),
        create("/api/v2/applications", new.clone()),
        batch("/api/v2/applications/batch", &json!({ "op": "create", "data": new })),
        get("/api/v2/applications/{application_id}"),
        patch("/api/v2/applications/{application_id}", json!({ "name": "Renamed" })),
        delete("/api/v2/applications/{application_id}"),
    ]
}

/// The pages for people. What a form of theirs does needs the browser's cookie.
pub(super) fn pages() -> Vec<Endpoint> {
    const FORM: &str = "takes a form that a page has given to a browser with a cookie";
    let form = |path: &str, status: u16| Endpoint::new("POST", path, status).own_test(FORM);
    vec![
        get("/assets/{file}").swaps(&[("file", "asset")]),
        get("/sign-in"),
        form("/sign-in", 303),
        form("/sign-out", 200),
        get("/authorize").own_test("leads to the application of a person who is signed in at a browser"),
        get("/account").own_test("shows the account of a person who is signed in at a browser"),
        form("/account/profile", 303),
        form("/account/password", 303),
        form("/account/sessions/end", 303),
        get("/setup").query("?token={setup_token}"),
        form("/setup", 201),
    ]
}
