//! Elder's own pages in a real browser: without scripts, by the keyboard alone, with passkeys, looked over by axe.

use std::{env, net::TcpListener, path::Path, process::Command};

use elder_testkit::{OidcProvider, TestDatabase};
use serde_json::json;

use crate::{
    clients::{run, told},
    process::{OWNER, PASSWORD, Process, command, data_directory},
};

const WALK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/pages/walk.py");

/// Takes one of the journeys of `walk.py` through a server of its own.
async fn walk(journey: &str) {
    walk_by(journey, |_| None).await;
}

/// The same beside a provider that is started for the server's URL.
async fn walk_by(journey: &str, provider: impl Fn(&str) -> Option<OidcProvider>) {
    let (database, data) = (TestDatabase::create().await, data_directory());
    // Passkeys are bound to a name, and a page knows by which it was called: both must be told before the port is open.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://localhost:{port}");
    let mut serve = command(data.path(), Some(&database));
    serve.env("ELDER_HTTP__BIND", format!("127.0.0.1:{port}")).env("ELDER_HTTP__PUBLIC_URL", &url);
    serve.env("ELDER_BOOTSTRAP_EMAIL", OWNER).env("ELDER_BOOTSTRAP_PASSWORD", PASSWORD);
    serve.env("ELDER_RATE_LIMIT__AUTH_ADDRESS_PER_MINUTE", "1000");
    serve.env("ELDER_RATE_LIMIT__AUTH_NETWORK_PER_MINUTE", "1000");
    serve.env("ELDER_OUTBOUND__ALLOW_HOSTS", "127.0.0.1");
    let _server = Process::spawn(serve.arg("serve"));
    let provider = provider(&url);
    let mut walk = Command::new(told("ELDER_TEST_PYTHON"));
    walk.envs(provider.as_ref().map(|provider| ("ELDER_TEST_ISSUER", provider.issuer())));
    walk.env("PYTHONDONTWRITEBYTECODE", "1");
    walk.arg(Path::new(WALK)).args([journey, &url, OWNER, PASSWORD]).arg(data.path().join("mails"));
    walk.arg(told("ELDER_TEST_CHROMIUM")).arg(told("ELDER_TEST_AXE"));
    // `docs/images` is filled by it: see docs/guides/pages.md.
    walk.args(env::var_os("ELDER_TEST_SCREENSHOTS"));
    let said = run(&mut walk);
    assert!(said.contains("the walk is done"), "{said}");
}

#[tokio::test]
async fn everything_but_passkeys_works_without_scripts() {
    walk("without_scripts").await;
}

#[tokio::test]
async fn who_has_a_keyboard_alone_signs_in_and_returns_to_an_application() {
    walk("by_keyboard").await;
}

#[tokio::test]
async fn a_passkey_is_made_and_signs_in_alone_and_as_a_second_step() {
    walk("with_passkeys").await;
}

#[tokio::test]
async fn who_is_known_to_a_provider_signs_in_by_it_and_gets_what_their_group_gives() {
    walk_by("by_provider", |url| {
        Some(OidcProvider::start(&json!([{
            "client_id": "elder", "client_secret": "shared with the provider",
            "redirect_uris": [format!("{url}/sso/oidc/callback")], "grant_types": ["authorization_code"],
        }])))
    })
    .await;
}

#[tokio::test]
async fn mailed_links_lead_to_pages_that_do_what_they_say() {
    walk("by_mail").await;
}

#[tokio::test]
async fn every_page_is_accessible_in_both_languages_and_schemes_and_on_a_narrow_screen() {
    walk("looked_over").await;
}
