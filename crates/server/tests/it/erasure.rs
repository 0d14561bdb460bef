//! Erasures by the real binary: killed in the middle of one, and started on a database from before it.

use std::{path::Path, time::Duration};

use elder_access::Role;
use elder_testkit::TestApp;
use serde_json::{Value, json};

use crate::process::{Process, command, data_directory};

/// The master key of a test's application, so that a process opens what it has sealed.
const MASTER_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
/// Stops an erasure where it destroys the key.
const SLOW: &str = "
    create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(600); return new; end $$;
    create trigger slow before update on person_keys for each row execute function slow();";

fn serve(data: &Path, app: &TestApp) -> Process {
    let mut command = command(data, Some(&app.database));
    command.env("ELDER_SECRETS__MASTER_KEY", MASTER_KEY);
    command.env("ELDER_AUDIT__ERASURE_REGISTER", data.join("erasures.ndjson"));
    Process::spawn(command.arg("serve"))
}

/// Waits until a count is 1.
async fn until(app: &TestApp, ask: &str) {
    for _ in 0..400 {
        if app.superuser.query_one(ask, &[]).await.unwrap().get::<_, i64>(0) == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("never: {ask}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_in_which_the_process_is_killed_is_done_once_and_again_after_a_restore() {
    let (app, data) = (TestApp::start().await, data_directory());
    let sql = &app.superuser;
    let (admin, second) = (app.tenant_admin().await, app.member(app.acme.id, Some(Role::Admin)).await);
    let ada =
        admin.post("/api/v2/users", json!({ "email": "ada@acme.com", "full_name": "Ada" })).await.expect(201);
    let body = json!({ "kind": "erasure", "user_id": ada["id"], "reason": "A letter" });
    let id =
        admin.post("/api/v2/privacy/requests", body).await.expect(201)["id"].as_str().unwrap().to_owned();
    second.post(&format!("/api/v2/privacy/requests/{id}/approve"), Value::Null).await.expect(200);
    sql.batch_execute("create table backup as select * from portal_users where email = 'ada@acme.com'")
        .await
        .unwrap();
    sql.batch_execute(SLOW).await.unwrap();
    let process = serve(data.path(), &app);
    let asleep = "select count(*) from pg_stat_activity
        where datname = current_database() and wait_event = 'PgSleep' and usename = 'elder_platform'";
    until(&app, asleep).await;
    process.kill();
    let end = "select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and wait_event = 'PgSleep'";
    sql.execute(end, &[]).await.unwrap();
    let there = "select count(*) from portal_users where email = 'ada@acme.com'";
    assert_eq!(sql.query_one(there, &[]).await.unwrap().get::<_, i64>(0), 1);
    assert_eq!(app.audit_count("privacy_request.erased").await, 0);
    sql.batch_execute("drop trigger slow on person_keys").await.unwrap();
    // A minute of silence tells that the runner is dead; here it has passed already.
    let silence =
        "update graphile_worker._private_workers set last_heartbeat_at = now() - interval '61 seconds'";
    sql.execute(silence, &[]).await.unwrap();
    let process = serve(data.path(), &app);
    until(&app, "select count(*) from privacy_requests where state = 'completed' and is_registered").await;
    assert_eq!(app.audit_count("privacy_request.erased").await, 1);
    drop(process);
    let restore = "set session_replication_role = replica;
        insert into portal_users (tenant_id, id, email, email_folded) select tenant_id, id, email, email_folded from backup;
        delete from privacy_requests;
        set session_replication_role = origin";
    sql.batch_execute(restore).await.unwrap();
    assert_eq!(sql.query_one(there, &[]).await.unwrap().get::<_, i64>(0), 1);
    // It is ready only when nobody is back.
    let _process = serve(data.path(), &app);
    assert_eq!(sql.query_one(there, &[]).await.unwrap().get::<_, i64>(0), 0);
    assert_eq!(app.audit_count("privacy_request.erased").await, 2);
}
