//! SQL on `idp_configurations`.

pub(super) mod own_keys;
pub(super) mod sign_ins;
pub(super) mod upkeep;

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, PlatformConn, Role, Row, Scope, Source, Stored, TenantConn};
use elder_kernel::{Id, TenantId, collection::Selection, fold};
use sea_orm::Value;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use crate::idp::{
    ClientAuthMethod, GlobalIdentityProvider, IdentityProvider, IdentityProviderId, IdpConflicts,
    IdpProvider, IdpSync, IdpType, KeyStage, OwnCertificate, ResponseType, RuleMatching,
};

macro_rules! columns {
    () => {
        "id, is_global, idp_type, provider, name, oidc_issuer_url, oidc_client_id,
        oidc_client_secret is not null as has_client_secret, oidc_scopes, oidc_token_endpoint_auth_method,
        oidc_allowed_tenants, entity_id, metadata_url, sso_url, slo_url, certificates, saml, own_certificate,
        next_certificate, former_certificate, trusts_mfa, single_logout,
        enforced, jit_provisioning_enabled, conflicts, sync, attribute_mappings, default_role, role_rules,
        role_rule_matching, is_active, last_login_at, last_error, version, created_at, updated_at"
    };
}

/// Those of all tenants; of the platform's own the tenant is null.
const ALL_IDPS: Source = Source {
    table: "idp_configurations",
    joins: &[],
    columns: concat!(
        "nullif(tenant_id, 1) as tenant_id, (select slug from tenants t where t.id = tenant_id) as tenant_slug, ",
        columns!()
    ),
    stored: &[
        ("tenant_id", Stored::As("nullif(tenant_id, 1)")),
        (
            "tenant_slug",
            Stored::Among { rows: "tenants t where t.id = idp_configurations.tenant_id", column: "t.slug" },
        ),
        ("name", Stored::As("name_folded")),
    ],
};

const IDPS: Source = Source {
    table: "idp_configurations",
    joins: &[],
    columns: columns!(),
    stored: &[("name", Stored::As("name_folded"))],
};

const FIND: &str = concat!(
    "select oidc_client_secret, own_key, next_key, former_key, metadata_xml, ",
    columns!(),
    " from idp_configurations where tenant_id = $1 and id = $2"
);

const LOCK: &str = concat!(
    "select ",
    columns!(),
    " from idp_configurations where tenant_id = $1 and id = $2 for no key update"
);

/// Sign-ins keep a key share of the row (`NOTE_SIGN_IN`): this waits until they are through, and lets none begin.
const LOCK_OUT: &str =
    concat!("select ", columns!(), " from idp_configurations where tenant_id = $1 and id = $2 for update");

const INSERT: &str = "
    insert into idp_configurations (tenant_id, id, name, name_folded, oidc_issuer_url, oidc_client_id, oidc_scopes,
        oidc_token_endpoint_auth_method, oidc_allowed_tenants, trusts_mfa, jit_provisioning_enabled, conflicts, sync,
        attribute_mappings, default_role, role_rules, role_rule_matching, is_active, updated_at, version, entity_id,
        metadata_url, sso_url, slo_url, certificates, saml, single_logout, enforced, idp_type, provider,
        oidc_client_secret, own_key, own_certificate, metadata_xml, metadata_read_at, certificates_end_at, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
        $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, case when $34 is not null then $19 end, $35, $19)";

const UPDATE: &str = "
    update idp_configurations
    set name = $3, name_folded = $4, oidc_issuer_url = $5, oidc_client_id = $6, oidc_scopes = $7,
        oidc_token_endpoint_auth_method = $8, oidc_allowed_tenants = $9, trusts_mfa = $10,
        jit_provisioning_enabled = $11, conflicts = $12, sync = $13, attribute_mappings = $14, default_role = $15,
        role_rules = $16, role_rule_matching = $17, is_active = $18, updated_at = $19, version = $20, entity_id = $21,
        metadata_url = $22, sso_url = $23, slo_url = $24, certificates = $25, saml = $26, single_logout = $27,
        enforced = $28, oidc_client_secret = case when $30 then oidc_client_secret else $29 end, last_login_at = $31,
        own_key = coalesce($32, own_key), own_certificate = coalesce($33, own_certificate)
    where tenant_id = $1 and id = $2";

/// What a provider says of itself, or has it no more.
const DESCRIBE: &str = "
    update idp_configurations
    set metadata_xml = $3, metadata_read_at = case when $3 is not null then $5 end,
        certificates_told = case when certificates_end_at = $4 then certificates_told end, certificates_end_at = $4
    where tenant_id = $1 and id = $2";

