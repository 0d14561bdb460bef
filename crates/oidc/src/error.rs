//! Why a sign-in, or any other word of a provider, is not believed.

use elder_outbound::http::CallError;

/// What was being done when a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Reading what the provider says of itself.
    Discovery,
    /// Reading its keys.
    Keys,
    /// Asking for tokens.
    Token,
    /// Asking who has signed in.
    UserInfo,
}

impl Step {
    /// What is called, in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Discovery => "the provider's description",
            Self::Keys => "the provider's keys",
            Self::Token => "the token endpoint",
            Self::UserInfo => "the user-info endpoint",
        }
    }
}

/// What did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The provider was not reached, or may not be called.
    #[error("{}: {source}", step.name())]
    Call {
        /// What was called.
        step: Step,
        /// Why it failed.
        source: CallError,
    },
    /// What the provider or the browser has sent is not believed.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl OidcError {
    /// A name of the reason that does not change, for the audit.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Call { source, .. } => source.code(),
            Self::Refused(refusal) => refusal.reason(),
        }
    }

    /// Which check has refused, if one has.
    pub const fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused(refusal) => Some(*refusal),
            Self::Call { .. } => None,
        }
    }

    pub(crate) fn call(step: Step) -> impl FnOnce(CallError) -> Self {
        move |source| Self::Call { step, source }
    }
}

macro_rules! refusals {
    ($($variant:ident = $reason:literal, $words:literal;)*) => {
        /// A check that has failed. Its words tell nothing of what was sent, so that they may be shown.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
        pub enum Refusal { $(#[doc = $words] #[error($words)] $variant,)* }

        impl Refusal {
            /// Every one, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// A name of the check that does not change.
            pub const fn reason(self) -> &'static str {
                match self { $(Self::$variant => $reason,)* }
            }
        }
    };
}

refusals! {
    // what is configured
    IssuerInvalid = "issuer_invalid", "The issuer is no URL without query and fragment.";
    ConnectionInvalid = "connection_invalid", "The connection's redirect address, algorithms or scopes are not usable.";
    ClientKeyInvalid = "client_key_invalid", "The private key of the client is no PEM of its algorithm.";
    TenantsMissing = "tenants_missing", "The connection serves several directories of Entra and allows none.";
    // what the provider says of itself
    AnswerStatus = "answer_status", "The provider answers with an error.";
    AnswerNotJson = "answer_not_json", "The provider's answer is not the JSON that was asked for.";
    DiscoveryIncomplete = "discovery_incomplete", "The provider's description lacks an address or has one of the wrong form.";
    DiscoveryIssuer = "discovery_issuer_mismatch", "The provider's description is of another issuer.";
    NoUserInfo = "userinfo_missing", "The provider has no user-info endpoint.";
    NoLogout = "logout_missing", "The provider has no address for signing out.";
    // what the browser brings back
    CallbackMalformed = "callback_malformed", "The provider's answer lacks a part, or has one twice.";
    StateMismatch = "state_mismatch", "The answer belongs to another sign-in.";
    CallbackIssuerMissing = "callback_issuer_missing", "The answer does not name its issuer, though the provider promises it.";
    CallbackIssuer = "callback_issuer_mismatch", "The answer comes from another issuer.";
    Denied = "access_denied", "The provider or its user has declined the sign-in.";
    InteractionRequired = "interaction_required", "The provider must ask its user something first.";
    ProviderUnavailable = "provider_unavailable", "The provider is not able to sign anybody in at the moment.";
    ProviderRefused = "provider_refused", "The provider has refused the request.";
    // what the token endpoint answers
    ClientRefused = "client_refused", "The provider does not accept the client's id or secret.";
    GrantRefused = "grant_refused", "The provider does not accept the code or the refresh token.";
    TokenAnswer = "token_answer_invalid", "The answer of the token endpoint is of the wrong form.";
    TokenType = "token_type_unknown", "The access token is of a kind that is not known.";
    IdTokenMissing = "id_token_missing", "There is no ID token in the answer.";
    // the form of a token
    TokenTooLong = "jwt_too_long", "The token is too long.";
    TokenForm = "jwt_malformed", "The token is no signed JWT of three parts.";
    TokenEncrypted = "jwt_encrypted", "The token is encrypted, which is not supported.";
    TokenDuplicate = "jwt_duplicate_name", "The token has a name twice.";
    TokenAlgorithm = "jwt_algorithm_refused", "The token is signed by an algorithm that the connection does not allow.";
    TokenKind = "jwt_type_refused", "The token is of another kind.";
    TokenCritical = "jwt_critical_header", "The token demands an extension that is not supported.";
    TokenKeyId = "jwt_key_id_invalid", "The token names its key in a form that is not accepted.";
    // its signature
    KeysInvalid = "keys_invalid", "The provider's keys are of the wrong form.";
    KeyUnknown = "key_unknown", "The token is signed by a key that the provider does not publish.";
    Signature = "signature_invalid", "The signature of the token is not valid.";
    KeyIssuer = "key_issuer_mismatch", "The token is signed by a key of another issuer.";
    // its claims
    ClaimMissing = "claim_missing", "The token lacks a claim, or has one of the wrong form.";
    Issuer = "issuer_mismatch", "The token comes from another issuer.";
    Audience = "audience_mismatch", "The token is meant for another client.";
    AuthorizedParty = "authorized_party_mismatch", "The token was given to another client.";
    Expired = "token_expired", "The token has expired.";
    IssuedAt = "issued_at_invalid", "The token is from the future, or too old.";
    Nonce = "nonce_mismatch", "The token belongs to another sign-in.";
    AccessTokenHash = "access_token_hash_mismatch", "The token belongs to another access token.";
    CodeHash = "code_hash_mismatch", "The token belongs to another code.";
    AuthTime = "auth_time_too_old", "The provider has not asked its user to sign in anew.";
    SubjectInvalid = "subject_invalid", "The subject is empty or too long.";
    SubjectMismatch = "subject_mismatch", "The answer is about another user.";
    DirectoryRefused = "directory_not_allowed", "The user's directory is not on the connection's list.";
    UserInfoInvalid = "userinfo_invalid", "The answer of the user-info endpoint is of the wrong form.";
    // a logout token
    LogoutEvent = "logout_event_missing", "The token says nothing of a logout.";
    LogoutNonce = "logout_nonce_present", "A logout token has no nonce.";
    LogoutTarget = "logout_target_missing", "The token names neither a session nor a user.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_check_has_a_reason_of_its_own() {
        let reasons: BTreeSet<_> = Refusal::ALL.iter().map(|refusal| refusal.reason()).collect();
        assert_eq!(reasons.len(), Refusal::ALL.len());
        assert!(reasons.iter().all(|reason| reason.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
    }
}
