//! By which rights accounts are read and managed, and what each of them is bound by.

use elder_access::{Authority, OwnRead, OwnWrite, Write, flows, markers, work};

/// A right to see the accounts of a tenant.
pub trait ReadsAccounts: Authority {}

/// A right to change accounts, if only one's own.
pub trait ChangesAccounts: ReadsAccounts + Authority<Mode = Write> {
    /// On whose behalf.
    const STANDING: Standing;
}

/// A right to make, change and remove the accounts of a tenant.
pub trait ManagesAccounts: ChangesAccounts {}

/// On whose behalf accounts are managed, which decides by what rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A person: reaches nobody whose roles exceed their own, and leaves to a directory what it manages.
    Person,
    /// A directory: manages its attributes whatever roles a user has, and gives no roles.
    Directory,
    /// Elder itself, the shell of its operator, or who has just proven to be the owner: bound by neither.
    Platform,
}

macro_rules! changers {
    ($($authority:ty = $standing:ident;)*) => {$(
        impl ReadsAccounts for $authority {}
        impl ChangesAccounts for $authority {
            const STANDING: Standing = Standing::$standing;
        }
    )*};
}

macro_rules! managers {
    ($($authority:ty = $standing:ident;)*) => {
        changers! { $($authority = $standing;)* }
        $(impl ManagesAccounts for $authority {})*
    };
}

macro_rules! readers {
    ($($authority:ty;)*) => {$(impl ReadsAccounts for $authority {})*};
}

managers! {
    markers::UsersWrite = Person;
    markers::PlatformUsersWrite = Platform;
    markers::ScimWrite = Directory;
    flows::Invitation = Platform;
    flows::EmailProof = Platform;
    flows::SingleSignOn = Platform;
    work::Shell = Platform;
    work::Demo = Platform;
}

changers! {
    OwnWrite = Person;
    markers::InvitationsWrite = Person;
    markers::MfaWrite = Person;
    markers::IdpsWrite = Person;
    flows::SignIn = Platform;
    flows::PasswordReset = Platform;
}

readers! {
    markers::UsersRead;
    markers::UsersImpersonate;
    markers::PlatformUsersImpersonate;
    markers::SessionsRead;
    markers::SessionsWrite;
    markers::MfaRead;
    markers::IdpsRead;
    markers::ScimRead;
    OwnRead;
    flows::Refresh;
    flows::Registration;
    flows::Setup;
    work::Bootstrap;
}
