//! A log that takes no event.

use std::time::Duration;

use elder_access::Asides;
use elder_testkit::{Options, TestApp};
use serde_json::json;

/// What PostgreSQL says where the disk of the log is full. A disk that is full takes a mount of its own, and so root.
const FILL_UP: &str = "
    create function no_room() returns trigger language plpgsql as $$
        begin raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$;
    create trigger no_room before insert on audit_logs for each row execute function no_room()";
const MAKE_ROOM: &str = "drop function no_room cascade";

#[actix_web::test]
async fn a_08_while_the_log_is_full_nothing_is_changed_unseen_and_reading_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let asides = Asides { calls: false, folder: Some(folder.path().to_owned()), most_bytes: 1 << 20 };
    let app = TestApp::start_with(Options { asides, ..Options::default() }).await;
    let (admin, nobody) = (app.tenant_admin().await, app.member(app.acme.id, None).await);
    let bo =
        json!({ "email": "bo@acme.com", "full_name": "Bo", "password": "unlikely-marmalade-47-lighthouse" });
    let signing_in = json!({ "email": "bo@acme.com", "password": "unlikely-marmalade-47-lighthouse" });
    admin.post("/api/v2/users", bo).await.expect(201);
    let count = async |table: &str| {
        let count = format!("select count(*) from {table}");
        app.superuser.query_one(&count, &[]).await.unwrap().get::<_, i64>(0)
    };
    let before = [count("portal_users").await, count("sessions").await, count("outbox").await];

    app.superuser.batch_execute(FILL_UP).await.unwrap();
    let another = json!({ "email": "cy@acme.com", "full_name": "Cy" });
    admin.post("/api/v2/users", another.clone()).await.expect_problem(503, "unavailable");
    app.guest().post("/api/v2/auth/login", signing_in.clone()).await.expect_problem(503, "unavailable");
    admin.get("/api/v2/users").await.expect(200);
    // A refusal needs no log to be one; what tells of it waits.
    nobody.get("/api/v2/users").await.expect_problem(403, "permission_denied");
    let after = [count("portal_users").await, count("sessions").await, count("outbox").await];
    assert_eq!(after, before);

    app.superuser.batch_execute(MAKE_ROOM).await.unwrap();
    admin.post("/api/v2/users", another).await.expect(201);
    app.guest().post("/api/v2/auth/login", signing_in).await.expect(200);
    for _ in 0..200 {
        if app.audit_count("access.denied").await > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the refusal is not in the log");
}
