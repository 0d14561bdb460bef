//! Settings as they are stored: only what differs from the defaults, so that a better default reaches every tenant.

use std::sync::Arc;

use elder_access::{Authority, DbError, TenantTx};
use elder_kernel::{Coded, ErrorCode, FieldFault, Known, Objects};
use garde::Validate as _;
use serde::Deserialize as _;
use serde_json::{Map, Value, json};

use super::{Registration, TenantSettings};

const OWN: &str = "select settings from tenants where id = $1";
const REGISTRATION: &str = "select registration from platform_settings";

/// The settings of the transaction's tenant.
///
/// # Errors
/// [`DbError`].
pub async fn of<A: Authority>(tx: &TenantTx<A>) -> Result<TenantSettings, DbError> {
    match tx.raw_row(OWN, [tx.tenant().into()]).await? {
        Some(row) => tolerant(row.get("settings")?),
        None => Ok(TenantSettings::default()),
    }
}

/// Who may get an account of the transaction's tenant: what the tenant allows, if the platform does too.
///
/// # Errors
/// [`DbError`].
pub async fn registration<A: Authority>(tx: &TenantTx<A>) -> Result<Registration, DbError> {
    let row = tx.raw_row(REGISTRATION, []).await?;
    let most =
        row.map_or(Ok(Registration::default()), |row| row.get("registration").map(Registration::named))?;
    Ok(of(tx).await?.registration.min(most))
}

/// Reads stored settings. Names that this version does not know are passed over: a node of an older version must
/// still let people in while a newer one beside it has already stored more.
///
/// # Errors
/// [`DbError::Driver`] if what is stored are no settings: a defect.
pub fn tolerant(stored: Value) -> Result<TenantSettings, DbError> {
    TenantSettings::deserialize(Known(stored)).map_err(|error| DbError::Driver(Arc::new(error)))
}

/// Settings that break a rule, or a patch that names what is no setting.
#[derive(Debug, thiserror::Error)]
#[error("the settings are not valid: {}", .0.iter().map(|fault| fault.detail.as_str()).collect::<Vec<_>>().join("; "))]
pub struct InvalidSettings(Vec<FieldFault>);

impl Coded for InvalidSettings {
    fn code(&self) -> ErrorCode {
        let names_unknown = self.0.iter().any(|fault| fault.code == UNKNOWN);
        if names_unknown { ErrorCode::UnknownField } else { ErrorCode::ValidationFailed }
    }

    fn faults(&self) -> Vec<FieldFault> {
        self.0.clone()
    }
}

const UNKNOWN: &str = "unknown_field";

/// Applies a merge patch (RFC 7396 §2): null takes a setting back to its default.
///
/// # Errors
/// [`InvalidSettings`] if the result is not valid.
pub(crate) fn merge(
    settings: &TenantSettings,
    patch: &Map<String, Value>,
) -> Result<TenantSettings, InvalidSettings> {
    let mut target = stored_form(settings);
    merge_value(&mut target, &Value::Object(patch.clone()));
    let settings: TenantSettings = serde_path_to_error::deserialize(Objects(target)).map_err(|error| {
        let pointer =
            format!("/settings/{}", error.path().to_string().replace(['.', '['], "/").replace(']', ""));
        let text = error.into_inner().to_string();
        let code = if text.starts_with("unknown field") { UNKNOWN } else { "invalid_type" };
        InvalidSettings(vec![FieldFault::new(pointer, code, text)])
    })?;
    match settings.validate() {
        Ok(()) => Ok(settings),
        Err(report) => Err(InvalidSettings(report.iter().map(fault).collect())),
    }
}

fn fault((path, error): &(garde::Path, garde::Error)) -> FieldFault {
    let path = path.to_string().replace(['.', '['], "/").replace(']', "");
    FieldFault::new(format!("/settings/{path}"), "invalid_value", error.message())
}

fn merge_value(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let Value::Object(target) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            target.remove(name);
        } else {
            merge_value(target.entry(name).or_insert(Value::Null), value);
        }
    }
}

/// What differs from the defaults.
pub(crate) fn stored_form(settings: &TenantSettings) -> Value {
    difference(json!(settings), &json!(TenantSettings::default())).unwrap_or_else(|| json!({}))
}

fn difference(value: Value, default: &Value) -> Option<Value> {
    match (value, default) {
        (Value::Object(fields), Value::Object(defaults)) => {
            let differing: Map<_, _> = fields
                .into_iter()
                .filter_map(|(name, value)| {
                    let default = defaults.get(&name).unwrap_or(&Value::Null);
                    difference(value, default).map(|value| (name, value))
                })
                .collect();
            (!differing.is_empty()).then_some(Value::Object(differing))
        }
        (value, default) => (value != *default).then_some(value),
    }
}
