//! Filters that are made to hurt: refused quickly, and no oracle on what is never shown.

use std::time::Instant;

use elder_http::Route;
use elder_testkit::{Actor, Answer, Endpoint, Fixture, TestApp};
use serde_json::json;

use super::wire::{self, QUICKLY};
use crate::guards::support::{endpoints, is_scim, rightful};

/// What is stored and never shown, by its name on the wire or in the database.
const SECRETS: [&str; 9] = [
    "password",
    "password_hash",
    "secret_hash",
    "refresh_hash",
    "previous_hash",
    "token",
    "secret",
    "users.password_hash",
    "sealed_private",
];

/// Texts that no parser should take, take long over, or fall over.
fn hostile(field: &str) -> Vec<(&'static str, String)> {
    let term = format!(r#"{field} eq "x""#);
    vec![
        ("ten thousand deep", "(".repeat(10_000)),
        ("deep", format!("{}{term}{}", "(".repeat(1_900), ")".repeat(1_900))),
        ("deep negations", format!("{}{term}{}", "not (".repeat(700), ")".repeat(700))),
        ("only opening", "(".repeat(4_000)),
        ("many terms", vec![term.clone(); 100].join(" or ")),
        ("many short terms", vec![format!("{field} pr"); 100].join(" or ")),
        ("a text of 20 kB", format!(r#"{field} eq "{}""#, "x".repeat(20_000))),
        ("NUL", format!("{field} eq \"a\0b\"")),
        ("NUL, escaped", format!(r#"{field} eq "a\u0000b""#)),
        ("unknown", r#"surprise eq "x""#.to_owned()),
        ("a quote that stays open", format!(r#"{field} eq "x"#)),
        ("a lone surrogate", format!(r#"{field} eq "\ud800""#)),
        ("SQL", format!("{field} eq 'x' or 1=1--")),
        ("SQL behind", format!("{term}; drop table portal_users")),
        ("an operator of SQL", format!(r#"{field} like "%""#)),
        ("a regular expression", format!(r"{field} eq /^(a+)+$/")),
        ("an operator of regular expressions", format!(r#"{field} ~ "(a+)+$""#)),
        ("nothing", " ".to_owned()),
        ("a bare word", "true".to_owned()),
    ]
}

async fn filtered(actor: &Actor, path: &str, filter: &str) -> Answer {
    let query = filter.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat();
    let started = Instant::now();
    let sign = if path.contains('?') { '&' } else { '?' };
    let answer = actor.get(&format!("{path}{sign}filter={query}")).await;
    assert!(started.elapsed() < QUICKLY, "{path}: {:?}", started.elapsed());
    answer
}

/// Whether the answer is the refusal of the list's protocol.
fn is_refused(path: &str, answer: &Answer) -> bool {
    let said = if path.starts_with("/scim/") {
        answer.body["scimType"] == "invalidFilter"
    } else {
        answer.body["code"] == "invalid_filter" || answer.body["code"] == "invalid_parameter"
    };
    answer.status == 400 && said
}

/// Every list of the API that takes a filter, and a text that it can be filtered by.
fn lists() -> Vec<(Route, Endpoint, String)> {
    let document = serde_json::to_value(elder_server::openapi()).unwrap();
    let text_of = |route: &Route, entry: &Endpoint| {
        let parameters = document["paths"][&entry.path]["get"]["parameters"].as_array()?;
        let filter = parameters.iter().find(|parameter| parameter["name"] == "filter" && !is_scim(route))?;
        let mut fields = filter["description"].as_str()?.lines().filter_map(|line| line.strip_prefix("- `"));
        fields.find_map(|field| Some(field.split_once("`: a text")?.0.to_owned()))
    };
    let reads = endpoints().into_iter().filter(|(_, entry)| entry.method == "GET");
    reads.filter_map(|(route, entry)| text_of(&route, &entry).map(|field| (route, entry, field))).collect()
}

#[tokio::test]
async fn d_03_a_hostile_filter_of_any_list_is_refused_quickly() {
    let app = TestApp::start().await;
    let ids = Fixture::create(&app, "target").await;
    let lists = lists();
    assert!(lists.len() > 14, "{}", lists.len());
    for (route, endpoint, field) in lists {
        let (caller, path) = (rightful(&app, &route, &ids).await, ids.path(&endpoint));
        filtered(&caller, &path, &format!(r#"{field} eq "x""#)).await.expect(200);
        for (what, filter) in hostile(&field) {
            let answer = filtered(&caller, &path, &filter).await;
            assert!(is_refused(&path, &answer), "{what}, {path}: {} {}", answer.status, answer.text);
        }
        for secret in SECRETS {
            for filter in
                [format!("{secret} pr"), format!(r#"{secret} sw "a""#), format!(r#"not ({secret} eq "a")"#)]
            {
                let answer = filtered(&caller, &path, &filter).await;
                assert_eq!(answer.status, 400, "{path}: {filter}: {}", answer.text);
                assert_eq!(answer.body["code"], "invalid_filter", "{path}: {filter}");
            }
        }
    }
}

#[tokio::test]
async fn d_03_a_hostile_filter_of_a_directory_is_refused_quickly() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let users = "/scim/v2/Users";
    filtered(&provider, users, r#"userName eq "x""#).await.expect(200);
    for (what, filter) in hostile("userName") {
        // What a resource lacks has no value (RFC 7644 §3.4.2.2), and a word without quotes is one that clients send.
        let tolerated = ["unknown", "an operator of SQL"].contains(&what);
        if !tolerated {
            let answer = filtered(&provider, users, &filter).await;
            assert!(is_refused(users, &answer), "{what}: {} {}", answer.status, answer.text);
        }
    }
}

/// Five thousand comparisons, and a megabyte, are more than a head can have.
#[tokio::test]
async fn d_03_a_filter_that_no_head_has_room_for_is_refused_before_it_is_read() {
    let app = TestApp::start().await;
    for path in ["/api/v2/users", "/scim/v2/Users"] {
        let terms = vec!["userName%20pr"; 5_000].join("%20or%20");
        assert_eq!(wire::get(&app, &format!("{path}?filter={terms}"), "").await.status, 400);
        let text = "x".repeat(1 << 20);
        assert_eq!(wire::get(&app, &format!("{path}?filter={text}"), "").await.status, 431);
    }
    app.tenant_admin().await.get("/api/v2/users").await.expect(200);
}

/// The two users differ in their passwords alone: no filter tells the one from the other, or that there is one at all.
#[tokio::test]
async fn d_03_a_filter_of_a_directory_says_nothing_of_passwords() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
    for (name, password) in [("ann", "correct horse battery"), ("bob", "staple horse correct")] {
        let user =
            json!({ "schemas": schemas, "userName": format!("{name}@example.com"), "password": password });
        provider.post("/scim/v2/Users", user).await.expect(201);
    }
    let all = provider.get("/scim/v2/Users").await.expect(200);
    assert_eq!(all["totalResults"], 2);
    assert!(!all.to_string().to_lowercase().contains("password"), "{all}");
    for filter in [
        "password pr",
        "PASSWORD pr",
        r#"password sw "correct""#,
        r#"not (password eq "x")"#,
        r#"userName pr and password co "horse""#,
        "urn:ietf:params:scim:schemas:core:2.0:User:password pr",
        "password[value pr]",
    ] {
        let answer = filtered(&provider, "/scim/v2/Users", filter).await;
        assert_eq!(answer.status, 400, "{filter}: {}", answer.text);
        assert_eq!(answer.body["scimType"], "invalidFilter", "{filter}");
    }
    let unknown = filtered(&provider, "/scim/v2/Users", "password.value pr").await.expect(200);
    assert_eq!(unknown["totalResults"], 0, "what no resource has");
    for by in ["sortBy=password", "attributes=password"] {
        let answer = provider.get(&format!("/scim/v2/Users?{by}")).await;
        assert!(!answer.text.contains("horse"), "{by}: {}", answer.text);
    }
}
