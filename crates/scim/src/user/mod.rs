//! People as a directory pushes them.

pub(crate) mod routes;
pub(crate) mod service;

use elder_kernel::{Directory, Id, Patch};
use elder_portal_users::account::{AccountChange, Email, Locale, TimeZone};
use elder_scim_protocol::{
    error::{ScimError, ScimType},
    resource::Resource,
};
use serde_json::Value;

/// What Elder itself uses of a resource: the account that it stands for. Roles are never among it: what a provider
/// writes into `roles` and `entitlements` comes back to it and gives nobody any right here, unless a mapping says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) email: Email,
    pub(crate) full_name: String,
    pub(crate) locale: Option<Locale>,
    pub(crate) time_zone: Option<TimeZone>,
    pub(crate) external_id: Option<String>,
    pub(crate) is_active: bool,
}

impl Profile {
    /// Reads a resource of a directory.
    ///
    /// # Errors
    /// `invalidValue` if neither an e-mail address nor the `userName` can stand for one.
    pub(crate) fn of(resource: &Resource, directory: Id<Directory>) -> Result<Self, ScimError> {
        let text = |name: &str| resource.attributes().get(name).and_then(Value::as_str);
        Ok(Self {
            email: address(resource, directory)?,
            full_name: resource.display_name().unwrap_or_default(),
            // What is no known language or zone stays in the resource alone.
            locale: text("locale").or(text("preferredLanguage")).and_then(|locale| locale.parse().ok()),
            time_zone: text("timezone").and_then(|zone| zone.parse().ok()),
            external_id: resource.external_id().map(str::to_owned),
            is_active: is_active(resource),
        })
    }

    /// What is to be changed in the account when the resource becomes another one.
    pub(crate) fn change_to(&self, new: &Self) -> AccountChange {
        fn patch<T: Clone + PartialEq>(old: Option<&T>, new: Option<&T>) -> Patch<T> {
            if old == new { Patch::Keep } else { new.cloned().into() }
        }
        AccountChange {
            email: (self.email.typed() != new.email.typed()).then(|| new.email.clone()),
            full_name: (self.full_name != new.full_name).then(|| new.full_name.clone()),
            locale: patch(self.locale.as_ref(), new.locale.as_ref()),
            time_zone: patch(self.time_zone.as_ref(), new.time_zone.as_ref()),
            external_id: patch(self.external_id.as_ref(), new.external_id.as_ref()),
            ..AccountChange::default()
        }
    }
}

/// Who was never said to be inactive is active.
pub(crate) fn is_active(resource: &Resource) -> bool {
    resource.active().unwrap_or(true)
}

/// The values of `roles` or of `entitlements`. Entra sends an application role as JSON in a text: its `value` is meant.
pub(crate) fn named(resource: &Resource, list: &str) -> Vec<String> {
    let values = resource.attributes().get(list).and_then(Value::as_array).into_iter().flatten();
    let text = |value: &Value| {
        let text = value.get("value")?.as_str()?;
        let packed = Some(text).filter(|text| text.starts_with('{'));
        let role = packed.and_then(|text| serde_json::from_str::<Value>(text).ok());
        Some(role.as_ref().and_then(|role| role.get("value")?.as_str()).unwrap_or(text).to_owned())
    };
    values.filter_map(text).collect()
}

/// An address that no mail reaches (RFC 2606 §2), and that no other directory gives.
pub(crate) fn unreachable_address(name: &str, directory: Id<Directory>) -> Result<Email, ScimError> {
    // A host name has no `_`.
    let host = directory.to_string().replace('_', "-");
    let detail = "without emails, userName must be the local part of an address";
    format!("{name}@{host}.invalid").parse().map_err(|_| ScimError::new(ScimType::InvalidValue, detail))
}

/// The address of the account: the primary e-mail address, else the `userName` if it is one, else one that no mail
/// reaches, since not every provider knows an address for everybody.
fn address(resource: &Resource, directory: Id<Directory>) -> Result<Email, ScimError> {
    let invalid = |what: &str| ScimError::new(ScimType::InvalidValue, format!("{what} is no e-mail address"));
    if let Some(email) = resource.primary_email() {
        return email.parse().map_err(|_| invalid("emails.value"));
    }
    let name = resource.user_name().unwrap_or_default();
    name.parse().or_else(|_| unreachable_address(name, directory))
}
