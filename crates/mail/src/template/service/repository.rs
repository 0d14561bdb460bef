//! SQL on `mail_templates`.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Row, TenantConn};
use elder_kernel::TenantId;
use sea_orm::Value;

use crate::{
    Language, MailKind,
    template::{MailTemplate, TemplateKey},
};

const ALL: &str = "select * from mail_templates where tenant_id = $1 order by kind, locale";
const FIND: &str = "select * from mail_templates where tenant_id = $1 and kind = $2 and locale = $3";
const LOCK: &str =
    "select * from mail_templates where tenant_id = $1 and kind = $2 and locale = $3 for update";
const AMONG: &str = "select * from mail_templates where tenant_id = $1 and kind = $2 and locale = any ($3)";
const PUT: &str = "
    insert into mail_templates (tenant_id, kind, locale, subject, text, html, version, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
    on conflict (tenant_id, kind, locale) do update
    set subject = excluded.subject, text = excluded.text, html = excluded.html, version = excluded.version,
        updated_at = excluded.updated_at";
const DELETE: &str = "delete from mail_templates where tenant_id = $1 and kind = $2 and locale = $3";

pub(super) async fn all(conn: &TenantConn, tenant: TenantId) -> Result<Vec<MailTemplate>, DbError> {
    readable(&conn.raw_rows(ALL, [tenant.into()]).await?)
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    key: &TemplateKey,
) -> Result<Option<MailTemplate>, DbError> {
    Ok(conn.raw_row(FIND, of(tenant, key)).await?.as_ref().map(read).transpose()?.flatten())
}

/// Finds a template and keeps others from changing it until the end.
pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    key: &TemplateKey,
) -> Result<Option<MailTemplate>, DbError> {
    Ok(conn.raw_row(LOCK, of(tenant, key)).await?.as_ref().map(read).transpose()?.flatten())
}

/// The templates of a kind in any of these languages.
pub(super) async fn among(
    conn: &TenantConn,
    tenant: TenantId,
    kind: MailKind,
    languages: &[Language],
) -> Result<Vec<MailTemplate>, DbError> {
    let languages: Vec<String> = languages.iter().map(ToString::to_string).collect();
    readable(&conn.raw_rows(AMONG, [tenant.into(), kind.name().into(), languages.into()]).await?)
}

pub(super) async fn put(
    conn: &TenantConn,
    tenant: TenantId,
    template: &MailTemplate,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let values: [Value; 8] = [
        tenant.into(),
        template.kind.name().into(),
        template.locale.as_str().into(),
        template.subject.as_str().into(),
        template.text.as_str().into(),
        template.html.as_str().into(),
        template.version.into(),
        now.into(),
    ];
    conn.run(PUT, values).await
}

pub(super) async fn delete(conn: &TenantConn, tenant: TenantId, key: &TemplateKey) -> Result<u64, DbError> {
    conn.run(DELETE, of(tenant, key)).await
}

fn of(tenant: TenantId, key: &TemplateKey) -> [Value; 3] {
    [tenant.into(), key.kind.name().into(), key.locale.as_str().into()]
}

fn readable(rows: &[Row]) -> Result<Vec<MailTemplate>, DbError> {
    rows.iter().filter_map(|row| read(row).transpose()).collect()
}

/// None for a kind that a newer version of Elder has stored.
fn read(row: &Row) -> Result<Option<MailTemplate>, DbError> {
    let kind = MailKind::named(row.get("kind")?);
    let locale = row.get::<&str>("locale")?.parse::<Language>().ok();
    let Some((kind, locale)) = kind.zip(locale) else { return Ok(None) };
    Ok(Some(MailTemplate {
        kind,
        locale,
        is_built_in: false,
        subject: row.get("subject")?,
        text: row.get("text")?,
        html: row.get("html")?,
        version: row.get("version")?,
        updated_at: row.get("updated_at")?,
    }))
}
