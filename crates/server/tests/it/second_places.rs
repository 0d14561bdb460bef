//! Second places of checkpoints, as an operator sets them up with the real binary.

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use elder_testkit::{Said, TestDatabase, Wire};

use crate::process::{Process, command, data_directory, output};

const NO_LOCK: &str = "<Error><Code>ObjectLockConfigurationNotFoundError</Code></Error>";
const LOCKED: &str =
    "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";

fn with_bucket<'a>(command: &'a mut Command, url: &str) -> &'a mut Command {
    command
        .env("ELDER_AUDIT__CHECKPOINT_BUCKET", "kept")
        .env("ELDER_AUDIT__CHECKPOINT_ENDPOINT", url)
        .env("ELDER_AUDIT__CHECKPOINT_ACCESS_KEY", "AKIA")
        .env("ELDER_AUDIT__CHECKPOINT_SECRET_KEY", "never-to-be-seen")
        .env("ELDER_OUTBOUND__ALLOW_HOSTS", "127.0.0.1")
}

#[tokio::test]
async fn the_doctor_names_a_bucket_without_object_lock_and_a_file_that_cannot_be_written() {
    let (database, data) = (TestDatabase::create().await, data_directory());
    let locks = Arc::new(AtomicBool::new(false));
    let is_locked = Arc::clone(&locks);
    let bucket = Wire::serve(move |_| {
        let (status, says) = if is_locked.load(Ordering::Relaxed) { (200, LOCKED) } else { (404, NO_LOCK) };
        Said::new(status, &[], says)
    });
    drop(Process::start(data.path(), Some(&database)));
    let doctor = |file: &str| {
        let mut doctor = command(data.path(), Some(&database));
        doctor.env("ELDER_AUDIT__CHECKPOINT_FILE", data.path().join(file));
        output(with_bucket(&mut doctor, &bucket.url()).arg("doctor"))
    };
    let (healthy, words) = doctor("absent/kept.ndjson");
    let told = "FAIL  second places of checkpoints: checkpoints cannot be appended to ";
    assert!(!healthy && words.contains(told), "{words}");
    assert!(words.contains("the bucket kept has no object lock"), "{words}");
    assert!(!words.contains("never-to-be-seen"), "{words}");
    locks.store(true, Ordering::Relaxed);
    let (_, words) = doctor("kept.ndjson");
    assert!(words.contains("ok    second places of checkpoints"), "{words}");
}

#[tokio::test]
async fn a_second_place_that_is_set_up_wrongly_ends_the_start() {
    let (database, data) = (TestDatabase::create().await, data_directory());
    for (setting, value, told) in [
        (
            "ELDER_AUDIT__CHECKPOINT_SYSLOG",
            "logs.example.com",
            "`audit.checkpoint_syslog` is a host and a port",
        ),
        ("ELDER_AUDIT__CHECKPOINT_SYSLOG", "10.0.0.1:6514", "`audit.checkpoint_syslog`: "),
        (
            "ELDER_AUDIT__CHECKPOINT_BUCKET",
            "kept",
            "`audit.checkpoint_bucket` needs `audit.checkpoint_access_key`",
        ),
        ("ELDER_AUDIT__CHECKPOINT_LOCK_DAYS", "0", "checkpoint_lock_days"),
    ] {
        let (success, words) = output(command(data.path(), Some(&database)).env(setting, value).arg("serve"));
        assert!(!success && words.contains(told), "{setting}={value}: {words}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_metrics_count_the_rounds_that_a_second_place_has_missed() {
    let (database, data) = (TestDatabase::create().await, data_directory());
    let bucket = Wire::serve(|_| Said::new(404, &[], NO_LOCK));
    let mut serve = command(data.path(), Some(&database));
    serve.env("ELDER_BOOTSTRAP_EMAIL", crate::process::OWNER);
    serve.env("ELDER_BOOTSTRAP_PASSWORD", crate::process::PASSWORD);
    let process = Process::spawn(with_bucket(&mut serve, &bucket.url()).arg("serve"));
    let mut text = String::new();
    // The first round may come before anything is sealed.
    for _ in 0..200 {
        text = reqwest::get(format!("{}/metrics", process.url)).await.unwrap().text().await.unwrap();
        if text.contains("elder_audit_copies_missed{place=\"bucket\"} 1") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let found: Vec<_> = text.lines().filter(|line| line.contains("copies_missed")).collect();
    panic!("no round was counted: {found:?}");
}
