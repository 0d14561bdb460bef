//! By what right a transaction is made: a permission, one's own account, a guest's flow, or a job.

pub(crate) mod sealed {
    /// Keeps other crates from making authorities of their own.
    pub trait Sealed {}
}
use sealed::Sealed;

/// Whether a transaction may change anything.
pub trait Mode: Sealed + 'static {
    /// True for [`Write`].
    const WRITES: bool;
}

/// The transaction reads; it has no `commit`.
#[derive(Debug)]
pub enum Read {}
/// The transaction may write; `commit(event)` is its only way out.
#[derive(Debug)]
pub enum Write {}

impl Sealed for Read {}
impl Sealed for Write {}
impl Mode for Read {
    const WRITES: bool = false;
}
impl Mode for Write {
    const WRITES: bool = true;
}

/// The right by which a transaction was made.
pub trait Authority: Sealed + 'static {
    /// Read or write.
    type Mode: Mode;
    /// The name, as logs and documents show it.
    const NAME: &'static str;
}

/// Something that somebody may do who is not signed in.
pub trait Flow: Authority<Mode = Write> {
    /// Whether somebody becomes one of a tenant by it.
    const ADDS_PEOPLE: bool = false;
}

/// Something that the worker does by itself.
pub trait Work: Authority<Mode = Write> {}

/// A signed-in user reads what is their own.
#[derive(Debug)]
pub enum OwnRead {}
/// A signed-in user changes what is their own.
#[derive(Debug)]
pub enum OwnWrite {}

/// A signed-in user ends the session that asks.
#[derive(Debug)]
pub enum OwnLeave {}

macro_rules! authorities {
    ($($trait:ident: $(#[$doc:meta] $marker:ident = $name:literal $({$($own:tt)*})?;)+)*) => {$($(
        #[$doc]
        #[derive(Debug)]
        pub enum $marker {}
        impl super::Sealed for $marker {}
        impl super::Authority for $marker {
            type Mode = super::Write;
            const NAME: &'static str = $name;
        }
        impl super::$trait for $marker {$($($own)*)?}
    )+)*};
}

impl Sealed for OwnRead {}
impl Authority for OwnRead {
    type Mode = Read;
    const NAME: &'static str = "own:read";
}
impl Sealed for OwnWrite {}
impl Authority for OwnWrite {
    type Mode = Write;
    const NAME: &'static str = "own:write";
}

impl Sealed for OwnLeave {}
impl Authority for OwnLeave {
    type Mode = Write;
    const NAME: &'static str = "own:leave";
}

/// The flows of those who are not signed in.
pub mod flows {
    authorities! {
        Flow:
        #[doc = "Signing in with a password."] SignIn = "sign_in";
        #[doc = "Renewing an access token with a refresh token."] Refresh = "refresh";
        #[doc = "Making the first owner of an empty platform."] Setup = "setup";
        #[doc = "Asking for an account, and being given it."] Registration = "registration" { const ADDS_PEOPLE: bool = true; };
        #[doc = "Accepting an invitation."] Invitation = "invitation" { const ADDS_PEOPLE: bool = true; };
        #[doc = "Opening the link that proves an address."] EmailProof = "email_proof";
        #[doc = "Choosing another password in place of a forgotten one."] PasswordReset = "password_reset";
        #[doc = "Exchanging an authorization code for the tokens of a session."] CodeExchange = "code_exchange";
        #[doc = "Being sent to an identity provider, and coming back from it."] SingleSignOn = "single_sign_on";
    }
}

/// What the worker and the command line do.
pub mod work {
    authorities! {
        Work:
        #[doc = "Making the first owner from the configuration or the setup link."] Bootstrap = "bootstrap";
        #[doc = "What the operator does from the shell."] Shell = "shell";
        #[doc = "Loading the demonstration data."] Demo = "demo";
        #[doc = "Removing tenants whose time has come."] TenantRemoval = "tenant_removal";
        #[doc = "Keeping partitions ahead, folding usage, counting for metrics."] Housekeeping = "housekeeping";
        #[doc = "Answering and erasing what is asked about a person."] Privacy = "privacy";
        #[doc = "Handing mails to the mail server."] MailDelivery = "mail_delivery";
        #[doc = "Having reports for auditors made on schedule, and telling those for whom they are."] Reporting = "reporting";
    }
}
