//! Signing keys at the shell.

use elder_testkit::TestDatabase;

use crate::process::{command, data_directory, output};

#[tokio::test]
async fn the_shell_shows_replaces_and_revokes_signing_keys() {
    let (database, data) = (TestDatabase::create().await, data_directory());
    let keys = |arguments: &[&str]| output(command(data.path(), Some(&database)).arg("keys").args(arguments));
    let (_, first) = keys(&["list"]);
    let first =
        first.lines().find(|line| line.contains("EdDSA")).unwrap().split(' ').next().unwrap().to_owned();
    let (rotated, text) = keys(&["rotate"]);
    assert!(rotated && text.contains("(not yet)") && text.contains(&first), "{text}");
    let (again, text) = keys(&["rotate"]);
    assert!(!again && text.contains("is published already"), "{text}");
    let (revoked, text) = keys(&["revoke", &first]);
    assert!(revoked && !text.contains(&first), "{text}");
    let (again, text) = keys(&["revoke", &first]);
    assert!(!again && text.contains("there is no key"), "{text}");
}
