//! SQL on `mails`.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, PlatformTx, Row, Scope, Source, Stored, TenantConn, work::Housekeeping};
use elder_kernel::{TenantId, collection::Selection, fold};
use sea_orm::Value;

use crate::{
    Language, MailKind,
    mail::{Mail, MailId, columns, read},
};

const MAILS: Source = Source {
    table: "mails",
    joins: &[],
    columns: columns!(),
    stored: &[("recipient", Stored::As("recipient_folded"))],
};
const FIND: &str = concat!("select ", columns!(), " from mails where tenant_id = $1 and id = $2");
const LOCK: &str = concat!("select ", columns!(), " from mails where tenant_id = $1 and id = $2 for update");
const INSERT: &str = "
    insert into mails (tenant_id, id, kind, locale, recipient, recipient_folded, sender, subject, sealed_bodies,
        created_at, updated_at)
    select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10 where $11";
const REQUEUE: &str = "
    update mails set status = 'queued', attempts = 0, updated_at = $3 where tenant_id = $1 and id = $2";
const WAITING: &str = "
    select recipient, sender, subject, sealed_bodies, attempts, created_at from mails
    where tenant_id = $1 and id = $2 and status in ('queued', 'delayed')";
const SENT: &str = "
    update mails set status = 'sent', sealed_bodies = null, attempts = attempts + 1, last_error = null,
        message_id = $3, sent_at = $4, updated_at = $4
    where tenant_id = $1 and id = $2 and status in ('queued', 'delayed')";
const DEAD: &str = "
    update mails set status = 'dead', attempts = attempts + 1, last_error = $3, updated_at = $4
    where tenant_id = $1 and id = $2 and status in ('queued', 'delayed')";
const DELAYED: &str = "
    update mails set status = 'delayed', attempts = attempts + 1, last_error = $3, updated_at = $4
    where tenant_id = $1 and id = $2 and status in ('queued', 'delayed')";
const FORGET: &str = "delete from mails where status in ('sent', 'dead') and updated_at <= $1";

/// A mail that was just written.
pub(super) struct Fresh<'a> {
    pub(super) id: MailId,
    pub(super) kind: MailKind,
    pub(super) language: &'a Language,
    pub(super) recipient: &'a str,
    pub(super) sender: &'a str,
    pub(super) subject: &'a str,
    pub(super) sealed_bodies: Vec<u8>,
    pub(super) created_at: DateTime<Utc>,
}

/// A mail that waits to be sent.
pub(super) struct Waiting {
    pub(super) recipient: String,
    pub(super) sender: String,
    pub(super) subject: String,
    pub(super) sealed_bodies: Vec<u8>,
    pub(super) attempts: i32,
    pub(super) created_at: DateTime<Utc>,
}

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<Mail>, DbError> {
    conn.list(&MAILS, &Scope::of("tenant_id = $1", [tenant.into()]), selection, read).await
}

pub(super) async fn find(conn: &TenantConn, tenant: TenantId, id: MailId) -> Result<Option<Mail>, DbError> {
    conn.raw_row(FIND, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

/// Finds a mail and keeps others from changing it until the end.
pub(super) async fn lock(conn: &TenantConn, tenant: TenantId, id: MailId) -> Result<Option<Mail>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

/// Writes a mail, or goes all the way to it if it `is_meant` for nobody.
pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    mail: Fresh<'_>,
    is_meant: bool,
) -> Result<u64, DbError> {
    let values: [Value; 11] = [
        tenant.into(),
        mail.id.into(),
        mail.kind.name().into(),
        mail.language.as_str().into(),
        mail.recipient.into(),
        fold(mail.recipient).into(),
        mail.sender.into(),
        mail.subject.into(),
        mail.sealed_bodies.into(),
        mail.created_at.into(),
        is_meant.into(),
    ];
    conn.run(INSERT, values).await
}

pub(super) async fn requeue(conn: &TenantConn, tenant: TenantId, mail: &Mail) -> Result<u64, DbError> {
    conn.run(REQUEUE, [tenant.into(), mail.id.into(), mail.updated_at.into()]).await
}

/// The mail, if it still waits.
pub(super) async fn waiting(
    conn: &TenantConn,
    tenant: TenantId,
    id: MailId,
) -> Result<Option<Waiting>, DbError> {
    let row = conn.raw_row(WAITING, [tenant.into(), id.into()]).await?;
    row.as_ref().map(read_waiting).transpose()
}

fn read_waiting(row: &Row) -> Result<Waiting, DbError> {
    Ok(Waiting {
        recipient: row.get("recipient")?,
        sender: row.get("sender")?,
        subject: row.get("subject")?,
        sealed_bodies: row.get("sealed_bodies")?,
        attempts: row.get("attempts")?,
        created_at: row.get("created_at")?,
    })
}

pub(super) async fn sent(
    conn: &TenantConn,
    tenant: TenantId,
    id: MailId,
    message_id: &str,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    conn.run(SENT, [tenant.into(), id.into(), message_id.into(), now.into()]).await
}

pub(super) async fn dead(
    conn: &TenantConn,
    tenant: TenantId,
    id: MailId,
    why: &str,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    conn.run(DEAD, [tenant.into(), id.into(), why.into(), now.into()]).await
}

/// Notes a try that has failed; nobody's act, so without an event.
pub(super) async fn delayed(
    tx: PlatformTx<Housekeeping>,
    tenant: TenantId,
    id: MailId,
    why: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    tx.settle(DELAYED, [tenant.into(), id.into(), why.into(), now.into()]).await
}

pub(super) async fn forget(tx: PlatformTx<Housekeeping>, since: DateTime<Utc>) -> Result<(), DbError> {
    tx.settle(FORGET, [since.into()]).await
}
