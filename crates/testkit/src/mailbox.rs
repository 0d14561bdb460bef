//! The mailboxes of a test: what was mailed to whom, as files have it.

use std::fs;

use elder_kernel::{Id, TenantId};
use elder_mail::{Delivery, deliver};
use elder_outbound::mail::Mailer;

use crate::TestApp;

/// Sends every mail that waits for an address, and gives what they say, the oldest first.
pub async fn mails(app: &TestApp, address: &str) -> Vec<String> {
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
pub async fn mailed_token(app: &TestApp, address: &str) -> String {
    let letters = mails(app, address).await;
    let newest = letters.iter().rev().find_map(|letter| token_in(letter));
    newest.unwrap_or_else(|| panic!("no link for {address} in {letters:?}"))
}

/// The token of the link in a mail.
pub fn token_in(letter: &str) -> Option<String> {
    let (_, rest) = letter.split_once("?token=")?;
    Some(rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect())
}

/// Undoes quoted-printable (RFC 2045 §6.7), as far as links need it.
fn decoded(letter: &str) -> String {
    letter.replace("=\r\n", "").replace("=3D", "=")
}
