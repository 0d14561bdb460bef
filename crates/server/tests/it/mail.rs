//! Mail of the real binary: killed in the middle of a letter, and told by the doctor.

use std::path::Path;

use elder_mail::{Content, MailKind, NewMail, enqueue};
use elder_outbound::mail::Encryption;
use elder_testkit::{MailServer, TestApp};
use nix::sys::signal::Signal;

use crate::process::{Process, command, data_directory, output};

/// The master key of a test's application, so that a process opens what it has sealed.
const MASTER_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn serve(data: &Path, app: &TestApp, server: &MailServer) -> Process {
    let mut command = command(data, Some(&app.database));
    command.env("ELDER_SECRETS__MASTER_KEY", MASTER_KEY).env("ELDER_MAIL__HOST", "127.0.0.1");
    command.env("ELDER_MAIL__PORT", server.address().port.to_string()).env("ELDER_MAIL__ENCRYPTION", "none");
    Process::spawn(command.arg("serve"))
}

async fn write(app: &TestApp) {
    let content = Content::example(MailKind::Invitation);
    let tx = app.worker.job::<elder_access::work::Shell>().begin(app.acme.id).await.unwrap();
    enqueue(&tx, &NewMail { to: "ada@example.com", locale: None, content: &content }).await.unwrap();
    tx.commit(elder_access::Event::new(elder_access::Action::UserUpdated)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_in_flight_when_the_process_is_killed_is_sent_again_with_the_same_message_id() {
    let app = TestApp::start().await;
    let data = data_directory();
    let mut server = MailServer::start();
    server.hold();
    let process = serve(data.path(), &app, &server);
    write(&app).await;
    server.wait_for(1).await;
    process.kill();
    let status = "select status from mails";
    assert_eq!(app.superuser.query_one(status, &[]).await.unwrap().get::<_, String>(0), "queued");
    server.kill();
    server.restart();
    // A minute of silence tells that the runner is dead; here it has passed already.
    let silence =
        "update graphile_worker._private_workers set last_heartbeat_at = now() - interval '61 seconds'";
    assert_eq!(app.superuser.execute(silence, &[]).await.unwrap(), 1);
    let mut process = serve(data.path(), &app, &server);
    let letters = server.wait_for(2).await;
    assert_eq!(letters[0]["headers"]["Message-ID"], letters[1]["headers"]["Message-ID"]);
    process.signal(Signal::SIGTERM);
    assert_eq!(process.wait(), Some(0));
    assert_eq!(app.superuser.query_one(status, &[]).await.unwrap().get::<_, String>(0), "sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_told_to_stop_finishes_its_letter_and_leaves_the_queue() {
    let app = TestApp::start().await;
    let data = data_directory();
    let server = MailServer::start();
    let mut process = serve(data.path(), &app, &server);
    write(&app).await;
    server.wait_for(1).await;
    process.signal(Signal::SIGTERM);
    assert_eq!(process.wait(), Some(0));
    for (sql, left) in [
        ("select count(*) from mails where status = 'sent'", 1),
        ("select count(*) from graphile_worker._private_jobs", 0),
        ("select count(*) from graphile_worker._private_workers", 0),
    ] {
        assert_eq!(app.superuser.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), left, "{sql}");
    }
}

#[tokio::test]
async fn the_doctor_says_whether_the_mail_server_takes_letters() {
    let app = TestApp::start().await;
    let data = data_directory();
    let mut server = MailServer::start_with(Encryption::StartTls);
    let doctor = |password: &str| {
        let mut doctor = command(data.path(), Some(&app.database));
        doctor.env("ELDER_SECRETS__MASTER_KEY", MASTER_KEY).env("ELDER_MAIL__HOST", "localhost");
        doctor.env("ELDER_MAIL__PORT", server.address().port.to_string());
        doctor.env("ELDER_MAIL__CA_FILE", server.authority());
        doctor.env("ELDER_MAIL__USERNAME", "elder").env("ELDER_MAIL__PASSWORD", password);
        output(doctor.arg("doctor"))
    };
    let (healthy, words) = doctor("secret");
    assert!(healthy && words.contains("ok    mail"), "{words}");
    let (healthy, words) = doctor("a wrong one");
    assert!(!healthy && words.contains("FAIL  mail") && !words.contains("a wrong one"), "{words}");
    server.kill();
    let mut gone = command(data.path(), Some(&app.database));
    gone.env("ELDER_SECRETS__MASTER_KEY", MASTER_KEY).env("ELDER_MAIL__HOST", "localhost");
    gone.env("ELDER_MAIL__PORT", server.address().port.to_string());
    let (healthy, words) = output(gone.arg("doctor"));
    assert!(!healthy && words.contains("FAIL  mail"), "{words}");
}
