//! What can go wrong with accounts, passwords and sessions.

use elder_access::{DbError, InvalidCursor, Maintenance, session::RefreshFault};
use elder_api_types::{email::InvalidEmail, settings::SecondFactor, sign_in::TenantChoice};
use elder_crypto::{Busy, UnknownHash};
use elder_kernel::{Coded, ErrorCode, FieldFault};

use crate::password::Weaknesses;

/// A fault of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such resource, or none that the caller may know of.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// The address belongs to another account of the tenant.
    #[error("another user of this tenant has this e-mail address")]
    EmailTaken,
    /// The tenant or the platform would have no admin any more.
    #[error("this is the last active admin {of}: appoint another one first")]
    LastAdmin {
        /// `of the tenant` or `of the platform`.
        of: &'static str,
    },
    /// A directory manages these attributes.
    #[error("a directory manages {}: change them where it has them from", .0.join(", "))]
    ManagedByDirectory(Vec<&'static str>),
    /// The roles in question go beyond the caller's own.
    #[error("these roles go beyond your own: somebody who holds them must do this")]
    ExceedsOwn,
    /// A password that breaks a rule.
    #[error("the password breaks a rule; `errors` names each")]
    WeakPassword(#[from] Weaknesses),
    /// A hash of another system that no sign-in could compare a password with.
    #[error("`password_hash` {0}")]
    UnknownHash(#[from] UnknownHash),
    /// Both a password and the hash of one.
    #[error("a user has a first password or the hash of one: send either")]
    PasswordAndHash,
    /// An address at a domain that the tenant does not take.
    #[error("this tenant takes e-mail addresses at these domains alone: {}", .0.join(", "))]
    EmailDomain(Vec<String>),
    /// The present password that was sent is not the one.
    #[error("the present password is another one")]
    WrongPassword,
    /// A sign-in that failed, whatever the reason.
    #[error("e-mail address and password do not fit, or the account may not sign in now")]
    InvalidCredentials,
    /// The right password, and older than the tenant allows.
    #[error("this password is older than the tenant allows: send another one with it as `new_password`")]
    PasswordExpired,
    /// The tenant's people sign in by its identity provider.
    #[error("people of this tenant sign in by its identity provider")]
    SsoRequired,
    /// A network that the tenant does not let in.
    #[error("the tenant does not let your network in")]
    NetworkForbidden,
    /// A proof besides the password that is not right, whatever was wrong with it.
    #[error("the proof is not right, or the account may not sign in now")]
    InvalidProof,
    /// A password where a second factor is asked for.
    #[error("you have a second factor: prove that")]
    SecondFactorNeeded(Vec<SecondFactor>),
    /// A second factor.
    #[error(transparent)]
    Mfa(elder_mfa::Error),
    /// A mail that could not be written.
    #[error(transparent)]
    Mail(#[from] elder_mail::Error),
    /// Several tenants know this person.
    #[error("several tenants know this account: name one of `tenants` as `tenant`")]
    TenantRequired(Vec<TenantChoice>),
    /// The tenant lets nobody have more sessions, and the person has them all.
    #[error("you are signed in as often as the tenant allows: sign out elsewhere first")]
    TooManySessions,
    /// Acting in one's own name needs no route.
    #[error("this is you: act in your own name")]
    OwnName,
    /// Somebody who may not sign in.
    #[error("this user is not active: nobody can act in their name")]
    Inactive,
    /// A tenant whose people operators leave alone.
    #[error("this tenant lets no operator act in its people's names")]
    SupportAccessOff,
    /// The platform is closed to this person.
    #[error("{}", .0.message)]
    Maintenance(Maintenance),
    /// The platform has its owner already.
    #[error("the platform has its owner already: sign in")]
    SetupDone,
    /// A setup link that is unknown, used or too old.
    #[error("the setup link is not valid (any more): start Elder again for another one")]
    InvalidSetupToken,
    /// A mailed link that is unknown, used, ended or too old, or whose account may not be used.
    #[error("the link is not valid (any more): let another one be sent")]
    InvalidLink,
    /// An address that has got as many mails of a kind as it may within an hour.
    #[error("this address has got enough such mails for now")]
    MailedEnough,
    /// Another address was asked for that is none.
    #[error("this is the address already")]
    SameEmail,
    /// Nobody gets an account by themselves or by invitation.
    #[error("the tenant or the platform takes nobody by invitation: make the account instead")]
    RegistrationOff,
    /// An invitation that was accepted is over.
    #[error("the invitation was accepted: change or delete the user who came of it")]
    InvitationAccepted,
    /// There is an invitation for the address already.
    #[error("an invitation for this address waits already: send it again or withdraw it")]
    AlreadyInvited,
    /// A text that is no address.
    #[error(transparent)]
    InvalidEmail(#[from] InvalidEmail),
    /// A password whose rules could not be checked, because the process is about to end.
    #[error("the rules of the password were not checked")]
    Unchecked(#[source] tokio::task::JoinError),
    /// Too many passwords are waiting to be hashed.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// A cursor of another list.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// A session that could not be started or renewed.
    #[error(transparent)]
    Session(#[from] RefreshFault),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl Error {
    /// Whether the sign-in by an identity provider is gone on which a session was to rest.
    pub(crate) fn is_without_sign_in(&self) -> bool {
        let (Self::Database(error) | Self::Session(RefreshFault::Database(error))) = self else {
            return false;
        };
        matches!(error.constraint(), Some("sessions_sso_fkey" | "login_flows_sso_fkey"))
    }
}

impl From<elder_mfa::Error> for Error {
    /// Whatever was wrong with a proof, it is refused in the same words.
    fn from(error: elder_mfa::Error) -> Self {
        match error {
            elder_mfa::Error::NotFound => Self::NotFound,
            elder_mfa::Error::InvalidProof => Self::InvalidProof,
            elder_mfa::Error::Database(error) => Self::Database(error),
            other => Self::Mfa(other),
        }
    }
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::EmailTaken | Self::AlreadyInvited => ErrorCode::AlreadyExists,
            Self::InvalidLink => ErrorCode::InvalidLink,
            Self::MailedEnough => ErrorCode::RateLimited,
            Self::Mail(error) => error.code(),
            Self::LastAdmin { .. } => ErrorCode::LastAdmin,
            Self::ManagedByDirectory(_) => ErrorCode::ManagedByDirectory,
            Self::ExceedsOwn => ErrorCode::GrantExceedsOwn,
            Self::WeakPassword(_)
            | Self::WrongPassword
            | Self::UnknownHash(_)
            | Self::PasswordAndHash
            | Self::InvalidEmail(_)
            | Self::EmailDomain(_) => ErrorCode::ValidationFailed,
            Self::PasswordExpired => ErrorCode::PasswordExpired,
            Self::SsoRequired => ErrorCode::SsoRequired,
            Self::NetworkForbidden => ErrorCode::NetworkForbidden,
            Self::Unchecked(_) => ErrorCode::InternalError,
            Self::InvalidCredentials | Self::InvalidSetupToken => ErrorCode::InvalidCredentials,
            Self::InvalidProof => ErrorCode::InvalidProof,
            Self::SecondFactorNeeded(_) => ErrorCode::StepUpRequired,
            Self::Mfa(error) => error.code(),
            Self::TenantRequired(_) => ErrorCode::TenantRequired,
            Self::OwnName
            | Self::Inactive
            | Self::SameEmail
            | Self::RegistrationOff
            | Self::InvitationAccepted => ErrorCode::Conflict,
            Self::SupportAccessOff => ErrorCode::SupportAccessOff,
            Self::TooManySessions => ErrorCode::SessionLimit,
            Self::Maintenance(_) => ErrorCode::Maintenance,
            Self::SetupDone => ErrorCode::SetupDone,
            Self::Busy(_) => ErrorCode::Busy,
            Self::Cursor(error) => error.code(),
            Self::Session(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }

    fn faults(&self) -> Vec<FieldFault> {
        match self {
            Self::WeakPassword(weaknesses) => weaknesses.faults(),
            Self::WrongPassword => {
                vec![FieldFault::new("/current_password", "wrong_password", self.to_string())]
            }
            Self::InvalidEmail(error) => vec![FieldFault::new("/email", "invalid_type", error.to_string())],
            Self::UnknownHash(error) => {
                vec![FieldFault::new("/password_hash", "invalid_value", error.to_string())]
            }
            Self::PasswordAndHash => {
                vec![FieldFault::new("/password_hash", "unexpected", self.to_string())]
            }
            Self::EmailDomain(_) => {
                vec![FieldFault::new("/email", "domain_not_allowed", self.to_string())]
            }
            Self::Mail(error) => error.faults(),
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Busy(busy) => Some(u32::try_from(busy.retry_after.as_secs()).unwrap_or(1).max(1)),
            Self::Maintenance(maintenance) => Some(maintenance.retry_after_seconds),
            Self::MailedEnough => Some(3_600),
            Self::Mail(error) => error.retry_after(),
            Self::Database(error) => error.retry_after(),
            Self::Session(error) => error.retry_after(),
            Self::Mfa(error) => error.retry_after(),
            _ => None,
        }
    }
}
