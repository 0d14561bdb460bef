//! Elder's own pages in a real browser: without scripts, by the keyboard alone, looked over by axe.

use std::{env, path::Path, process::Command};

use elder_testkit::TestDatabase;

use crate::{
    clients::{run, told},
    process::{OWNER, PASSWORD, Process, data_directory},
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/pages/walk.py");

#[tokio::test]
async fn a_person_signs_in_changes_the_account_and_returns_to_an_application() {
    let (database, data) = (TestDatabase::create().await, data_directory());
    let server = Process::start(data.path(), Some(&database));
    let mut walk = Command::new(told("ELDER_TEST_PYTHON"));
    walk.arg(Path::new(SCRIPT)).args([&server.url, OWNER, PASSWORD]);
    walk.arg(told("ELDER_TEST_CHROMIUM")).arg(told("ELDER_TEST_AXE"));
    // `docs/images` is filled by it: see docs/guides/pages.md.
    walk.args(env::var_os("ELDER_TEST_SCREENSHOTS"));
    let said = run(&mut walk);
    assert!(said.contains("the walk is done"), "{said}");
}
