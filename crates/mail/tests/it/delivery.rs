//! What becomes of a mail when the mail server takes it, or does not.

use elder_mail::{Content, Delivery, DeliveryError, MailKind, deliver};
use elder_testkit::{MailServer, TestApp};
use serde_json::{Value, json};

use crate::wire::{READER, about, count, status, written};

const BODIES: &str = "select count(*) from mails where sealed_bodies is not null";

async fn seen(app: &TestApp, id: elder_mail::MailId) -> Value {
    app.tenant_admin().await.get(&format!("/api/v2/mails/{id}")).await.expect(200)
}

#[tokio::test]
async fn a_mail_is_sent_once_and_what_it_said_is_gone() {
    let app = TestApp::start().await;
    let server = MailServer::start();
    let mailer = server.mailer();
    let id = about(&app, app.acme.id, &Content::example(MailKind::PasswordReset), Some("de")).await;
    assert_eq!(deliver(&app.worker, &mailer, app.acme.id, id).await.unwrap(), Delivery::Sent);
    assert_eq!(deliver(&app.worker, &mailer, app.acme.id, id).await.unwrap(), Delivery::Settled);
    let [letter] = &server.letters()[..] else { panic!("one letter") };
    assert_eq!(
        (&letter["to"][0], &letter["headers"]["From"]),
        (&json!(READER), &json!("acme <elder@id.example.com>"))
    );
    assert!(
        letter["bodies"]["text/plain"]
            .as_str()
            .unwrap()
            .contains("https://id.example.com/open?token=example-token")
    );
    let mail = seen(&app, id).await;
    assert_eq!((&mail["status"], &mail["attempts"]), (&json!("sent"), &json!(1)));
    assert_eq!(mail["message_id"], letter["headers"]["Message-ID"]);
    assert!(mail["sent_at"].is_string());
    assert_eq!(count(&app, BODIES).await, 0);
    assert_eq!(app.audit_count("mail.sent").await, 1);
}

#[tokio::test]
async fn a_mail_that_is_refused_for_now_keeps_its_words_and_its_message_id() {
    let app = TestApp::start().await;
    let mut server = MailServer::start();
    let mailer = server.mailer();
    let id = written(&app, app.acme.id, MailKind::Invitation).await;
    server.answer(451, 1);
    let later = deliver(&app.worker, &mailer, app.acme.id, id).await;
    assert!(matches!(later, Err(DeliveryError::Later(_))), "{later:?}");
    let mail = seen(&app, id).await;
    assert_eq!((&mail["status"], &mail["attempts"]), (&json!("delayed"), &json!(1)));
    assert!(mail["last_error"].as_str().unwrap().contains("451"), "{mail}");
    assert_eq!(deliver(&app.worker, &mailer, app.acme.id, id).await.unwrap(), Delivery::Sent);
    let mail = seen(&app, id).await;
    assert_eq!((&mail["attempts"], &mail["last_error"]), (&json!(2), &json!(null)));
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_dead_until_it_is_put_back() {
    let app = TestApp::start().await;
    let mut server = MailServer::start();
    let mailer = server.mailer();
    let id = written(&app, app.acme.id, MailKind::Invitation).await;
    server.answer(550, 1);
    assert_eq!(deliver(&app.worker, &mailer, app.acme.id, id).await.unwrap(), Delivery::Dead);
    assert_eq!(deliver(&app.worker, &mailer, app.acme.id, id).await.unwrap(), Delivery::Settled);
    let admin = app.tenant_admin().await;
    let dead = admin.get("/api/v2/mails?filter=status%20eq%20%22dead%22").await.expect(200);
    assert!(dead["data"][0]["last_error"].as_str().unwrap().contains("550"), "{dead}");
    assert_eq!(app.audit_count("mail.given_up").await, 1);
    admin.post(&format!("/api/v2/mails/{id}/retry"), json!({})).await.expect(200);
    assert_eq!(deliver(&app.worker, &mailer, app.acme.id, id).await.unwrap(), Delivery::Sent);
}

#[tokio::test]
async fn after_twelve_tries_a_mail_is_given_up() {
    let app = TestApp::start().await;
    let mut server = MailServer::start();
    let mailer = server.mailer();
    server.kill();
    let id = written(&app, app.acme.id, MailKind::Invitation).await;
    for _ in 1..12 {
        assert!(deliver(&app.worker, &mailer, app.acme.id, id).await.is_err());
    }
    assert_eq!(status(&app, id).await, ("delayed".to_owned(), 11));
    assert_eq!(deliver(&app.worker, &mailer, app.acme.id, id).await.unwrap(), Delivery::Dead);
    assert_eq!(status(&app, id).await, ("dead".to_owned(), 12));
}

#[tokio::test]
async fn a_mail_of_another_tenant_is_not_sent_by_a_job_that_names_the_wrong_one() {
    let app = TestApp::start().await;
    let server = MailServer::start();
    let id = written(&app, app.acme.id, MailKind::Invitation).await;
    let delivery = deliver(&app.worker, &server.mailer(), app.globex.id, id).await.unwrap();
    assert_eq!(delivery, Delivery::Settled);
    assert!(server.letters().is_empty());
    assert_eq!(status(&app, id).await, ("queued".to_owned(), 0));
}

#[tokio::test]
async fn words_that_cannot_be_opened_are_never_sent() {
    let app = TestApp::start().await;
    let server = MailServer::start();
    let ids = [
        written(&app, app.acme.id, MailKind::Invitation).await,
        written(&app, app.acme.id, MailKind::NewDevice).await,
    ];
    let exchange =
        "update mails set sealed_bodies = (select sealed_bodies from mails where id = $2) where id = $1";
    app.superuser.execute(exchange, &[&ids[0].uuid(), &ids[1].uuid()]).await.unwrap();
    assert_eq!(deliver(&app.worker, &server.mailer(), app.acme.id, ids[0]).await.unwrap(), Delivery::Dead);
    assert!(server.letters().is_empty());
}
