//! The mailboxes of a test: what was mailed to whom, as files have it.

use std::fs;

use elder_kernel::{Id, TenantId};
use elder_mail::{Delivery, deliver};
use elder_outbound::mail::Mailer;
use elder_testkit::{Actor, Answer, TestApp};
use serde_json::{Value, json};

/// Sends every mail that waits for an address, and gives what they say, the oldest first.
pub(crate) async fn mails(app: &TestApp, address: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let mailer = Mailer::folder("Elder <elder@id.example.com>", folder.path()).unwrap();
    let waiting = "select tenant_id, id from mails where recipient = $1 and status = 'queued' order by id";
    let mut letters = Vec::new();
    for row in app.superuser.query(waiting, &[&address]).await.unwrap() {
        let (tenant, id) = (TenantId(row.get(0)), Id::from_uuid(row.get(1)));
        assert_eq!(deliver(&app.worker, &mailer, tenant, id).await.unwrap(), Delivery::Sent);
        letters.push(decoded(&fs::read_to_string(folder.path().join(format!("{id}.eml"))).unwrap()));
    }
    letters
}

/// The token in the newest mail with a link to an address; panics without one.
pub(crate) async fn token(app: &TestApp, address: &str) -> String {
    let letters = mails(app, address).await;
    let newest = letters.iter().rev().find_map(|letter| token_in(letter));
    newest.unwrap_or_else(|| panic!("no link for {address} in {letters:?}"))
}

/// The token of the link in a mail.
pub(crate) fn token_in(letter: &str) -> Option<String> {
    let (_, rest) = letter.split_once("?token=")?;
    Some(rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect())
}

/// The same token, as one of another kind: its checksum is right.
pub(crate) fn disguised(token: &str, prefix: &str) -> String {
    let (_, rest) = token.split_once("elder_").unwrap();
    let (_, rest) = rest.split_once('_').unwrap();
    let signed = format!("{prefix}_{}", &rest[..rest.len() - 8]);
    let crc = !signed.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    });
    format!("{signed}{crc:08x}")
}

/// Undoes quoted-printable (RFC 2045 §6.7), as far as links need it.
fn decoded(letter: &str) -> String {
    letter.replace("=\r\n", "").replace("=3D", "=")
}

/// Opens a link that proves an address.
pub(crate) async fn verify(guest: &Actor, token: &str) -> Answer {
    guest.post("/api/v2/auth/email/verify", json!({ "token": token })).await
}

/// Changes settings of acme.
pub(crate) async fn set(admin: &Actor, settings: Value) {
    admin.patch("/api/v2/tenant", json!({ "settings": settings })).await.expect(200);
}

/// Lets the platform's tenants take anybody they like.
pub(crate) async fn open_platform(app: &TestApp) {
    app.superuser.batch_execute("update platform_settings set registration = 'open'").await.unwrap();
}

/// Everything that an admin or an operator could read of a token: audit, outbox, mails, answers that are kept.
pub(crate) async fn demand_hidden(app: &TestApp, token: &str) {
    let secret = token.rsplit_once('_').unwrap().1;
    for table in ["audit_logs", "outbox", "mails", "invitations", "one_time_tokens", "idempotency_keys"] {
        let count = format!("select count(*) from {table} t where strpos(t::text, $1) > 0");
        let found: i64 = app.superuser.query_one(&count, &[&secret]).await.unwrap().get(0);
        assert_eq!(found, 0, "{table} holds a token");
    }
}
