//! Months that leave the log for an archive: nothing goes that was not read back, and nothing is lost wherever it is cut short.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike as _, Months, TimeDelta, Utc};
use elder_access::{Job, work::Shell};
use elder_audit::{
    archive::{ArchiveError, S3, Store, archive, archives, forget, restore},
    expire, seal,
    verify::{Finding, Report, keys, verify},
};
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    bucket::Moto,
    second_person::{self, RETENTION, shorten},
};

const RESTORED: &str = "/api/v2/audit/restored-events";

struct World {
    app: TestApp,
    admin: Actor,
    job: Job<Shell>,
    folder: TempDir,
    store: Store,
    /// The two months, as archives name them.
    months: [String; 2],
}

async fn event(app: &TestApp, at: DateTime<Utc>, category: &str, name: &str) {
    let add = "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category,
            resource_type, outcome, actor_ip, changes)
        values ($1, $2, gen_random_uuid(), $4, 'system', 'a', $3, 'r', 'success', '192.0.2.7',
            '{\"name\": {\"before\": \"canary-7\", \"after\": 1.5}}')";
    app.superuser.execute(add, &[&app.acme.id.0, &at, &category, &name]).await.unwrap();
}

/// A log with two whole months that can be archived, ten and nine months ago, and an event of now.
async fn world() -> World {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let this = app.seam.now().date_naive().with_day(1).unwrap();
    let begin = |ago| (this - Months::new(ago)).and_time(chrono::NaiveTime::MIN).and_utc();
    let (january, february) = (begin(10), begin(9));
    for (at, category, name) in [
        (january + TimeDelta::days(2), "data_change", "january 1"),
        (february - TimeDelta::microseconds(1), "authentication", "january 2"),
        (february, "data_change", "february 1"),
        (january + TimeDelta::days(14), "configuration", "january 3"),
        (february + TimeDelta::days(26), "data_change", "february 2"),
        (app.seam.now(), "data_change", "today"),
    ] {
        event(&app, at, category, name).await;
    }
    admin.put(RETENTION, json!({ "archive_after_days": 90 })).await.expect(200);
    seal(&app.worker, "elder.test").await.unwrap();
    let folder = TempDir::new().unwrap();
    let store = Store::folder(folder.path()).unwrap();
    let months = [january, february].map(|month| month.format("%Y-%m").to_string());
    World { job: app.worker.job(), app, admin, folder, store, months }
}

impl World {
    async fn left(&self) -> Vec<String> {
        let ask = "select correlation_id from audit_logs where tenant_id = $1 and action = 'a' order by 1";
        let rows = self.app.superuser.query(ask, &[&self.app.acme.id.0]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    async fn report(&self) -> Report {
        seal(&self.app.worker, "elder.test").await.unwrap();
        let keys = keys(&self.job, self.app.acme.id).await.unwrap();
        verify(&self.job, self.app.acme.id, &keys, &[]).await.unwrap()
    }

    async fn statuses(&self) -> Vec<(String, String, i64)> {
        let all = archives(&self.job, self.app.acme.id).await.unwrap();
        all.into_iter().map(|archive| (archive.month, archive.status, archive.events)).collect()
    }

    async fn restored(&self) -> Vec<String> {
        let page = self.admin.get(&format!("{RESTORED}?sort=timestamp")).await.expect(200);
        let name = |event: &Value| event["correlation_id"].as_str().unwrap().to_owned();
        page["data"].as_array().unwrap().iter().map(name).collect()
    }

    fn files(&self) -> Vec<PathBuf> {
        fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { walk(&path, found) } else { found.push(path) }
            }
        }
        let mut found = Vec::new();
        walk(self.folder.path(), &mut found);
        found.sort();
        found
    }

    async fn sql(&self, statement: &str) {
        self.app.superuser.batch_execute(statement).await.unwrap();
    }
}

