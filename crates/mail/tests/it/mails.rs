//! `/api/v2/mails`, and what is written into the table.

use elder_access::{Role, markers, work::Shell};
use elder_kernel::Mail;
use elder_mail::{Content, Error, MailKind, NewMail, enqueue};
use elder_testkit::TestApp;
use serde_json::json;

use crate::wire::{READER, about, count, ids, status, written};

const JOBS: &str = "select count(*) from graphile_worker._private_jobs";

#[tokio::test]
async fn a_mail_and_its_job_are_committed_together_or_not_at_all() {
    let app = TestApp::start().await;
    let tx = app.worker.job::<Shell>().begin(app.acme.id).await.unwrap();
    let content = Content::example(MailKind::Invitation);
    enqueue(&tx, &NewMail { to: READER, locale: None, content: &content }).await.unwrap();
    drop(tx);
    assert_eq!(count(&app, "select count(*) from mails").await, 0);
    assert_eq!(count(&app, JOBS).await, 0);
    written(&app, app.acme.id, MailKind::Invitation).await;
    assert_eq!(count(&app, JOBS).await, 1);
}

#[tokio::test]
async fn neither_the_queue_nor_the_row_shows_what_a_mail_says() {
    let app = TestApp::start().await;
    let id = written(&app, app.acme.id, MailKind::PasswordReset).await;
    let sql = "select payload::text, key from graphile_worker._private_jobs";
    let row = app.superuser.query_one(sql, &[]).await.unwrap();
    let payload: serde_json::Value = serde_json::from_str(row.get(0)).unwrap();
    assert_eq!(payload, json!({ "tenant": app.acme.id, "mail": id.uuid() }));
    let all = "select string_agg(m::text, '') from mails m";
    let text: String = app.superuser.query_one(all, &[]).await.unwrap().get(0);
    assert!(text.contains(READER) && !text.contains("example-token"), "{text}");
}

#[tokio::test]
async fn the_applications_role_reaches_no_job_and_no_mail_of_others() {
    let app = TestApp::start().await;
    written(&app, app.acme.id, MailKind::Invitation).await;
    let role = app.database.connect("elder_app").await;
    let of_globex = format!("set app.current_tenant_id = '{}'", app.globex.id);
    role.batch_execute(&of_globex).await.unwrap();
    for sql in [
        "select from graphile_worker._private_jobs",
        "select graphile_worker.add_job('send_mail', '{\"tenant\": 1}')",
        "select enqueue_mail()",
        "delete from mails",
    ] {
        assert!(role.batch_execute(sql).await.is_err(), "{sql}");
    }
    assert!(role.query("select from mails", &[]).await.unwrap().is_empty());
    let foreign = format!(
        "insert into mails (tenant_id, id, kind, locale, recipient, recipient_folded, sender, subject, sealed_bodies,
            created_at, updated_at)
         values ({}, gen_random_uuid(), 'invitation', 'en', 'a', 'a', 's', 's', '', now(), now())",
        app.acme.id
    );
    assert!(role.batch_execute(&foreign).await.is_err());
    assert_eq!(count(&app, JOBS).await, 1);
}

#[tokio::test]
async fn mails_are_listed_and_shown_without_what_they_say() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let first = written(&app, app.acme.id, MailKind::Invitation).await;
    app.clock.advance(chrono::Duration::seconds(1));
    let second = about(&app, app.acme.id, &Content::example(MailKind::PasswordReset), Some("de-AT")).await;
    let page = admin.get("/api/v2/mails").await.expect(200);
    assert_eq!(ids(&page), [first.to_string(), second.to_string()]);
    let mail = admin.get(&format!("/api/v2/mails/{second}")).await.expect(200);
    assert_eq!(page["data"][1], mail);
    assert_eq!(mail["recipient"], READER);
    assert_eq!(mail["subject"], "Wählen Sie ein neues Passwort für acme");
    assert_eq!(
        (&mail["status"], &mail["locale"], &mail["attempts"]),
        (&json!("queued"), &json!("de"), &json!(0))
    );
    assert!(!mail.to_string().contains("token"), "{mail}");
    for (filter, found) in [
        ("kind eq \"invitation\"", Some(first)),
        ("recipient eq \"ADA@EXAMPLE.COM\" and locale eq \"de\"", Some(second)),
        ("status eq \"dead\"", None),
        ("recipient eq \"eve@example.com\"", None),
    ] {
        let page = admin
            .get(&format!("/api/v2/mails?filter={}", filter.replace(' ', "%20").replace('"', "%22")))
            .await;
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(ids(&page.expect(200)), found, "{filter}");
    }
    let newest = admin.get("/api/v2/mails?sort=-created_at&limit=1").await.expect(200);
    assert_eq!(ids(&newest), [second.to_string()]);
}

