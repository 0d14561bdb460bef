//! What the tests of this crate write and read.

use elder_access::{Action, Event, work::Shell};
use elder_kernel::TenantId;
use elder_mail::{Content, MailId, MailKind, NewMail, enqueue};
use elder_testkit::TestApp;
use serde_json::Value;

/// Whom the mails are for.
pub(crate) const READER: &str = "Ada@example.com";

/// Writes a mail of a kind in a transaction of its own, and commits it.
pub(crate) async fn written(app: &TestApp, tenant: TenantId, kind: MailKind) -> MailId {
    about(app, tenant, &Content::example(kind), None).await
}

/// Writes a mail about something, for a reader of some language.
pub(crate) async fn about(
    app: &TestApp,
    tenant: TenantId,
    content: &Content,
    locale: Option<&str>,
) -> MailId {
    let locale = locale.map(|tag| tag.parse().unwrap());
    let tx = app.worker.job::<Shell>().begin(tenant).await.unwrap();
    let id = enqueue(&tx, &NewMail { to: READER, locale: locale.as_ref(), content }).await.unwrap();
    tx.commit(Event::new(Action::UserUpdated)).await.unwrap();
    id
}

/// One number that the database counts.
pub(crate) async fn count(app: &TestApp, sql: &str) -> i64 {
    app.superuser.query_one(sql, &[]).await.unwrap().get(0)
}

/// The status of a mail, as its row has it.
pub(crate) async fn status(app: &TestApp, id: MailId) -> (String, i32) {
    let sql = "select status, attempts from mails where id = $1";
    let row = app.superuser.query_one(sql, &[&id.uuid()]).await.unwrap();
    (row.get(0), row.get(1))
}

/// Waits until a mail has this status.
pub(crate) async fn wait_for_status(app: &TestApp, id: MailId, wanted: &str) -> i32 {
    for _ in 0..1_200 {
        let (status, attempts) = status(app, id).await;
        if status == wanted {
            return attempts;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the mail is {:?} after a minute, not {wanted}", status(app, id).await);
}

/// The ids of a page.
pub(crate) fn ids(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|mail| mail["id"].as_str().unwrap()).collect()
}
