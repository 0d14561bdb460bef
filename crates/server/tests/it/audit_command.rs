//! The audit log from the shell: sealed by a running server, verified with and without it.

use std::{fs, path::Path, time::Duration};

use elder_testkit::TestDatabase;

use crate::process::{Process, command, data_directory, output};

fn audit(data: &Path, database: Option<&TestDatabase>, arguments: &[&str]) -> (bool, String) {
    output(command(data, database).arg("audit").args(arguments))
}

/// What a command writes to standard output.
fn written(data: &Path, database: &TestDatabase, arguments: &[&str]) -> String {
    let output = command(data, Some(database)).arg("audit").args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Waits until the server has sealed something.
async fn until_sealed(data: &Path, database: &TestDatabase) {
    for _ in 0..100 {
        if audit(data, Some(database), &["checkpoint", "--tenant", "system"]).0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the server seals nothing");
}

#[test]
fn the_shell_lists_what_is_logged_and_asks_nobody() {
    let data = data_directory();
    let (success, text) = audit(data.path(), None, &["actions"]);
    assert!(
        success && text.contains("portal_user.created") && text.contains("A user was created."),
        "{text}"
    );
    assert!(!data.path().join("postgres").exists());
}

#[tokio::test]
async fn a_log_is_sealed_by_the_server_exported_and_verified_and_what_is_done_to_it_is_named() {
    let (database, data) = (TestDatabase::create().await, data_directory());
    let process = Process::start(data.path(), Some(&database));
    until_sealed(data.path(), &database).await;
    drop(process);
    let file = |name: &str, text: String| {
        let path = data.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let of_system = ["--tenant", "system"];
    let with = |what: &str| written(data.path(), &database, &[&[what], of_system.as_slice()].concat());
    let (key, note) = (file("a.key", with("keys")), file("a.note", with("checkpoint")));
    let export = file("a.ndjson", with("export"));
    let elsewhere = ["verify", "--export", &export, "--key", &key, "--checkpoint", &note];
    let (success, text) = audit(data.path(), None, &elsewhere);
    assert!(success && text.contains("ok"), "{text}");
    let changed = fs::read_to_string(&export).unwrap().replacen("\"success\"", "\"failure\"", 1);
    fs::write(&export, changed).unwrap();
    let (success, text) = audit(data.path(), None, &elsewhere);
    assert!(!success && text.contains("changed: event evt_"), "{text}");
    let here = ["verify", "--tenant", "system", "--key", &key, "--checkpoint", &note];
    for arguments in [&["verify"], here.as_slice()] {
        let (success, text) = audit(data.path(), Some(&database), arguments);
        assert!(success && text.contains("ok"), "{text}");
    }
    let tamper =
        "set session_replication_role = replica; update audit_logs set action = 'x' where tenant_id = 1";
    database.superuser().await.batch_execute(tamper).await.unwrap();
    let (success, text) = audit(data.path(), Some(&database), &["verify"]);
    assert!(!success && text.contains("FAIL  system") && text.contains("changed: event evt_"), "{text}");
}

#[tokio::test]
async fn what_cannot_be_asked_of_a_log_is_said() {
    let (database, data) = (TestDatabase::create().await, data_directory());
    for (arguments, says) in [
        (vec!["export", "--tenant", "nobody"], "tenant `nobody`"),
        (vec!["checkpoint", "--tenant", "system"], "nothing of this log is sealed yet"),
        (vec!["verify", "--export", "/absent", "--key", "k"], "k: No such file"),
        (vec!["verify", "--export", "/absent"], "--key"),
    ] {
        let (success, text) = audit(data.path(), Some(&database), &arguments);
        assert!(!success && text.contains(says), "{arguments:?}: {text}");
    }
}