#[tokio::test]
async fn whole_months_leave_the_log_and_what_is_left_proves_it_and_they_are_read_back_for_search() {
    let world = world().await;
    assert_eq!(archive(&world.app.worker, &world.store).await.unwrap(), 2);
    assert_eq!(world.left().await, ["today"]);
    let [january, february] = world.months.clone();
    let done = |month: &String, events| (month.clone(), "archived".to_owned(), events);
    assert_eq!(world.statuses().await, [done(&january, 3), done(&february, 2)]);
    let report = world.report().await;
    assert_eq!((report.findings, report.removed, report.is_good), (vec![], 5, true));
    assert_eq!(archive(&world.app.worker, &world.store).await.unwrap(), 0);
    // Nobody but this installation reads it.
    assert_eq!(world.files().len(), 2);
    for file in world.files() {
        let bytes = std::fs::read(file).unwrap();
        assert!(!bytes.windows(8).any(|found| found == b"canary-7" || found == b"january "));
    }
    assert_eq!(world.restored().await, [""; 0]);
    assert_eq!(restore(&world.job, &world.store, world.app.acme.id, &world.months[0], 30).await.unwrap(), 3);
    assert_eq!(world.restored().await, ["january 1", "january 3", "january 2"]);
    let page =
        world.admin.get(&format!("{RESTORED}?filter=category eq \"authentication\"")).await.expect(200);
    let event = &page["data"][0];
    assert_eq!((&event["actor_ip"], &event["changes"]["name"]["after"]), (&json!("192.0.2.7"), &json!(1.5)));
    let listed = world.admin.get("/api/v2/audit/archives").await.expect(200);
    assert!(listed["data"].as_array().unwrap().iter().any(|archive| archive["id"] == event["archive_id"]));
    let stranger = world.app.other_tenant().await;
    assert_eq!(stranger.get(RESTORED).await.expect(200)["data"], json!([]));
    assert_eq!(stranger.get("/api/v2/audit/archives").await.expect(200)["data"], json!([]));
    // Twice is once; and the copies go when their days have ended.
    assert_eq!(restore(&world.job, &world.store, world.app.acme.id, &world.months[0], 30).await.unwrap(), 0);
    assert_eq!(world.restored().await.len(), 3);
    world.app.clock.advance(chrono::Duration::days(31));
    forget(&world.app.worker, &world.store).await.unwrap();
    let left = "select count(*) from audit_restored_events";
    assert_eq!(world.app.superuser.query_one(left, &[]).await.unwrap().get::<_, i64>(0), 0);
    assert_eq!(world.files().len(), 2);
    let nothing = restore(&world.job, &world.store, world.app.acme.id, "1999-12", 30).await;
    assert!(matches!(nothing, Err(ArchiveError::NoArchive)), "{nothing:?}");
}

#[tokio::test]
async fn nothing_leaves_the_log_for_an_archive_that_cannot_be_read_back() {
    let world = world().await;
    // Written, and then spoiled before it was read back.
    world
        .sql(
            "create function spoil() returns trigger language plpgsql as
        'begin if new.status = ''verified'' then raise exception ''stop''; end if; return new; end';
        create trigger spoil before update on audit_archives for each row execute function spoil()",
        )
        .await;
    archive(&world.app.worker, &world.store).await.unwrap_err();
    world.sql("drop trigger spoil on audit_archives").await;
    assert_eq!((world.files().len(), world.left().await.len()), (1, 6));
    let (file, good) = (&world.files()[0], std::fs::read(&world.files()[0]).unwrap());
    let mut spoiled = good.clone();
    let middle = spoiled.len() / 2;
    spoiled[middle] ^= 1;
    let written = "update audit_archives set status = 'written'";
    for bad in [spoiled.as_slice(), &good[..good.len() - 1], b""] {
        std::fs::write(file, bad).unwrap();
        world.sql(written).await;
        let refused = archive(&world.app.worker, &world.store).await;
        assert!(matches!(refused, Err(ArchiveError::Unsealable(_))), "{refused:?}");
        assert_eq!(world.left().await.len(), 6);
    }
    std::fs::remove_file(file).unwrap();
    world.sql(written).await;
    let refused = archive(&world.app.worker, &world.store).await;
    assert!(matches!(refused, Err(ArchiveError::Store(_))), "{refused:?}");
    assert_eq!(world.left().await.len(), 6);
    // It is written anew.
    assert_eq!(archive(&world.app.worker, &world.store).await.unwrap(), 2);
    assert_eq!((world.left().await.len(), world.report().await.findings), (1, vec![]));
}

#[tokio::test]
async fn an_event_that_was_changed_is_not_archived_as_if_it_had_been_so() {
    let world = world().await;
    world
        .sql(
            "set session_replication_role = replica;
        update audit_logs set actor_ip = '198.51.100.1' where correlation_id = 'january 3'",
        )
        .await;
    let refused = archive(&world.app.worker, &world.store).await;
    assert!(matches!(refused, Err(ArchiveError::Unsound(_))), "{refused:?}");
    assert_eq!(world.left().await.len(), 6);
    assert!(matches!(world.report().await.findings[..], [Finding::Changed { .. }]));
}

