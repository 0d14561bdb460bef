//! Accounts: who may sign in to a tenant.

mod batch;
pub(crate) mod event;
mod regional;
pub(crate) mod routes;
mod row;
pub mod service;

use chrono::{DateTime, Utc};
use elder_access::{GlobalRole, Role};
use elder_kernel::{
    Directory, Id, Organization, Patch, Secret, User,
    collection::{Collection, Field},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::password::service::Person;
pub use crate::{
    authority::{ChangesAccounts, ManagesAccounts, ReadsAccounts, Standing},
    email::{Email, InvalidEmail},
};
pub use regional::{InvalidLocale, InvalidTimeZone, Locale, TimeZone};
pub(crate) use row::columns;

/// The id of an account, as OpenAPI documents it.
pub(crate) type UserId = Id<User>;
type DirectoryId = Id<Directory>;

/// An account as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
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

impl<'a> From<&'a Account> for Person<'a> {
    fn from(account: &'a Account) -> Self {
        Self::new(&account.email, &account.full_name).with_account(account.id)
    }
}

/// An account about to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The address.
    pub email: Email,
    /// The person's name.
    pub full_name: String,
    /// The role on the platform; only in System.
    pub global_role: Option<GlobalRole>,
    /// The built-in role in the tenant.
    pub tenant_role: Option<Role>,
    /// Whether the person may sign in.
    pub is_active: bool,
    /// Whether the address is proven.
    pub email_verified: bool,
    /// The language tag.
    pub locale: Option<Locale>,
    /// The time zone.
    pub time_zone: Option<TimeZone>,
    /// What another system calls the person.
    pub external_id: Option<String>,
    /// The directory that manages the account.
    pub managed_by: Option<Id<Directory>>,
    /// The hash of the password, by `password::service`.
    pub password_hash: Option<Secret<String>>,
}

impl NewAccount {
    /// An active account with nothing but an address and a name.
    pub fn of(email: Email, full_name: impl Into<String>) -> Self {
        Self {
            email,
            full_name: full_name.into(),
            global_role: None,
            tenant_role: None,
            is_active: true,
            email_verified: false,
            locale: None,
            time_zone: None,
            external_id: None,
            managed_by: None,
            password_hash: None,
        }
    }
}

/// A change of an account; the default changes nothing.
#[derive(Debug, Clone, Default)]
pub struct AccountChange {
    /// Another address, which is then to be proven again.
    pub email: Option<Email>,
    /// Another name.
    pub full_name: Option<String>,
    /// Another language tag.
    pub locale: Patch<Locale>,
    /// Another time zone.
    pub time_zone: Patch<TimeZone>,
    /// Another external id.
    pub external_id: Patch<String>,
    /// Another directory that manages the account.
    pub managed_by: Patch<Id<Directory>>,
}

/// What makes a user.
#[derive(Debug, Clone, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    /// The address; unique in the tenant.
    #[garde(skip)]
    #[schema(value_type = String, format = "email", example = "ana@example.com")]
    email: Email,
    /// The person's name.
    #[serde(default)]
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    full_name: String,
    /// A built-in role, no higher than the caller's own.
    #[garde(skip)]
    tenant_role: Option<Role>,
    /// A first password; without one nobody can sign in with a password yet.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "password", write_only)]
    password: Option<Secret<String>>,
    /// What the password became.
    #[serde(skip)]
    #[garde(skip)]
    password_hash: Option<Secret<String>>,
    /// The language tag (BCP 47).
    #[garde(skip)]
    locale: Option<Locale>,
    /// The time zone (IANA).
    #[garde(skip)]
    time_zone: Option<TimeZone>,
    /// What another system calls the person.
    #[garde(length(chars, min = 1, max = 255))]
    #[schema(min_length = 1, max_length = 255)]
    external_id: Option<String>,
}

impl From<NewUser> for NewAccount {
    fn from(new: NewUser) -> Self {
        Self {
            tenant_role: new.tenant_role,
            locale: new.locale,
            time_zone: new.time_zone,
            external_id: new.external_id,
            password_hash: new.password_hash,
            ..Self::of(new.email, new.full_name)
        }
    }
}

/// A merge patch (RFC 7396) of a user. Roles are changed by grants, the state by its own routes.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserPatch {
    /// Another address.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "email")]
    email: Option<Email>,
    /// Another name.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    full_name: Option<String>,
    /// Another language tag; null clears it.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<Locale>)]
    locale: Patch<Locale>,
    /// Another time zone; null clears it.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<TimeZone>)]
    time_zone: Patch<TimeZone>,
    /// Another external id; null clears it.
    #[serde(default)]
    #[garde(custom(sane_external_id))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255)]
    external_id: Patch<String>,
}

fn sane_external_id(patch: &Patch<String>, _: &()) -> garde::Result {
    match patch.value().map(|id| id.chars().count()) {
        None | Some(1..=255) => Ok(()),
        Some(_) => Err(garde::Error::new("length must be from 1 to 255")),
    }
}

impl From<UserPatch> for AccountChange {
    fn from(patch: UserPatch) -> Self {
        Self {
            email: patch.email,
            full_name: patch.full_name,
            locale: patch.locale,
            time_zone: patch.time_zone,
            external_id: patch.external_id,
            managed_by: Patch::Keep,
        }
    }
}

/// Another password for a user.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// The new password.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    password: Secret<String>,
}

/// The users of a tenant, as they are listed.
#[derive(Debug)]
pub(crate) enum Users {}

impl Collection for Users {
    const NAME: &'static str = "users";
    const FIELDS: &'static [Field] = &[
        Field::id::<User>("id").sortable(),
        Field::folded("email").sortable(),
        Field::folded("full_name").sortable(),
        Field::word("global_role", GlobalRole::NAMES),
        Field::word("tenant_role", Role::NAMES),
        Field::bool("is_active"),
        Field::bool("email_verified"),
        Field::bool("has_password"),
        Field::optional_time("last_login_at"),
        Field::text("locale"),
        Field::text("time_zone"),
        Field::text("external_id"),
        Field::id::<Directory>("managed_by"),
        Field::integer("version").unfiltered(),
        Field::time("created_at").sortable(),
        Field::time("updated_at"),
        Field::id::<Organization>("organization_id").hidden(),
    ];
}

/// Which users to list, beside the filter.
#[derive(Debug, Deserialize, garde::Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UserSearch {
    /// Part of the address or the name: at least two characters. Alone, in the order of ids, it is served by an index.
    #[garde(length(chars, min = 2, max = 100))]
    #[param(min_length = 2, max_length = 100)]
    search: Option<String>,
}
