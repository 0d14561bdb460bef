//! Schedules: set up, run at their time, stand still without an owner.

use chrono::{DateTime, Duration, Utc};
use elder_compliance::have_reports_made;
use elder_kernel::{Id, User};
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

use crate::support::{REPORTS, SCHEDULES, TEMPLATES};

/// A template and a daily schedule by it, which tells its owner by mail.
async fn daily(app: &TestApp, admin: &Actor) -> Value {
    let template = json!({ "name": "Reads", "kind": "data_access", "period": "last_day", "format": "csv" });
    let template = admin.post(TEMPLATES, template).await.expect(201)["id"].clone();
    let body = json!({ "name": "Each day", "template_id": template, "frequency": "daily", "hour": 6, "time_zone": "UTC",
        "delivery": { "kind": "mail", "recipients": [admin.user] } });
    let schedule = admin.post(SCHEDULES, body).await.expect(201);
    assert!(moment(&schedule["next_run_at"]) > app.seam.now());
    schedule
}

fn moment(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

fn path(schedule: &Value) -> String {
    format!("{SCHEDULES}/{}", schedule["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_report_is_made_at_its_time_and_of_the_day_before() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let schedule = daily(&app, &admin).await;
    assert_eq!((&schedule["owner_id"], &schedule["last_run_at"]), (&json!(admin.user), &Value::Null));
    let due = moment(&schedule["next_run_at"]);
    app.clock.advance(due - app.seam.now() - Duration::seconds(1));
    assert_eq!(have_reports_made(&app.worker).await.unwrap(), 0);
    app.clock.advance(Duration::seconds(1));
    assert_eq!(have_reports_made(&app.worker).await.unwrap(), 1);
    assert_eq!(have_reports_made(&app.worker).await.unwrap(), 0);
    let admin = app.tenant_admin().await;
    let after = admin.get(&path(&schedule)).await.expect(200);
    assert_eq!(moment(&after["next_run_at"]), due + Duration::days(1));
    let report =
        admin.get(&format!("{REPORTS}/{}", after["last_report_id"].as_str().unwrap())).await.expect(200);
    assert_eq!((&report["schedule_id"], &report["created_by"]), (&schedule["id"], &schedule["owner_id"]));
    let midnight = due.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
    assert_eq!((moment(&report["from"]), moment(&report["to"])), (midnight - Duration::days(1), midnight));
    assert_eq!(app.audit_count("compliance_report.created").await, 1);
}

#[tokio::test]
async fn runs_that_were_missed_are_made_up_for_once() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let schedule = daily(&app, &admin).await;
    app.clock.advance(Duration::days(5));
    let (one, two) = tokio::join!(have_reports_made(&app.worker), have_reports_made(&app.worker));
    assert_eq!(one.unwrap() + two.unwrap(), 1);
    assert_eq!(have_reports_made(&app.worker).await.unwrap(), 0);
    let admin = app.tenant_admin().await;
    let next = moment(&admin.get(&path(&schedule)).await.expect(200)["next_run_at"]);
    assert!(next > app.seam.now() && next <= app.seam.now() + Duration::days(1));
}

#[tokio::test]
async fn a_schedule_stands_still_when_its_owner_is_gone_and_belongs_to_who_sets_it_going() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let schedule = daily(&app, &admin).await;
    let off = "update portal_users set is_active = false where id = $1";
    let owner = schedule["owner_id"].as_str().unwrap().parse::<Id<User>>().unwrap().uuid();
    app.superuser.execute(off, &[&owner]).await.unwrap();
    app.clock.advance(Duration::days(1));
    assert_eq!(have_reports_made(&app.worker).await.unwrap(), 0);
    let other = app.tenant_admin().await;
    let paused = other.get(&path(&schedule)).await.expect(200);
    assert_eq!(paused["is_active"], false);
    assert!(paused["last_error"].as_str().unwrap().contains("owner"), "{paused}");
    assert_eq!(app.audit_count("compliance_schedule.paused").await, 1);
    let going = other.patch(&path(&schedule), json!({ "is_active": true })).await.expect(200);
    assert_eq!((&going["owner_id"], &going["last_error"]), (&json!(other.user), &Value::Null));
    app.clock.advance(Duration::days(1));
    assert_eq!(have_reports_made(&app.worker).await.unwrap(), 1);
}

#[tokio::test]
async fn an_owner_who_lost_the_right_has_nothing_made_any_more() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let schedule = daily(&app, &admin).await;
    let owner = schedule["owner_id"].as_str().unwrap().parse::<Id<User>>().unwrap().uuid();
    let lower = "update portal_users set tenant_role = 'maintainer' where id = $1";
    app.superuser.execute(lower, &[&owner]).await.unwrap();
    app.clock.advance(Duration::days(1));
    assert_eq!(have_reports_made(&app.worker).await.unwrap(), 0);
    assert_eq!(app.audit_count("compliance_schedule.paused").await, 1);
}

#[tokio::test]
async fn what_no_schedule_can_be_is_refused_and_a_template_that_is_used_stays() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let schedule = daily(&app, &admin).await;
    let good = json!({ "name": "Other", "template_id": schedule["template_id"], "frequency": "weekly", "day": 7, "hour": 0,
        "time_zone": "Europe/Vienna", "delivery": { "kind": "mail", "recipients": [admin.user] } });
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let webhook = json!({ "kind": "webhook", "url": "https://grc.example.com/x" });
    let nobody = json!({ "kind": "mail", "recipients": [] });
    let stranger = json!({ "kind": "mail", "recipients": [app.other_tenant().await.user] });
    for bad in [
        with("time_zone", json!("Mars/Olympus")),
        with("day", json!(8)),
        with("frequency", json!("daily")),
        with("hour", json!(24)),
        with("template_id", json!("cpt_00000000000000000000000000")),
        with("delivery", nobody),
        with("delivery", stranger),
        with("delivery", webhook),
        with("secret", json!("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")),
    ] {
        admin.post(SCHEDULES, bad).await.expect_problem(400, "validation_failed");
    }
    admin.post(SCHEDULES, with("name", json!("EACH DAY"))).await.expect_problem(409, "already_exists");
    let template = format!("{TEMPLATES}/{}", schedule["template_id"].as_str().unwrap());
    admin.delete(&template).await.expect_problem(409, "conflict");
    admin
        .patch(&path(&schedule), json!({ "time_zone": "Mars/Olympus" }))
        .await
        .expect_problem(400, "validation_failed");
    admin.delete(&path(&schedule)).await.expect(204);
    admin.delete(&template).await.expect(204);
}
