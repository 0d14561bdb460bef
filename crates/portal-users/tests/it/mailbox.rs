//! What was mailed to the people of a test, and what comes of it.

use elder_testkit::{Actor, Answer, TestApp};
use serde_json::{Value, json};

pub(crate) use elder_testkit::{mailed_token as token, mails, token_in};

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