const TENANT_OF: &str = "
    select c.tenant_id from idp_configurations c join tenants t on t.id = c.tenant_id
    where c.id = $1 and c.is_active and t.is_active";
const TENANT_OF_ANY: &str = "
    select c.tenant_id from idp_configurations c join tenants t on t.id = c.tenant_id
    where c.id = $1 and t.is_active";
const KNOWS_ANYBODY: &str = "select id from sso_identities where tenant_id = $1 and idp_id = $2 limit 1";
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

/// What is stored beside the settings and shown to nobody.
#[derive(Default)]
pub(super) struct Beside {
    /// Sealed.
    pub(super) secret: Option<Vec<u8>>,
    /// Elder's own keys, sealed: the one that signs, the next, the former.
    pub(super) keys: [Option<Vec<u8>>; 3],
    pub(super) metadata: Option<String>,
}

/// A key of Elder's own.
pub(super) struct SealedKey {
    /// Sealed.
    pub(super) private: Vec<u8>,
    pub(super) certificate: String,
}

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<IdentityProvider>, DbError> {
    conn.list(&IDPS, &Scope::of("tenant_id = $1", [tenant.into()]), selection, read).await
}

/// The providers of all tenants.
pub(super) async fn list_all(
    conn: &PlatformConn,
    selection: &Selection,
) -> Result<Found<GlobalIdentityProvider>, DbError> {
    let read = |row: &Row| {
        let tenant_id = row.get::<Option<i32>>("tenant_id")?.map(TenantId);
        Ok(GlobalIdentityProvider { tenant_id, tenant_slug: row.get("tenant_slug")?, idp: read(row)? })
    };
    conn.list(&ALL_IDPS, &Scope::everything(), selection, read).await
}

/// A provider, with what is stored beside.
pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: IdentityProviderId,
) -> Result<Option<(IdentityProvider, Beside)>, DbError> {
    let Some(row) = conn.raw_row(FIND, [tenant.into(), id.into()]).await? else { return Ok(None) };
    let beside = Beside {
        secret: row.get("oidc_client_secret")?,
        keys: [row.get("own_key")?, row.get("next_key")?, row.get("former_key")?],
        metadata: row.get("metadata_xml")?,
    };
    Ok(Some((read(&row)?, beside)))
}

/// Keeps others from changing it until the transaction ends; sign-ins go on.
pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: IdentityProviderId,
) -> Result<Option<IdentityProvider>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

/// Keeps everybody from it until the transaction ends, those who sign in too.
pub(super) async fn lock_out(
    conn: &TenantConn,
    tenant: TenantId,
    id: IdentityProviderId,
) -> Result<Option<IdentityProvider>, DbError> {
    conn.raw_row(LOCK_OUT, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    idp: &IdentityProvider,
    (beside, key): (Beside, Option<SealedKey>),
    certificates_end: Option<DateTime<Utc>>,
) -> Result<u64, DbError> {
    let (key, certificate) = key.map(|key| (key.private, key.certificate)).unzip();
    let more: [Value; 7] = [
        idp.idp_type.name().into(),
        idp.provider.name().into(),
        Value::Bytes(beside.secret),
        Value::Bytes(key),
        certificate.into(),
        beside.metadata.into(),
        certificates_end.into(),
    ];
    conn.run(INSERT, values(tenant, idp).into_iter().chain(more)).await
}

pub(super) async fn update(
    conn: &TenantConn,
    tenant: TenantId,
    idp: &IdentityProvider,
    secret: SealedSecret,
    key: Option<SealedKey>,
) -> Result<u64, DbError> {
    let (key, certificate) = key.map(|key| (key.private, key.certificate)).unzip();
    let (another, is_same) = match secret {
        SealedSecret::Same => (None, true),
        SealedSecret::Another(sealed) => (Some(sealed), false),
        SealedSecret::None => (None, false),
    };
    let more: [Value; 5] = [
        Value::Bytes(another),
        is_same.into(),
        idp.last_login_at.into(),
        Value::Bytes(key),
        certificate.into(),
    ];
    conn.run(UPDATE, values(tenant, idp).into_iter().chain(more)).await
}

pub(super) async fn describe(
    conn: &TenantConn,
    tenant: TenantId,
    id: IdentityProviderId,
    (metadata, certificates_end): (Option<&str>, Option<DateTime<Utc>>),
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let values: [Value; 5] =
        [tenant.into(), id.into(), metadata.map(str::to_owned).into(), certificates_end.into(), now.into()];
    conn.run(DESCRIBE, values).await
}

pub(super) async fn delete(
    conn: &TenantConn,
    tenant: TenantId,
    id: IdentityProviderId,
) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), id.into()]).await
}

