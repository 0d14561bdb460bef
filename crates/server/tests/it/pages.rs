//! Elder's own pages in a real browser: without scripts, by the keyboard alone, with passkeys, looked over by axe.

use std::{env, net::TcpListener, path::Path, process::Command};

use elder_testkit::TestDatabase;

use crate::{
    clients::{run, told},
    process::{OWNER, PASSWORD, Process, command, data_directory},
};

const WALK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/pages/walk.py");

/// Takes one of the journeys of `walk.py` through a server of its own.
async fn walk(journey: &str) {
    let (database, data) = (TestDatabase::create().await, data_directory());
    // Passkeys are bound to a name, and a page knows by which it was called: both must be told before the port is open.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://localhost:{port}");
    let mut serve = command(data.path(), Some(&database));
    serve.env("ELDER_HTTP__BIND", format!("127.0.0.1:{port}")).env("ELDER_HTTP__PUBLIC_URL", &url);
    serve.env("ELDER_BOOTSTRAP_EMAIL", OWNER).env("ELDER_BOOTSTRAP_PASSWORD", PASSWORD);
    serve.env("ELDER_RATE_LIMIT__AUTH_ADDRESS_PER_MINUTE", "1000");
    serve.env("ELDER_RATE_LIMIT__AUTH_NETWORK_PER_MINUTE", "1000");
    let _server = Process::spawn(serve.arg("serve"));
    let mut walk = Command::new(told("ELDER_TEST_PYTHON"));
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
async fn mailed_links_lead_to_pages_that_do_what_they_say() {
    walk("by_mail").await;
}

#[tokio::test]
async fn every_page_is_accessible_in_both_languages_and_schemes_and_on_a_narrow_screen() {
    walk("looked_over").await;
}
