//! SQL on `idp_configurations`.

use elder_access::{DbError, Found, Role, Row, Scope, Source, Stored, TenantConn};
use elder_kernel::{Id, TenantId, collection::Selection, fold};
use sea_orm::Value;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use crate::idp::{
    ClientAuthMethod, IdentityProvider, IdentityProviderId, IdpConflicts, IdpProvider, IdpSync, IdpType,
    RuleMatching,
};

macro_rules! columns {
    () => {
        "id, is_global, idp_type, provider, name, oidc_issuer_url, oidc_client_id,
        oidc_client_secret is not null as has_client_secret, oidc_scopes, oidc_token_endpoint_auth_method,
        oidc_allowed_tenants, trusts_mfa, jit_provisioning_enabled, conflicts, sync, attribute_mappings, default_role,
        role_rules, role_rule_matching, is_active, last_login_at, last_error, version, created_at, updated_at"
    };
}

const IDPS: Source = Source {
    table: "idp_configurations",
    joins: &[],
    columns: columns!(),
    stored: &[("name", Stored::As("name_folded"))],
};

const FIND: &str = concat!(
    "select oidc_client_secret, ",
    columns!(),
    " from idp_configurations where tenant_id = $1 and id = $2"
);

const LOCK: &str = concat!(
    "select ",
    columns!(),
    " from idp_configurations where tenant_id = $1 and id = $2 for no key update"
);

const INSERT: &str = "
    insert into idp_configurations (tenant_id, id, name, name_folded, oidc_issuer_url, oidc_client_id, oidc_scopes,
        oidc_token_endpoint_auth_method, oidc_allowed_tenants, trusts_mfa, jit_provisioning_enabled, conflicts, sync,
        attribute_mappings, default_role, role_rules, role_rule_matching, is_active, updated_at, version,
        oidc_client_secret, idp_type, provider, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
        $19)";

const UPDATE: &str = "
    update idp_configurations
    set name = $3, name_folded = $4, oidc_issuer_url = $5, oidc_client_id = $6, oidc_scopes = $7,
        oidc_token_endpoint_auth_method = $8, oidc_allowed_tenants = $9, trusts_mfa = $10,
        jit_provisioning_enabled = $11, conflicts = $12, sync = $13, attribute_mappings = $14, default_role = $15,
        role_rules = $16, role_rule_matching = $17, is_active = $18, updated_at = $19, version = $20,
        oidc_client_secret = case when $22 then oidc_client_secret else $21 end
    where tenant_id = $1 and id = $2";

const DELETE: &str = "delete from idp_configurations where tenant_id = $1 and id = $2";

/// What becomes of the secret with a change.
pub(super) enum SealedSecret {
    /// It stays.
    Same,
    /// There is another one.
    Another(Vec<u8>),
    /// There is none any more.
    None,
}

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<IdentityProvider>, DbError> {
    conn.list(&IDPS, &Scope::of("tenant_id = $1", [tenant.into()]), selection, read).await
}

/// A provider, with its secret as it is stored.
pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: IdentityProviderId,
) -> Result<Option<(IdentityProvider, Option<Vec<u8>>)>, DbError> {
    let Some(row) = conn.raw_row(FIND, [tenant.into(), id.into()]).await? else { return Ok(None) };
    Ok(Some((read(&row)?, row.get("oidc_client_secret")?)))
}

/// Keeps others from changing it until the transaction ends; sign-ins go on.
pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: IdentityProviderId,
) -> Result<Option<IdentityProvider>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    idp: &IdentityProvider,
    secret: Option<Vec<u8>>,
) -> Result<u64, DbError> {
    let kind: [Value; 3] = [Value::Bytes(secret), idp.idp_type.name().into(), idp.provider.name().into()];
    conn.run(INSERT, values(tenant, idp).into_iter().chain(kind)).await
}

pub(super) async fn update(
    conn: &TenantConn,
    tenant: TenantId,
    idp: &IdentityProvider,
    secret: SealedSecret,
) -> Result<u64, DbError> {
    let (another, is_same) = match secret {
        SealedSecret::Same => (None, true),
        SealedSecret::Another(sealed) => (Some(sealed), false),
        SealedSecret::None => (None, false),
    };
    let secret: [Value; 2] = [Value::Bytes(another), is_same.into()];
    conn.run(UPDATE, values(tenant, idp).into_iter().chain(secret)).await
}

pub(super) async fn delete(
    conn: &TenantConn,
    tenant: TenantId,
    id: IdentityProviderId,
) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), id.into()]).await
}

fn values(tenant: TenantId, idp: &IdentityProvider) -> [Value; 20] {
    [
        tenant.into(),
        idp.id.into(),
        idp.name.as_str().into(),
        fold(&idp.name).into(),
        idp.oidc_issuer_url.as_str().into(),
        idp.oidc_client_id.as_str().into(),
        idp.oidc_scopes.clone().into(),
        idp.oidc_token_endpoint_auth_method.name().into(),
        idp.oidc_allowed_tenants.clone().into(),
        idp.trusts_mfa.into(),
        idp.jit_provisioning_enabled.into(),
        idp.conflicts.name().into(),
        idp.sync.name().into(),
        json(&idp.attribute_mappings),
        idp.default_role.map(|role| role.name().to_owned()).into(),
        json(&idp.role_rules),
        idp.role_rule_matching.name().into(),
        idp.is_active.into(),
        idp.updated_at.into(),
        idp.version.into(),
    ]
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Json::Array(Vec::new())).into()
}

/// What Elder has written itself.
fn stored<T: DeserializeOwned + Default>(row: &Row, column: &str) -> Result<T, DbError> {
    Ok(serde_json::from_value(row.get::<Json>(column)?).unwrap_or_default())
}

fn read(row: &Row) -> Result<IdentityProvider, DbError> {
    let method = ClientAuthMethod::named(row.get("oidc_token_endpoint_auth_method")?);
    Ok(IdentityProvider {
        id: Id::from_uuid(row.get("id")?),
        is_global: row.get("is_global")?,
        idp_type: IdpType::named(row.get("idp_type")?).unwrap_or_default(),
        provider: IdpProvider::named(row.get("provider")?).unwrap_or_default(),
        name: row.get("name")?,
        oidc_issuer_url: row.get("oidc_issuer_url")?,
        oidc_client_id: row.get("oidc_client_id")?,
        has_client_secret: row.get("has_client_secret")?,
        oidc_scopes: row.get("oidc_scopes")?,
        oidc_token_endpoint_auth_method: method.unwrap_or_default(),
        oidc_allowed_tenants: row.get("oidc_allowed_tenants")?,
        trusts_mfa: row.get("trusts_mfa")?,
        jit_provisioning_enabled: row.get("jit_provisioning_enabled")?,
        conflicts: IdpConflicts::named(row.get("conflicts")?).unwrap_or_default(),
        sync: IdpSync::named(row.get("sync")?).unwrap_or_default(),
        attribute_mappings: stored(row, "attribute_mappings")?,
        default_role: row.get::<Option<&str>>("default_role")?.and_then(Role::named),
        role_rules: stored(row, "role_rules")?,
        role_rule_matching: RuleMatching::named(row.get("role_rule_matching")?).unwrap_or_default(),
        is_active: row.get("is_active")?,
        last_login_at: row.get("last_login_at")?,
        last_error: row.get("last_error")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
