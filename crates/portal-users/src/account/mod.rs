//! Accounts: who may sign in to a tenant.

mod batch;
pub(crate) mod event;
pub(crate) mod routes;
mod row;
pub mod service;

use elder_access::{GlobalRole, Role};
use elder_kernel::{
    Directory, Id, Organization, Patch, Secret, User,
    collection::{Collection, Field},
};

pub use crate::authority::{ChangesAccounts, ManagesAccounts, ReadsAccounts, Standing};
use crate::password::service::Person;
pub(crate) use elder_api_types::{
    UserId,
    user::{NewPassword, NewUser, UserPatch, UserSearch},
};
pub use elder_api_types::{
    email::{Email, InvalidEmail},
    regional::{InvalidLocale, InvalidTimeZone, Locale, TimeZone},
    user::Account,
};
pub(crate) use row::{columns, read};

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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChange {
    /// Another address, which is then to be proven again.
    pub email: Option<Email>,
    /// Whether the address that the account has then is proven.
    pub email_proven: bool,
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

impl From<NewUser> for NewAccount {
    /// Of a user that is prepared: the password is hashed, a hash that was brought along is checked.
    fn from(new: NewUser) -> Self {
        Self {
            password_hash: new.password_hash,
            tenant_role: new.tenant_role,
            locale: new.locale,
            time_zone: new.time_zone,
            external_id: new.external_id,
            ..Self::of(new.email, new.full_name)
        }
    }
}

impl From<UserPatch> for AccountChange {
    fn from(patch: UserPatch) -> Self {
        Self {
            email: patch.email,
            email_proven: false,
            full_name: patch.full_name,
            locale: patch.locale,
            time_zone: patch.time_zone,
            external_id: patch.external_id,
            managed_by: Patch::Keep,
        }
    }
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
