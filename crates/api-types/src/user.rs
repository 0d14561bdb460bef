//! Users: the accounts of people in a tenant.

use chrono::{DateTime, Utc};
use elder_kernel::{Patch, Secret};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    email::Email,
    ids::{DirectoryId, UserId},
    regional::{Locale, TimeZone},
    role::{GlobalRole, Role},
};

/// An account as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = User)]
pub struct Account {
    /// The account.
    pub id: UserId,
    /// The address as it was typed; it is compared without regard to case.
    #[schema(value_type = String, format = "email", example = "ana@example.com")]
    pub email: Email,
    /// The person's name.
    #[schema(example = "Ana Gruber")]
    pub full_name: String,
    /// The role on the platform; System's users alone can have one.
    pub global_role: Option<GlobalRole>,
    /// The built-in role in the tenant.
    pub tenant_role: Option<Role>,
    /// Whether the person may sign in.
    pub is_active: bool,
    /// Whether the address was proven.
    pub email_verified: bool,
    /// Whether a password is set.
    pub has_password: bool,
    /// When the person last signed in.
    pub last_login_at: Option<DateTime<Utc>>,
    /// The language tag (BCP 47).
    pub locale: Option<Locale>,
    /// The time zone (IANA).
    pub time_zone: Option<TimeZone>,
    /// What another system calls the person.
    pub external_id: Option<String>,
    /// The directory that manages address, name and state; then they are read-only here.
    pub managed_by: Option<DirectoryId>,
    /// Grows with every change.
    pub version: i64,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// What makes a user.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Clone, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// The address; unique in the tenant.
    #[garde(skip)]
    #[schema(value_type = String, format = "email", example = "ana@example.com")]
    pub email: Email,
    /// The person's name.
    #[serde(default)]
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    pub full_name: String,
    /// A built-in role, no higher than the caller's own.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_role: Option<Role>,
    /// A first password; without one nobody can sign in with a password yet.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "password", write_only)]
    #[cfg_attr(
        feature = "client",
        serde(serialize_with = "crate::secret::exposed_if_there", skip_serializing_if = "Option::is_none")
    )]
    pub password: Option<Secret<String>>,
    /// In place of a password, the hash that another system has of it: by Argon2id, bcrypt, scrypt or PBKDF2, as a PHC
    /// string or as Django or Werkzeug write it. The first sign-in replaces it by one of Elder's own.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "password", write_only, max_length = 512,
        example = "$2b$12$wLjmdzExoNbQh37WCMq2q.WQsWsFnthhBsPHZ9KlpXMZI5StGga56")]
    #[cfg_attr(
        feature = "client",
        serde(serialize_with = "crate::secret::exposed_if_there", skip_serializing_if = "Option::is_none")
    )]
    pub password_hash: Option<Secret<String>>,
    /// The language tag (BCP 47).
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// The time zone (IANA).
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<TimeZone>,
    /// What another system calls the person.
    #[garde(length(chars, min = 1, max = 255))]
    #[schema(min_length = 1, max_length = 255)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
}

impl NewUser {
    /// A user with nothing but an address.
    pub const fn at(email: Email) -> Self {
        Self {
            email,
            full_name: String::new(),
            tenant_role: None,
            password: None,
            password_hash: None,
            locale: None,
            time_zone: None,
            external_id: None,
        }
    }
}

/// A merge patch (RFC 7396) of a user. Roles are changed by grants, the state by its own routes.
#[derive(Debug, Default, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserPatch {
    /// Another address.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "email")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Another name.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// Another language tag; null clears it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[garde(skip)]
    #[schema(value_type = Option<Locale>)]
    pub locale: Patch<Locale>,
    /// Another time zone; null clears it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[garde(skip)]
    #[schema(value_type = Option<TimeZone>)]
    pub time_zone: Patch<TimeZone>,
    /// Another external id; null clears it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[garde(custom(sane_external_id))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255)]
    pub external_id: Patch<String>,
}

fn sane_external_id(patch: &Patch<String>, _: &()) -> garde::Result {
    match patch.value().map(|id| id.chars().count()) {
        None | Some(1..=255) => Ok(()),
        Some(_) => Err(garde::Error::new("length must be from 1 to 255")),
    }
}

/// Another password for a user.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// The new password.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed"))]
    pub password: Secret<String>,
}

/// Which users to list, beside the filter.
#[derive(Debug, Default, Serialize, Deserialize, garde::Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UserSearch {
    /// Part of the address or the name: at least two characters. Alone, in the order of ids, it is served by an index.
    #[garde(length(chars, min = 2, max = 100))]
    #[param(min_length = 2, max_length = 100)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
}