/// A fault in the database at each step stands for a process that is killed there: what was committed before it stays, and
/// nothing else has happened.
#[tokio::test]
async fn wherever_it_is_cut_short_nothing_is_lost_and_the_next_run_goes_on() {
    for step in [
        "create trigger cut before insert on audit_archives for each row execute function cut()",
        "create trigger cut before insert on audit_archive_keys for each row execute function cut()",
        "create trigger cut before update on audit_archives for each row when (new.status = 'written')
            execute function cut()",
        "create trigger cut before update on audit_archives for each row when (new.status = 'verified')
            execute function cut()",
        "create trigger cut before insert on audit_removals for each row execute function cut()",
        "create trigger cut before delete on audit_logs for each row execute function cut()",
        "create trigger cut before insert on audit_logs for each row when (new.action = 'audit_log.archived')
            execute function cut()",
        "create trigger cut before update on audit_archives for each row when (new.status = 'archived')
            execute function cut()",
    ] {
        let world = world().await;
        world.sql("create function cut() returns trigger language plpgsql as 'begin raise exception ''cut''; end'").await;
        world.sql(step).await;
        archive(&world.app.worker, &world.store).await.expect_err(step);
        let report = world.report().await;
        assert_eq!(report.findings, [], "{step}");
        assert_eq!(u64::try_from(world.left().await.len()).unwrap() + report.removed, 6, "{step}");
        let table = step.split(" on ").nth(1).unwrap().split(' ').next().unwrap();
        world.sql(&format!("drop trigger cut on {table}")).await;
        archive(&world.app.worker, &world.store).await.unwrap();
        assert_eq!(world.left().await, ["today"], "{step}");
        let report = world.report().await;
        assert_eq!((report.findings, report.removed), (vec![], 5), "{step}");
        for (month, count) in world.months.iter().zip([3, 2]) {
            let restored = restore(&world.job, &world.store, world.app.acme.id, month, 1).await.unwrap();
            assert_eq!(restored, count, "{step}");
        }
    }
}

#[tokio::test]
async fn what_is_on_hold_is_neither_moved_nor_does_its_archive_end() {
    let world = world().await;
    let hold =
        |reason: &'static str| world.admin.post("/api/v2/audit/legal-holds", json!({ "reason": reason }));
    let id = hold("first").await.expect(201)["id"].as_str().unwrap().to_owned();
    assert_eq!((archive(&world.app.worker, &world.store).await.unwrap(), world.left().await.len()), (0, 6));
    let release = async |id: &str| {
        second_person::release(&world.app, &world.admin, id).await;
    };
    release(&id).await;
    archive(&world.app.worker, &world.store).await.unwrap();
    let id = hold("second").await.expect(201)["id"].as_str().unwrap().to_owned();
    shorten(&world.app, &world.admin, json!({ "archive_after_days": 90, "days": 100 })).await;
    assert_eq!((forget(&world.app.worker, &world.store).await.unwrap(), world.files().len()), (0, 2));
    release(&id).await;
    assert_eq!((forget(&world.app.worker, &world.store).await.unwrap(), world.files().len()), (2, 0));
    assert_eq!(world.app.audit_count("audit_log.archive_expired").await, 2);
    assert_eq!(world.statuses().await.iter().filter(|(_, status, _)| status == "expired").count(), 2);
    let gone = restore(&world.job, &world.store, world.app.acme.id, &world.months[0], 30).await;
    assert!(matches!(gone, Err(ArchiveError::NoArchive)), "{gone:?}");
    assert_eq!(world.report().await.findings, []);
}

#[tokio::test]
async fn events_that_end_at_different_times_go_into_different_archives_and_end_apart() {
    let world = world().await;
    let days = json!({ "archive_after_days": 90, "days": 3_000,
        "categories": { "authentication": 30, "configuration": 400 } });
    shorten(&world.app, &world.admin, days).await;
    expire(&world.app.worker).await.unwrap();
    assert_eq!(archive(&world.app.worker, &world.store).await.unwrap(), 3);
    let counts: Vec<_> =
        world.statuses().await.into_iter().map(|(month, _, events)| (month, events)).collect();
    assert_eq!(counts.iter().map(|(_, events)| events).sum::<i64>(), 4);
    world.app.clock.advance(chrono::Duration::days(200));
    assert_eq!(forget(&world.app.worker, &world.store).await.unwrap(), 1);
    assert_eq!(world.files().len(), 2);
    assert_eq!(world.report().await.findings, []);
}

/// A bucket, made by the one request that needs no more than its name.
async fn bucket(moto: &Moto, name: &str) -> Store {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let address = moto.url.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request =
        format!("PUT /{name} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let bucket = S3 {
        bucket: name.to_owned(),
        prefix: "elder/archive".to_owned(),
        endpoint: Some(moto.url.clone()),
        region: "us-east-1".to_owned(),
        access_key: "key".to_owned(),
        secret_key: elder_kernel::Secret::new("secret".to_owned()),
    };
    Store::s3(&bucket).unwrap()
}

#[tokio::test]
async fn a_bucket_of_s3_takes_archives_as_a_folder_does() {
    let (world, moto) = (world().await, Moto::start().await);
    let store = bucket(&moto, "elder").await;
    assert_eq!(archive(&world.app.worker, &store).await.unwrap(), 2);
    assert_eq!((world.left().await, world.report().await.findings), (vec!["today".to_owned()], vec![]));
    assert_eq!(restore(&world.job, &store, world.app.acme.id, &world.months[1], 30).await.unwrap(), 2);
    assert_eq!(world.restored().await, ["february 1", "february 2"]);
    shorten(&world.app, &world.admin, json!({ "days": 100 })).await;
    assert_eq!(forget(&world.app.worker, &store).await.unwrap(), 2);
    assert_eq!(forget(&world.app.worker, &store).await.unwrap(), 0);
}
