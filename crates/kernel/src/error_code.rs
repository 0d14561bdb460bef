//! The one table of error codes: what a client may see, and who can mend it.

use std::borrow::Cow;

use serde::Serialize;

/// Who can do something about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mender {
    /// Whoever sent the request.
    Caller,
    /// An admin of the tenant.
    TenantAdmin,
    /// Who runs Elder.
    Operator,
}

macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident = $slug:literal, $status:literal, $mender:ident, $title:literal;)*) => {
        /// A code of the public contract. Its slug never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($(#[$doc])* $variant,)* }

        impl ErrorCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name on the wire.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug,)* }
            }

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// A short summary, the same for every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// Who can mend it.
            pub const fn mender(self) -> Mender {
                match self { $(Self::$variant => Mender::$mender,)* }
            }
        }
    };
}

error_codes! {
    /// The body is no JSON.
    MalformedJson = "malformed_json", 400, Caller, "The body is not valid JSON";
    /// A field that the body may not have.
    UnknownField = "unknown_field", 400, Caller, "The body has a field that is not known";
    /// A value that breaks a rule; `errors` names each.
    ValidationFailed = "validation_failed", 400, Caller, "Some values are not valid";
    /// An id of the wrong kind or form.
    InvalidId = "invalid_id", 400, Caller, "An id is of the wrong kind or form";
    /// A query parameter that is wrong.
    InvalidParameter = "invalid_parameter", 400, Caller, "A parameter of the query is not valid";
    /// A cursor that was altered or belongs to another list.
    InvalidCursor = "invalid_cursor", 400, Caller, "The cursor is not valid for this list";
    /// A filter that does not parse or names what cannot be filtered.
    InvalidFilter = "invalid_filter", 400, Caller, "The filter is not valid";
    /// No credential, or one that is not good (any more).
    Unauthenticated = "unauthenticated", 401, Caller, "A valid credential is needed";
    /// A sign-in that failed, whatever the reason.
    InvalidCredentials = "invalid_credentials", 401, Caller, "Sign-in failed";
    /// A refresh token that is unknown, used or ended.
    InvalidRefreshToken = "invalid_refresh_token", 401, Caller, "The refresh token is not valid";
    /// The licence lacks what the route needs.
    LicenseRequired = "license_required", 402, Operator, "The licence does not cover this";
    /// The caller lacks the permission.
    PermissionDenied = "permission_denied", 403, TenantAdmin, "The permission for this is missing";
    /// Another tenant was named.
    TenantForbidden = "tenant_forbidden", 403, Caller, "This credential does not reach that tenant";
    /// A network that the tenant or the key does not let in.
    NetworkForbidden = "network_forbidden", 403, TenantAdmin, "This credential cannot be used from this network";
    /// A password that is older than the tenant allows.
    PasswordExpired = "password_expired", 403, Caller, "The password has to be changed";
    /// Nobody can grant what they do not hold.
    GrantExceedsOwn = "grant_exceeds_own", 403, TenantAdmin, "Nobody can grant what they do not hold";
    /// No such resource, or none that the caller may know of.
    NotFound = "not_found", 404, Caller, "There is no such resource";
    /// No such route.
    RouteNotFound = "route_not_found", 404, Caller, "There is no such route";
    /// A method that the route does not have.
    MethodNotAllowed = "method_not_allowed", 405, Caller, "The route does not have this method";
    /// Something else already has the unique value.
    AlreadyExists = "already_exists", 409, Caller, "Something with this value exists already";
    /// The state does not allow the act.
    Conflict = "conflict", 409, Caller, "The present state does not allow this";
    /// A move that would make a cycle.
    OrganizationCycle = "organization_cycle", 409, Caller, "An organization cannot lie below itself";
    /// A tree that would grow too deep.
    OrganizationDepth = "organization_depth", 409, Caller, "The tree of organizations would be too deep";
    /// The last admin cannot go.
    LastAdmin = "last_admin", 409, Caller, "The last admin cannot be removed";
    /// An e-mail that several tenants know.
    TenantRequired = "tenant_required", 409, Caller, "Several tenants know this account: name one";
    /// A sign-in past the number of sessions that the tenant allows a person.
    SessionLimit = "session_limit", 409, Caller, "There are as many sessions as the tenant allows";
    /// The System tenant stays.
    SystemTenant = "system_tenant", 409, Caller, "The System tenant cannot be changed like this";
    /// A tenant on legal hold stays.
    LegalHold = "legal_hold", 409, Operator, "A legal hold forbids this";
    /// A domain that cannot be verified for this tenant.
    DomainUnavailable = "domain_unavailable", 409, TenantAdmin, "The domain cannot be verified for this tenant";
    /// The DNS record is not there (yet).
    DomainProofMissing = "domain_proof_missing", 409, TenantAdmin, "The DNS record that proves the domain was not found";
    /// An attribute that a directory manages.
    ManagedByDirectory = "managed_by_directory", 409, TenantAdmin, "A directory manages this attribute";
    /// The platform has its owner already.
    SetupDone = "setup_done", 409, Operator, "The platform has its owner already";
    /// A version that is no longer the newest.
    VersionMismatch = "version_mismatch", 412, Caller, "The resource has changed meanwhile";
    /// A body that is too large.
    PayloadTooLarge = "payload_too_large", 413, Caller, "The body is too large";
    /// A media type that the route does not take.
    UnsupportedMediaType = "unsupported_media_type", 415, Caller, "The route does not take this media type";
    /// An operation of a batch failed that was to be done whole or not at all.
    BatchFailed = "batch_failed", 422, Caller, "An operation of the batch failed, so nothing was done";
    /// Too many requests.
    RateLimited = "rate_limited", 429, Caller, "Too many requests";
    /// Something broke; the log has it under the request id.
    InternalError = "internal_error", 500, Operator, "Elder could not answer";
    /// Something that the protocol knows and Elder does not offer.
    NotImplemented = "not_implemented", 501, Caller, "Elder does not offer this";
    /// A part that Elder needs does not answer.
    Unavailable = "unavailable", 503, Operator, "A part that Elder needs does not answer now";
    /// More password checks are waiting than can be served soon.
    Busy = "busy", 503, Caller, "Too many sign-ins are waiting";
    /// An admin has paused the SCIM directory.
    DirectoryPaused = "directory_paused", 503, TenantAdmin, "The directory is paused";
    /// The operator has closed the platform for a while.
    Maintenance = "maintenance", 503, Operator, "Elder is under maintenance";
}

