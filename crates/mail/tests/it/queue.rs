//! Mails by way of the queue and its runner.

use std::{collections::HashSet, time::Duration};

use elder_mail::MailKind;
use elder_testkit::{MailServer, Options, TestApp};

use crate::wire::{count, wait_for_status, written};

async fn app_with(server: &MailServer) -> TestApp {
    TestApp::start_with(Options { mailer: Some(server.mailer()), ..Options::default() }).await
}

fn message_ids(letters: &[serde_json::Value]) -> HashSet<&str> {
    letters.iter().map(|letter| letter["headers"]["Message-ID"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_is_sent_soon_after_its_transaction_and_its_job_is_gone() {
    let server = MailServer::start();
    let app = app_with(&server).await;
    let id = written(&app, app.acme.id, MailKind::Invitation).await;
    assert_eq!(wait_for_status(&app, id, "sent").await, 1);
    assert_eq!(server.letters().len(), 1);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(count(&app, "select count(*) from graphile_worker._private_jobs").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn none_is_lost_while_the_mail_server_is_gone() {
    let mut server = MailServer::start();
    server.kill();
    let app = app_with(&server).await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(written(&app, app.acme.id, MailKind::Invitation).await);
    }
    for id in &ids {
        wait_for_status(&app, *id, "delayed").await;
    }
    server.restart();
    let letters = server.wait_for(5).await;
    assert_eq!(message_ids(&letters).len(), 5);
    for id in ids {
        assert!(wait_for_status(&app, id, "sent").await >= 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_send_each_mail_once() {
    let server = MailServer::start();
    let app = app_with(&server).await;
    let _other = app.another_node_with(Options { mailer: Some(server.mailer()), ..Options::default() }).await;
    let mut ids = Vec::new();
    for _ in 0..40 {
        ids.push(written(&app, app.acme.id, MailKind::NewDevice).await);
    }
    for id in ids {
        wait_for_status(&app, id, "sent").await;
    }
    let letters = server.letters();
    assert_eq!((letters.len(), message_ids(&letters).len()), (40, 40));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_was_given_up_is_sent_when_it_is_put_back() {
    let mut server = MailServer::start();
    let app = app_with(&server).await;
    server.answer(550, 1);
    let id = written(&app, app.acme.id, MailKind::Invitation).await;
    assert_eq!(wait_for_status(&app, id, "dead").await, 1);
    let retry = format!("/api/v2/mails/{id}/retry");
    app.tenant_admin().await.post(&retry, serde_json::json!({})).await.expect(200);
    wait_for_status(&app, id, "sent").await;
    assert_eq!(server.letters().len(), 1);
}
