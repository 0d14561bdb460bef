//! The one table of error codes: what a client may see, and who can mend it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

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

impl Mender {
    /// Who that is, in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Caller => "the caller",
            Self::TenantAdmin => "an admin of the tenant",
            Self::Operator => "the operator",
        }
    }
}

macro_rules! error_codes {
    ($(
        #[doc = $meaning:literal] $variant:ident = $slug:literal, $status:literal, $mender:ident, $title:literal,
            $remedy:literal;
    )*) => {
        /// A code of the public contract. Its slug never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $(#[doc = $meaning] $variant,)* }

        impl ErrorCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name on the wire.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug,)* }
            }

            /// The page that tells about it: the `type` of a problem (RFC 9457 §3.1.1).
            pub fn page(self) -> String {
                format!("/problems/{}", self.slug())
            }

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// A short summary, the same for every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// When it is given.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning.trim_ascii(),)* }
            }

            /// What to do about it.
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
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
    MalformedJson = "malformed_json", 400, Caller, "The body is not valid JSON",
        "Mend the body where `detail` says, by line and column, and send it again.";
    /// A field that the body may not have.
    UnknownField = "unknown_field", 400, Caller, "The body has a field that is not known",
        "Take the field out, or write its name as the API's document has it.";
    /// A value that breaks a rule; `errors` names each.
    ValidationFailed = "validation_failed", 400, Caller, "Some values are not valid",
        "Mend each value that `errors` names: `pointer` says where it stands, `detail` what would be right.";
    /// A logout token that is not good.
    InvalidLogoutToken = "invalid_logout_token", 400, TenantAdmin, "The logout token is not good",
        "Look the reason up in the log of the tenant's audit events, and at the provider's settings of this client.";
    /// An id of the wrong kind or form.
    InvalidId = "invalid_id", 400, Caller, "An id is of the wrong kind or form",
        "Send an id as Elder gave it; its first letters, such as `usr_`, say what kind it is.";
    /// A query parameter that is wrong.
    InvalidParameter = "invalid_parameter", 400, Caller, "A parameter of the query is not valid",
        "Mend or leave out the parameter that `detail` names.";
    /// A URI to return to that the application has not registered.
    UnregisteredUri = "unregistered_uri", 400, TenantAdmin, "The application has not registered this URI",
        "Add the very URI to the application's `redirect_uris`, or send the one that is there.";
    /// A cursor that was altered or belongs to another list.
    InvalidCursor = "invalid_cursor", 400, Caller, "The cursor is not valid for this list",
        "Begin again without `cursor`, and take each next one from `next_cursor`, with the same filter and order.";
    /// A filter that does not parse or names what cannot be filtered.
    InvalidFilter = "invalid_filter", 400, Caller, "The filter is not valid",
        "Mend the filter where `detail` says; the API's document lists the fields of each list.";
    /// No credential, or one that is not good (any more).
    Unauthenticated = "unauthenticated", 401, Caller, "A valid credential is needed",
        "Send a token that is good as `Authorization: Bearer …`: refresh it, or sign in again.";
    /// A sign-in that failed, whatever the reason.
    InvalidCredentials = "invalid_credentials", 401, Caller, "Sign-in failed",
        "Sign in with the right address and password, or let the password be reset.";
    /// A mailed link that is unknown, used, ended or too old.
    InvalidLink = "invalid_link", 401, Caller, "The link is not valid (any more)",
        "Let another link be sent: each is good once, and for the time that its mail says.";
    /// A proof that is not right, whatever was wrong with it.
    InvalidProof = "invalid_proof", 401, Caller, "The proof is not right",
        "Send the code that the authenticator shows now, an unused backup code, or another proof of those asked for.";
    /// A sign-in of several steps that is unknown, over, or took too many tries.
    InvalidFlow = "invalid_flow", 401, Caller, "This sign-in cannot go on",
        "Sign in again from the start: a flow is good for 5 minutes and 5 tries.";
    /// The last proof of who the caller is lies too far back, or is too weak for this.
    StepUpRequired = "step_up_required", 401, Caller, "A newer proof of who you are is needed",
        "Send one of `factors` to `POST /api/v2/me/step-up`, then the same request again with the new token.";
    /// A refresh token that is unknown, used or ended.
    InvalidRefreshToken = "invalid_refresh_token", 401, Caller, "The refresh token is not valid",
        "Sign in again: a refresh token is good for one use, and only as long as its session.";
    /// An authorization code that is unknown, used, too old, or not meant for who sent it.
    InvalidCode = "invalid_code", 401, Caller, "The code is not valid",
        "Send the person to `/authorize` again: a code is good once and for a minute, with its own verifier and URI.";
    /// The licence lacks what the route needs.
    LicenseRequired = "license_required", 402, Operator, "The licence does not cover this",
        "Extend the licence by the feature that `detail` names (`license.tier`), or do without it.";
    /// The caller lacks the permission.
    PermissionDenied = "permission_denied", 403, TenantAdmin, "The permission for this is missing",
        "Give the caller a role with the permission that `detail` names.";
    /// A form that did not come from a page of Elder's in the same browser.
    CrossSite = "cross_site", 403, Caller, "The form did not come from this page",
        "Open the page again, let the browser keep its cookie, and send the form from there.";
    /// Another tenant was named.
    TenantForbidden = "tenant_forbidden", 403, Caller, "This credential does not reach that tenant",
        "Leave `Elder-Tenant` out, or sign in to the tenant that is meant.";
    /// A network that the tenant or the key does not let in.
    NetworkForbidden = "network_forbidden", 403, TenantAdmin, "This credential cannot be used from this network",
        "Call from a network that the tenant's setting `ip_allowlist` and the key's own list let in, or add this one.";
    /// A tenant that lets no operator act in its people's names.
    SupportAccessOff = "support_access_off", 403, TenantAdmin, "The tenant lets no operator act in its people's names",
        "Let an admin of the tenant switch the setting `support_access` on.";
    /// A password that is older than the tenant allows.
    PasswordExpired = "password_expired", 403, Caller, "The password has to be changed",
        "Sign in once more and send `new_password` too.";
    /// A tenant whose people sign in by its identity provider alone.
    SsoRequired = "sso_required", 403, TenantAdmin, "The tenant's people sign in by its identity provider",
        "Sign in by the provider that `POST /api/v2/auth/discover` names. An admin may name accounts that need not.";
    /// Nobody can grant what they do not hold.
    GrantExceedsOwn = "grant_exceeds_own", 403, TenantAdmin, "Nobody can grant what they do not hold",
        "Ask somebody who holds all of it, or grant less.";
    /// No such resource, or none that the caller may know of.
    NotFound = "not_found", 404, Caller, "There is no such resource",
        "Look whether the id is right, and whether the credential belongs to its tenant.";
    /// No such route.
    RouteNotFound = "route_not_found", 404, Caller, "There is no such route",
        "Compare the path with the API's document, `/api/v2/openapi.json`.";
    /// A method that the route does not have.
    MethodNotAllowed = "method_not_allowed", 405, Caller, "The route does not have this method",
        "Use one of the methods that the header `Allow` names.";
    /// Something else already has the unique value.
    AlreadyExists = "already_exists", 409, Caller, "Something with this value exists already",
        "Choose another value, or use what exists.";
    /// The state does not allow the act.
    Conflict = "conflict", 409, Caller, "The present state does not allow this",
        "Read the resource again; `detail` says what has to be different first.";
    /// A move that would make a cycle.
    OrganizationCycle = "organization_cycle", 409, Caller, "An organization cannot lie below itself",
        "Choose a parent that does not lie below the organization.";
    /// A tree that would grow too deep.
    OrganizationDepth = "organization_depth", 409, Caller, "The tree of organizations would be too deep",
        "Choose a parent that lies higher in the tree.";
    /// The last admin cannot go.
    LastAdmin = "last_admin", 409, Caller, "The last admin cannot be removed",
        "Make somebody else an admin first.";
    /// An e-mail that several tenants know.
    TenantRequired = "tenant_required", 409, Caller, "Several tenants know this account: name one",
        "Send the same again with `tenant`: one of those that `tenants` lists.";
    /// A sign-in past the number of sessions that the tenant allows a person.
    SessionLimit = "session_limit", 409, Caller, "There are as many sessions as the tenant allows",
        "End a session, or let an admin raise the number in the tenant's settings.";
    /// The System tenant stays.
    SystemTenant = "system_tenant", 409, Caller, "The System tenant cannot be changed like this",
        "Do it to another tenant: the platform itself lives in System.";
    /// What is on legal hold stays.
    LegalHold = "legal_hold", 409, TenantAdmin, "A legal hold forbids this",
        "Release the hold over the tenant, the organization or the user first, if the law allows it.";
    /// A domain that cannot be verified for this tenant.
    DomainUnavailable = "domain_unavailable", 409, TenantAdmin, "The domain cannot be verified for this tenant",
        "Settle with the other tenant's admin, or the operator, to whom the domain belongs.";
    /// The DNS record is not there (yet).
    DomainProofMissing = "domain_proof_missing", 409, TenantAdmin, "The DNS record that proves the domain was not found",
        "Publish the TXT record as the domain's resource shows it, wait until the DNS has it, and verify again.";
    /// An attribute that a directory manages.
    ManagedByDirectory = "managed_by_directory", 409, TenantAdmin, "A directory manages this attribute",
        "Change it in the directory, or take the account out of its care.";
    /// One person would hold entitlements that nobody may hold together.
    SodConflict = "sod_conflict", 409, TenantAdmin, "Nobody may hold these entitlements together",
        "Take one of the entitlements that `detail` names from the person first, or give this one to somebody else.";
    /// An entitlement that as many people hold as may.
    EntitlementExhausted = "entitlement_exhausted", 409, TenantAdmin, "As many people hold the entitlement as may",
        "Take it from somebody, or raise `max_holders` of the entitlement.";
    /// The platform has its owner already.
    SetupDone = "setup_done", 409, Operator, "The platform has its owner already",
        "Sign in as the owner; `elder admin` makes another one.";
    /// A version that is no longer the newest.
    VersionMismatch = "version_mismatch", 412, Caller, "The resource has changed meanwhile",
        "Read the resource again and send the change with its new `ETag` as `If-Match`.";
    /// A request under an idempotency key whose first sending is not answered yet.
    IdempotencyInProgress = "idempotency_in_progress", 409, Caller, "The first request with this key is still running",
        "Wait for a second and send the same again, with the same `Idempotency-Key`.";
    /// An idempotency key that was used for another request.
    IdempotencyKeyReused = "idempotency_key_reused", 422, Caller, "The idempotency key names another request",
        "Take a new `Idempotency-Key` for each request; the same one only to send the very same request again.";
    /// A part that the resource does not have.
    RangeNotSatisfiable = "range_not_satisfiable", 416, Caller, "The resource has no such part",
        "Ask for bytes below the size that `detail` tells, or for the whole.";
    /// A body that is too large.
    PayloadTooLarge = "payload_too_large", 413, Caller, "The body is too large",
        "Send less at once; `detail` says how much a body may have.";
    /// A media type that the route does not take.
    UnsupportedMediaType = "unsupported_media_type", 415, Caller, "The route does not take this media type",
        "Send the body as `Content-Type: application/json`, or what the API's document names for the route.";
    /// An operation of a batch failed that was to be done whole or not at all.
    BatchFailed = "batch_failed", 422, Caller, "An operation of the batch failed, so nothing was done",
        "Mend the operation that `index` names by what `error` says, and send the whole batch again.";
    /// Too many requests.
    RateLimited = "rate_limited", 429, Caller, "Too many requests",
        "Wait for as many seconds as `Retry-After` says; `RateLimit` tells beforehand what is left.";
    /// Something broke; the log has it under the request id.
    InternalError = "internal_error", 500, Operator, "Elder could not answer",
        "Look for the `request_id` in Elder's log, which has the cause.";
    /// An identity provider that does not answer as it should.
    ProviderFailed = "provider_failed", 502, TenantAdmin, "The identity provider does not answer as it should",
        "Try again later; `POST /api/v2/identity-providers/{idp_id}/test` says which step fails.";
    /// Something that the protocol knows and Elder does not offer.
    NotImplemented = "not_implemented", 501, Caller, "Elder does not offer this",
        "Do it in another way: `detail` says what is missing.";
    /// A part that Elder needs does not answer.
    Unavailable = "unavailable", 503, Operator, "A part that Elder needs does not answer now",
        "Try again after `Retry-After`; the log and `/healthz` say what does not answer.";
    /// More password checks are waiting than can be served soon.
    Busy = "busy", 503, Caller, "Too many sign-ins are waiting",
        "Try again after `Retry-After`.";
    /// The SCIM directory is paused: by an admin, or by itself before too many people went.
    DirectoryPaused = "directory_paused", 503, TenantAdmin, "The directory is paused",
        "Resume the directory, or wait until an admin does.";
    /// The operator has closed the platform for a while.
    Maintenance = "maintenance", 503, Operator, "Elder is under maintenance",
        "Wait until the maintenance is over.";
}

impl ErrorCode {
    /// The code of this name.
    pub fn named(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.slug() == slug)
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.slug())
    }
}

/// One fault of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
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
            for sentence in [code.meaning(), code.remedy()] {
                assert!(sentence.ends_with('.') && !sentence.starts_with(' '), "{code:?}: {sentence}");
            }
        }
    }
}