#[tokio::test]
async fn only_who_may_see_mails_sees_them_and_only_of_their_tenant() {
    let app = TestApp::start().await;
    let id = written(&app, app.acme.id, MailKind::Invitation).await;
    let path = format!("/api/v2/mails/{id}");
    let maintainer = app.member(app.acme.id, Some(Role::Maintainer)).await;
    maintainer.get("/api/v2/mails").await.expect_problem(403, "permission_denied");
    maintainer.get(&path).await.expect_problem(403, "permission_denied");
    let reader = app.member_with::<markers::MailsRead>().await;
    reader.get(&path).await.expect(200);
    reader.post(&format!("{path}/retry"), json!({})).await.expect_problem(403, "permission_denied");
    let stranger = app.other_tenant().await;
    assert!(ids(&stranger.get("/api/v2/mails").await.expect(200)).is_empty());
    let random = format!("/api/v2/mails/{}", app.seam.id::<Mail>());
    let unknown = reader.get(&random).await.expect_problem(404, "not_found");
    let foreign = stranger.get(&path).await.expect_problem(404, "not_found");
    assert_eq!(unknown["detail"], foreign["detail"]);
    stranger.post(&format!("{path}/retry"), json!({})).await.expect_problem(404, "not_found");
    assert_eq!(status(&app, id).await, ("queued".to_owned(), 0));
}

#[tokio::test]
async fn operators_see_the_mails_of_every_tenant() {
    let app = TestApp::start().await;
    let of_acme = written(&app, app.acme.id, MailKind::Invitation).await;
    let of_globex = written(&app, app.globex.id, MailKind::FactorsReset).await;
    let page = app.support().await.get("/api/v2/global/mails").await.expect(200);
    assert_eq!(ids(&page), [of_acme.to_string(), of_globex.to_string()]);
    assert_eq!(page["data"][1]["tenant_id"], json!(app.globex.id));
    let admin = app.tenant_admin().await;
    admin.get("/api/v2/global/mails").await.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn a_dead_mail_is_put_back_into_the_queue_and_no_other() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let id = written(&app, app.acme.id, MailKind::Invitation).await;
    let retry = format!("/api/v2/mails/{id}/retry");
    admin.post(&retry, json!({})).await.expect_problem(409, "conflict");
    app.superuser.batch_execute("delete from graphile_worker._private_jobs").await.unwrap();
    app.superuser
        .batch_execute("update mails set status = 'dead', attempts = 12, last_error = 'x'")
        .await
        .unwrap();
    let mail = admin.post(&retry, json!({})).await.expect(200);
    assert_eq!(
        (&mail["status"], &mail["attempts"], &mail["last_error"]),
        (&json!("queued"), &json!(0), &json!("x"))
    );
    assert_eq!(admin.get(&format!("/api/v2/mails/{id}")).await.expect(200), mail);
    assert_eq!(count(&app, JOBS).await, 1);
    assert_eq!(app.audit_count("mail.retried").await, 1);
}

#[tokio::test]
async fn a_recipient_that_is_no_address_is_refused() {
    let app = TestApp::start().await;
    let content = Content::FactorsReset { actor: "Grace".to_owned() };
    let tx = app.worker.job::<Shell>().begin(app.acme.id).await.unwrap();
    for to in [
        "",
        "ada",
        "Ada <ada@example.com>",
        "ada@example.com\r\nBcc: eve@example.com",
        "a@b.example, c@d.example",
    ] {
        let refused = enqueue(&tx, &NewMail { to, locale: None, content: &content }).await;
        assert!(matches!(refused, Err(Error::NoAddress)), "{to:?}");
    }
}

#[tokio::test]
async fn what_was_sent_or_given_up_is_forgotten_after_thirty_days() {
    let app = TestApp::start().await;
    for _ in 0..2 {
        written(&app, app.acme.id, MailKind::Invitation).await;
    }
    app.superuser
        .batch_execute("update mails set status = 'dead' where id = (select min(id::text)::uuid from mails)")
        .await
        .unwrap();
    app.clock.advance(chrono::Duration::days(29));
    elder_mail::forget_mails(&app.worker).await.unwrap();
    assert_eq!(count(&app, "select count(*) from mails").await, 2);
    app.clock.advance(chrono::Duration::days(2));
    elder_mail::forget_mails(&app.worker).await.unwrap();
    assert_eq!(count(&app, "select count(*) from mails where status = 'queued'").await, 1);
    assert_eq!(count(&app, "select count(*) from mails").await, 1);
}
