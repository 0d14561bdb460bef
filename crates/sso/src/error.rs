//! What can go wrong with identity providers and sign-ins by them.

use elder_access::DbError;
use elder_crypto::Unsealable;
use elder_kernel::{Coded, ErrorCode, FieldFault};
use elder_oidc::OidcError;
use elder_outbound::http::CallError;
use elder_saml::Fault;

/// Why a request was refused, or a sign-in did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, or not to be seen.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// Each name that a provider calls its people by is one person's.
    #[error("the identity provider means another user by this subject")]
    SubjectTaken,
    /// A provider calls each of its people by one name.
    #[error("the identity provider means this user by another subject already")]
    UserLinked,
    /// Identity providers have names of their own.
    #[error("another identity provider of this tenant has this name")]
    NameTaken,
    /// Nobody gives what they do not hold, and a provider gives what its admin lets it.
    #[error(
        "an identity provider gives no more than who sets it up or changes it holds over the whole tenant"
    )]
    ExceedsOwn,
    /// A client that is not public has a secret; another issuer is not sent the one of before.
    #[error("send the client's secret: it is needed with this method, and again with another issuer")]
    SecretNeeded,
    /// A public client has none.
    #[error("a client that shows no secret has none")]
    SecretUnexpected,
    /// A configuration by which nobody could sign in.
    #[error("{0}")]
    Unusable(#[source] OidcError),
    /// Settings that do not fit, expressions that cannot be read.
    #[error("some settings are not right")]
    Unreadable(Vec<FieldFault>),
    /// A description of itself by which nobody could sign in.
    #[error("the provider's description cannot be used: {}", .0.detail)]
    Undescribed(FieldFault),
    /// In a batch no provider is called.
    #[error("send the metadata itself: in a batch it is not fetched")]
    MetadataNeeded,
    /// Nobody is locked out by a provider that may not work.
    #[error(
        "somebody must have signed in by this provider, and it must be active, before it can be enforced"
    )]
    NotProven,
    /// The metadata of a provider cannot be had.
    #[error("the provider's metadata cannot be had: {0}")]
    Metadata(#[source] CallError),
    /// The same, because of how its server answers.
    #[error("the provider's metadata cannot be had: its server answers {0}")]
    MetadataStatus(u16),
    /// A provider that was asked for somebody who is signed in, and does not answer as it should.
    #[error("the identity provider does not answer as it should: {0}")]
    Provider(#[source] OidcError),
    /// Keys are published, then used, then dropped.
    #[error(
        "a key is published, then switched to, then the one of before is dropped: the step before was not taken"
    )]
    OutOfStep,
    /// Two have asked for the same at once.
    #[error("somebody else has done so at the same time")]
    Overtaken,
    /// A logout token that is not good.
    #[error("the logout token is not good: {0}")]
    LogoutToken(#[source] OidcError),
    /// A sign-in that was refused, for a reason that Elder has.
    #[error("the sign-in was refused: {}", .0.reason())]
    Refused(Refusal),
    /// A sign-in that was refused, for a reason that lies in the protocol.
    #[error(transparent)]
    Protocol(#[from] OidcError),
    /// The same with SAML.
    #[error(transparent)]
    Saml(#[from] Fault),
    /// What was sealed cannot be opened.
    #[error(transparent)]
    Unsealable(#[from] Unsealable),
    /// An account that could not be read, made or changed.
    #[error(transparent)]
    Account(#[from] elder_portal_users::Error),
    /// A mail that could not be written.
    #[error(transparent)]
    Mail(#[from] elder_mail::Error),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

/// Why Elder does not let somebody in for whom a provider has vouched, or who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No sign-in of this browser waits for an answer.
    NotAwaited,
    /// The provider is not active any more.
    Inactive,
    /// The provider says no address.
    NoEmail,
    /// The provider does not say that it has verified the address.
    EmailUnverified,
    /// The tenant has not verified the domain of the address.
    DomainUnverified,
    /// An account has the address, and is not to be linked.
    AccountExists,
    /// Somebody with the address is invited, and has not opened the link that they were sent.
    InvitationWaits,
    /// The account is linked to another subject of the provider.
    LinkedToAnother,
    /// Nobody gets an account so.
    NoAccount,
    /// The answer was shown before.
    Replayed,
    /// The provider calls its people by another name each time.
    TransientName,
    /// The provider calls somebody by a name that is too long.
    NameTooLong,
    /// The licence of the installation does not cover sign-ins by this protocol.
    NotLicensed,
}

impl Refusal {
    /// The reason in the audit log.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotAwaited => "not_awaited",
            Self::Inactive => "idp_inactive",
            Self::NoEmail => "no_email",
            Self::EmailUnverified => "email_unverified",
            Self::DomainUnverified => "domain_unverified",
            Self::AccountExists => "account_exists",
            Self::InvitationWaits => "invitation_waits",
            Self::LinkedToAnother => "linked_to_another",
            Self::NoAccount => "no_account",
            Self::Replayed => "assertion_replayed",
            Self::TransientName => "name_transient",
            Self::NameTooLong => "name_too_long",
            Self::NotLicensed => "license_required",
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<elder_tenancy::grant::Error> for Error {
    /// Identity providers ask grants only what roles give.
    fn from(error: elder_tenancy::grant::Error) -> Self {
        match error {
            elder_tenancy::grant::Error::Database(error) => Self::Database(error),
            _ => Self::NotFound,
        }
    }
}

impl Error {
    /// What a constraint means to who sets up a provider.
    pub(crate) fn of_idp(error: DbError) -> Self {
        match error.constraint() {
            Some("idp_configurations_name_key") => Self::NameTaken,
            _ => Self::Database(error),
        }
    }

    /// What a constraint means to who comes from a provider for the first time.
    pub(crate) fn of_identity(error: DbError) -> Self {
        match error.constraint() {
            Some("sso_identities_user_key") => Self::Refused(Refusal::LinkedToAnother),
            Some("sso_identities_subject_form") => Self::Refused(Refusal::NameTooLong),
            // Given up in the same moment.
            Some("sso_identities_domain_fkey") => Self::Refused(Refusal::DomainUnverified),
            _ => Self::Database(error),
        }
    }

    /// What a constraint means to an admin who links an account.
    pub(crate) fn of_link(error: DbError) -> Self {
        match error.constraint() {
            Some("sso_identities_subject_key") => Self::SubjectTaken,
            Some("sso_identities_user_key") => Self::UserLinked,
            _ => Self::Database(error),
        }
    }

    /// What a fault of a sign-in means to a provider that tells of a logout: its own keys that cannot be had are no fault of
    /// the token.
    pub(crate) fn of_logout(self) -> Self {
        match self {
            Self::Protocol(error @ OidcError::Call { .. }) => Self::Provider(error),
            Self::Protocol(error) => Self::LogoutToken(error),
            error => error,
        }
    }

    /// Whether the same person was made at the same time: looked at again, they are there.
    pub(crate) fn is_race(&self) -> bool {
        match self {
            Self::Account(elder_portal_users::Error::EmailTaken) => true,
            Self::Database(error) => error.constraint() == Some("sso_identities_subject_key"),
            _ => false,
        }
    }

    /// Whether an answer belongs to another sign-in than the one that the browser waits for.
    pub fn is_of_another(&self) -> bool {
        matches!(self, Self::Protocol(error) if error.refusal() == Some(elder_oidc::Refusal::StateMismatch))
    }

    /// Why a sign-in failed that its person or their admin can do something about; none for a fault of Elder's.
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Refused(refusal) => Some(refusal.reason()),
            Self::Protocol(error) => Some(error.reason()),
            Self::Saml(fault) => Some(fault.code()),
            _ => None,
        }
    }
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::NameTaken | Self::SubjectTaken | Self::UserLinked => ErrorCode::AlreadyExists,
            Self::ExceedsOwn => ErrorCode::GrantExceedsOwn,
            Self::SecretNeeded
            | Self::SecretUnexpected
            | Self::Unusable(_)
            | Self::Unreadable(_)
            | Self::Undescribed(_)
            | Self::MetadataNeeded
            | Self::NotProven => ErrorCode::ValidationFailed,
            Self::Metadata(_) | Self::MetadataStatus(_) | Self::Provider(_) => ErrorCode::ProviderFailed,
            Self::Overtaken | Self::OutOfStep => ErrorCode::Conflict,
            Self::LogoutToken(_) => ErrorCode::InvalidLogoutToken,
            Self::Refused(_) | Self::Protocol(_) | Self::Saml(_) => ErrorCode::InvalidCredentials,
            Self::Unsealable(_) => ErrorCode::InternalError,
            Self::Account(error) => error.code(),
            Self::Mail(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }

    fn faults(&self) -> Vec<FieldFault> {
        let at = |pointer: &str, code| vec![FieldFault::new(pointer, code, self.to_string())];
        match self {
            Self::NameTaken => at("/name", "already_exists"),
            Self::SubjectTaken => at("/subject", "already_exists"),
            Self::UserLinked => at("/identity_provider_id", "already_exists"),
            Self::SecretNeeded => at("/oidc_client_secret", "required"),
            Self::SecretUnexpected => at("/oidc_client_secret", "unexpected"),
            Self::Unusable(error) => {
                let is_list = error.refusal() == Some(elder_oidc::Refusal::TenantsMissing);
                at(if is_list { "/oidc_allowed_tenants" } else { "/oidc_issuer_url" }, error.reason())
            }
            Self::Unreadable(faults) => faults.clone(),
            Self::Undescribed(fault) => vec![fault.clone()],
            Self::MetadataNeeded => at("/metadata_xml", "required"),
            Self::NotProven => at("/enforced", "not_proven"),
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Account(error) => error.retry_after(),
            Self::Database(error) => error.retry_after(),
            _ => None,
        }
    }
}
