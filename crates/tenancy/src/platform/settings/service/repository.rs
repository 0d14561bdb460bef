//! The SQL of the platform's settings.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use elder_access::{DbError, PlatformConn, Row};
use sea_orm::Value;
use serde_json::json;

use crate::{
    platform::settings::{PlatformSettings, Registration},
    settings::{TenantSettings, stored_form, tolerant},
};

const FIND: &str = "select name, registration, deletion_days, maintenance from platform_settings";
const LOCK: &str = "select name, registration, deletion_days, maintenance from platform_settings for update";
const UPDATE: &str = "
    update platform_settings set name = $1, registration = $2, deletion_days = $3, maintenance = $4,
        updated_at = $5, version = version + 1";
const TEMPLATE: &str = "select tenant_template from platform_settings";
const REPLACE_TEMPLATE: &str = "
    update platform_settings set tenant_template = $1, updated_at = $2, version = version + 1";

pub(super) async fn find(conn: &PlatformConn) -> Result<Option<PlatformSettings>, DbError> {
    conn.raw_row(FIND, []).await?.as_ref().map(read).transpose()
}

pub(super) async fn lock(conn: &PlatformConn) -> Result<Option<PlatformSettings>, DbError> {
    conn.raw_row(LOCK, []).await?.as_ref().map(read).transpose()
}

pub(super) async fn update(
    conn: &PlatformConn,
    settings: &PlatformSettings,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let values: [Value; 5] = [
        settings.name.as_str().into(),
        settings.registration.name().into(),
        settings.deletion_days.into(),
        Value::Json(settings.maintenance.as_ref().map(|maintenance| Box::new(json!(maintenance)))),
        now.into(),
    ];
    conn.run(UPDATE, values).await.map(drop)
}

pub(super) async fn template(conn: &PlatformConn) -> Result<Option<TenantSettings>, DbError> {
    let row = conn.raw_row(TEMPLATE, []).await?;
    row.map(|row| tolerant(row.get("tenant_template")?)).transpose()
}

pub(super) async fn replace_template(
    conn: &PlatformConn,
    template: &TenantSettings,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    conn.run(REPLACE_TEMPLATE, [stored_form(template).into(), now.into()]).await.map(drop)
}

fn read(row: &Row) -> Result<PlatformSettings, DbError> {
    let maintenance = row.get::<Option<serde_json::Value>>("maintenance")?.map(serde_json::from_value);
    Ok(PlatformSettings {
        name: row.get("name")?,
        registration: Registration::named(row.get("registration")?),
        deletion_days: row.get("deletion_days")?,
        maintenance: maintenance.transpose().map_err(|error| DbError::Driver(Arc::new(error)))?,
    })
}