/// Whether anybody's account is linked to whom it means.
pub(super) async fn knows_anybody(
    conn: &TenantConn,
    tenant: TenantId,
    id: IdentityProviderId,
) -> Result<bool, DbError> {
    Ok(conn.raw_row(KNOWS_ANYBODY, [tenant.into(), id.into()]).await?.is_some())
}

pub(super) async fn tenant_of(
    conn: &PlatformConn,
    id: IdentityProviderId,
) -> Result<Option<TenantId>, DbError> {
    let row = conn.raw_row(TENANT_OF, [id.into()]).await?;
    row.map(|row| row.get("tenant_id").map(TenantId)).transpose()
}

/// The same, whether or not anybody may sign in by it.
pub(super) async fn tenant_of_any(
    conn: &PlatformConn,
    id: IdentityProviderId,
) -> Result<Option<TenantId>, DbError> {
    let row = conn.raw_row(TENANT_OF_ANY, [id.into()]).await?;
    row.map(|row| row.get("tenant_id").map(TenantId)).transpose()
}

fn values(tenant: TenantId, idp: &IdentityProvider) -> [Value; 28] {
    [
        tenant.into(),
        idp.id.into(),
        idp.name.as_str().into(),
        fold(&idp.name).into(),
        idp.oidc_issuer_url.clone().into(),
        idp.oidc_client_id.clone().into(),
        idp.oidc_scopes.clone().into(),
        idp.oidc_token_endpoint_auth_method.map(|method| method.name().to_owned()).into(),
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
        idp.entity_id.clone().into(),
        idp.metadata_url.clone().into(),
        idp.sso_url.clone().into(),
        idp.slo_url.clone().into(),
        idp.certificates.clone().into(),
        idp.saml.as_ref().map_or(Value::Json(None), json),
        idp.single_logout.into(),
        idp.enforced.into(),
    ]
}

fn json(value: &(impl Serialize + ?Sized)) -> Value {
    serde_json::to_value(value).unwrap_or(Json::Array(Vec::new())).into()
}

/// What Elder has written itself.
fn stored<T: DeserializeOwned + Default>(row: &Row, column: &str) -> Result<T, DbError> {
    Ok(serde_json::from_value(row.get::<Json>(column)?).unwrap_or_default())
}

fn own_certificates(row: &Row) -> Result<Vec<OwnCertificate>, DbError> {
    let mut all = Vec::new();
    for (stage, column) in [
        (KeyStage::Current, "own_certificate"),
        (KeyStage::Next, "next_certificate"),
        (KeyStage::Former, "former_certificate"),
    ] {
        let certificate = row.get::<Option<String>>(column)?;
        all.extend(certificate.map(|certificate| OwnCertificate { stage, certificate }));
    }
    Ok(all)
}

fn read(row: &Row) -> Result<IdentityProvider, DbError> {
    let method = row.get::<Option<&str>>("oidc_token_endpoint_auth_method")?;
    let saml = row.get::<Option<Json>>("saml")?;
    let idp_type = IdpType::named(row.get("idp_type")?).unwrap_or_default();
    Ok(IdentityProvider {
        id: Id::from_uuid(row.get("id")?),
        is_global: row.get("is_global")?,
        idp_type,
        provider: IdpProvider::named(row.get("provider")?).unwrap_or_default(),
        name: row.get("name")?,
        oidc_issuer_url: row.get("oidc_issuer_url")?,
        oidc_client_id: row.get("oidc_client_id")?,
        has_client_secret: row.get("has_client_secret")?,
        oidc_scopes: row.get("oidc_scopes")?,
        oidc_response_type: (idp_type == IdpType::Oidc).then(ResponseType::default),
        oidc_token_endpoint_auth_method: method.and_then(ClientAuthMethod::named),
        oidc_allowed_tenants: row.get("oidc_allowed_tenants")?,
        entity_id: row.get("entity_id")?,
        metadata_url: row.get("metadata_url")?,
        sso_url: row.get("sso_url")?,
        slo_url: row.get("slo_url")?,
        certificates: row.get("certificates")?,
        saml: saml.and_then(|saml| serde_json::from_value(saml).ok()),
        service_provider: None,
        oidc_jwks_url: None,
        own_certificates: own_certificates(row)?,
        trusts_mfa: row.get("trusts_mfa")?,
        single_logout: row.get("single_logout")?,
        enforced: row.get("enforced")?,
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

#[cfg(test)]
mod tests;