impl Serialize for ErrorCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.slug())
    }
}

/// One fault of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldFault {
    /// Where: a JSON pointer into the body (RFC 6901), or the name of a query parameter.
    #[schema(example = "/email")]
    pub pointer: String,
    /// What kind of fault.
    #[schema(example = "invalid_format")]
    pub code: Cow<'static, str>,
    /// What was wrong and what would be right.
    pub detail: String,
}

impl FieldFault {
    /// A fault at `pointer`.
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: Cow::Borrowed(code), detail: detail.into() }
    }
}

/// An error that has a code. Domain errors implement this and know nothing of HTTP.
pub trait Coded: std::error::Error {
    /// The row of the table.
    fn code(&self) -> ErrorCode;

    /// The faults of single fields, all at once.
    fn faults(&self) -> Vec<FieldFault> {
        Vec::new()
    }

    /// After how many seconds a retry may succeed.
    fn retry_after(&self) -> Option<u32> {
        None
    }

    /// What the protocol of the route calls it, where that tells more than the code (SCIM's `scimType`).
    fn protocol_kind(&self) -> Option<&'static str> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn slugs_are_unique_snake_case_and_statuses_are_errors() {
        let slugs: HashSet<_> = ErrorCode::ALL.iter().map(|code| code.slug()).collect();
        assert_eq!(slugs.len(), ErrorCode::ALL.len());
        for code in ErrorCode::ALL {
            assert!(code.slug().chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{code:?}");
            assert!((400..600).contains(&code.status()), "{code:?}");
        }
    }
}
