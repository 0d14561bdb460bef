//! Who is told of a report that was made on schedule, and how.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
};

use chrono::Duration;
use elder_audit::Written;
use elder_compliance::{Told, have_reports_made, tell_of_reports};
use elder_crypto::WebhookKey;
use elder_kernel::Secret;
use elder_testkit::{Actor, Heard, Said, TestApp, Wire, targets};
use serde_json::{Value, json};

use crate::support::{SCHEDULES, TEMPLATES, written};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const URL: &str = "https://id.example.com";

async fn told(app: &TestApp) -> Told {
    tell_of_reports(&app.worker, &targets(&app.seam, Path::new("/nonexistent")), URL).await.unwrap()
}

/// A schedule whose report was made and written; gives the paths of both, and an admin of that day.
async fn ran(app: &TestApp, delivery: Value, secret: Option<&str>) -> (String, String, Actor) {
    let admin = app.tenant_admin().await;
    let template = json!({ "name": "Reads", "kind": "data_access", "period": "last_day", "format": "csv" });
    let template = admin.post(TEMPLATES, template).await.expect(201)["id"].clone();
    let body = json!({ "name": "Each day", "template_id": template, "frequency": "daily", "hour": 6, "time_zone": "UTC",
        "delivery": delivery, "secret": secret });
    let schedule = admin.post(SCHEDULES, body).await.expect(201);
    app.clock.advance(Duration::days(1));
    assert_eq!(have_reports_made(&app.worker).await.unwrap(), 1);
    // It is not done yet.
    assert_eq!(told(app).await, Told::default());
    let admin = app.tenant_admin().await;
    let schedule = format!("{SCHEDULES}/{}", schedule["id"].as_str().unwrap());
    let report = admin.get(&schedule).await.expect(200)["last_report_id"].as_str().unwrap().to_owned();
    assert_eq!(written(app, &admin, &report).await, Written::Completed);
    (schedule, report, admin)
}

#[tokio::test]
async fn recipients_get_a_mail_with_a_link_once_and_not_the_report() {
    let app = TestApp::start().await;
    let reader = app.tenant_admin().await;
    let gone = app.tenant_admin().await;
    let delivery = json!({ "kind": "mail", "recipients": [reader.user, gone.user] });
    let off = "update portal_users set is_active = false where id = $1";
    let (_, report, admin) = ran(&app, delivery, None).await;
    app.superuser.execute(off, &[&gone.user.unwrap().uuid()]).await.unwrap();
    assert_eq!(told(&app).await, Told { reports: 1, failed: 0 });
    assert_eq!(told(&app).await, Told::default());
    let mails = admin.get("/api/v2/mails?filter=kind%20eq%20%22report_ready%22").await.expect(200);
    assert_eq!(mails["data"].as_array().unwrap().len(), 1, "{mails}");
    let address = mails["data"][0]["recipient"].as_str().unwrap();
    let letters = elder_testkit::mails(&app, address).await;
    let link = format!("{URL}/api/v2/compliance/reports/{report}/content");
    assert!(letters.iter().any(|letter| letter.contains(&link)), "{letters:?}");
    assert_eq!(app.audit_count("compliance_report.delivered").await, 1);
}

#[tokio::test]
async fn a_webhook_gets_a_signed_word_of_it_again_until_it_is_taken() {
    let app = TestApp::start().await;
    let (heard, status) = (Arc::new(Mutex::new(Vec::<Heard>::new())), Arc::new(AtomicU16::new(500)));
    let (hears, answers) = (Arc::clone(&heard), Arc::clone(&status));
    let wire = Wire::serve(move |request| {
        hears.lock().unwrap().push(request.clone());
        Said::new(answers.load(Ordering::Relaxed), &[], "{}")
    });
    let delivery = json!({ "kind": "webhook", "url": wire.url() });
    let (schedule, report, admin) = ran(&app, delivery, Some(SECRET)).await;
    assert_eq!(told(&app).await, Told { reports: 0, failed: 1 });
    assert!(admin.get(&schedule).await.expect(200)["last_error"].as_str().unwrap().contains("500"));
    // Its pause is not over.
    assert_eq!(told(&app).await, Told::default());
    status.store(200, Ordering::Relaxed);
    app.clock.advance(Duration::seconds(31));
    assert_eq!(told(&app).await, Told { reports: 1, failed: 0 });
    let heard = std::mem::take(&mut *heard.lock().unwrap());
    let [first, second] = heard.as_slice() else { panic!("{heard:?}") };
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    let (id, timestamp) = (second.header("webhook-id").unwrap(), second.header("webhook-timestamp").unwrap());
    assert_eq!(id, report);
    let key = WebhookKey::parse(&Secret::new(SECRET.to_owned())).unwrap();
    let signature = key.sign(id, timestamp.parse().unwrap(), second.body.as_bytes());
    assert_eq!(second.header("webhook-signature"), Some(signature.as_str()));
    let body: Value = serde_json::from_str(&second.body).unwrap();
    let shown = admin.get(&format!("/api/v2/compliance/reports/{report}")).await.expect(200);
    assert_eq!((&body["type"], &body["data"]["report"]), (&json!("compliance.report"), &shown));
    assert_eq!(app.audit_count("compliance_report.delivered").await, 1);
}

#[tokio::test]
async fn it_is_said_if_nobody_is_left_to_be_told() {
    let app = TestApp::start().await;
    let gone = app.tenant_admin().await;
    let (schedule, _, admin) = ran(&app, json!({ "kind": "mail", "recipients": [gone.user] }), None).await;
    let off = "update portal_users set is_active = false where id = $1";
    app.superuser.execute(off, &[&gone.user.unwrap().uuid()]).await.unwrap();
    assert_eq!(told(&app).await, Told { reports: 0, failed: 1 });
    let why = admin.get(&schedule).await.expect(200)["last_error"].clone();
    assert!(why.as_str().unwrap().contains("nobody is active"), "{why}");
    assert_eq!(told(&app).await, Told::default());
}
