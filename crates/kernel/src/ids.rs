//! Typed identifiers: a `UUIDv7` inside, a `TypeID` (`usr_01h455vb4pex5vsknk084sn02q`) on the wire.

#[cfg(feature = "database")]
mod stored;

use std::{fmt, hash, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use uuid::Uuid;

/// Crockford's base32 in lower case, as TypeID has it.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 128 bits in digits of five bits.
const DIGITS: usize = 26;

/// A kind of thing that has an id.
pub trait Kind: 'static {
    /// What stands before the underscore.
    const PREFIX: &'static str;
    /// The kind in words, for error messages.
    const NAME: &'static str;
}

/// The id of one `K`.
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

/// A text that is no id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected the id of {kind}: `{prefix}_` and {DIGITS} characters of base32")]
pub struct InvalidId {
    /// The kind that was expected, in words.
    pub kind: &'static str,
    /// The prefix that was expected.
    pub prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $kind:ident = $prefix:literal, $name:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $kind {}
        impl Kind for $kind {
            const PREFIX: &'static str = $prefix;
            const NAME: &'static str = $name;
        }
    )*};
}

ids! {
    /// A portal user: a person who signs in.
    User = "usr", "a user";
    /// An organization: a department or team of a tenant.
    Organization = "org", "an organization";
    /// A custom role of a tenant.
    Role = "rol", "a role";
    /// An e-mail domain that a tenant claims.
    Domain = "dom", "a domain";
    /// A signed-in session.
    Session = "ses", "a session";
    /// An invitation to a tenant.
    Invitation = "inv", "an invitation";
    /// A device: a program on a machine that somebody has signed in with.
    Device = "dev", "a device";
    /// A second factor of a person.
    Factor = "fac", "a second factor";
    /// A sign-in of several steps.
    SignInFlow = "flo", "a sign-in flow";
    /// An API key.
    ApiKey = "key", "an API key";
    /// A service account: a program that acts on its own behalf.
    ServiceAccount = "svc", "a service account";
    /// A SCIM directory: the place an identity provider pushes into.
    Directory = "dir", "a directory";
    /// A bearer token of a SCIM directory.
    ScimToken = "sct", "a SCIM token";
    /// An identity provider by which people sign in.
    IdentityProvider = "idp", "an identity provider";
    /// A sign-in by an identity provider, as far as sessions rest on it.
    SsoSession = "sso", "a session at an identity provider";
    /// An account's link to whom an identity provider means.
    Identity = "idn", "a linked identity";
    /// An application of a tenant, to which people return from a sign-in.
    Application = "app", "an application";
    /// A group of a SCIM directory.
    ScimGroup = "scg", "a group of a directory";
    /// A request that was sent to a SCIM directory.
    DirectoryRequest = "drq", "a request to a directory";
    /// A role that a SCIM directory gives to some of its people.
    RoleMapping = "rmp", "a role mapping";
    /// A role or an entitlement of a tenant's catalogue.
    Entitlement = "ent", "an entitlement";
    /// An entitlement that somebody holds.
    EntitlementAssignment = "asg", "an assignment of an entitlement";
    /// Entitlements that nobody may hold together.
    EntitlementConflict = "ecf", "a conflict of entitlements";
    /// A mail.
    Mail = "mal", "a mail";
    /// An audit event.
    AuditEvent = "evt", "an audit event";
    /// A file that was made of a tenant's audit log.
    AuditExport = "axp", "an export of the audit log";
    /// What carries a tenant's audit log elsewhere.
    AuditStream = "ast", "a stream of the audit log";
    /// A search of the audit log that was saved.
    AuditSearch = "asr", "a saved search of the audit log";
    /// What tells people when the audit log shows something too often.
    AuditAlert = "aal", "an alert of the audit log";
    /// One time that an alert of the audit log has fired.
    AuditAlertFiring = "aaf", "a firing of an alert";
    /// An archive of an audit log.
    AuditArchive = "arc", "an archive of an audit log";
    /// A legal hold.
    LegalHold = "lhd", "a legal hold";
    /// What is asked about a person's data.
    PrivacyRequest = "prq", "a privacy request";
    /// A report for auditors.
    ComplianceReport = "crp", "a compliance report";
    /// What a report is to be, under a name.
    ComplianceTemplate = "cpt", "a template of compliance reports";
    /// When reports are made by themselves, and for whom.
    ComplianceSchedule = "cps", "a schedule of compliance reports";
    /// A row of the outbox.
    OutboxEvent = "obx", "an outbox event";
}

impl<K> Id<K> {
    /// Types a UUID that came from the database or from [`crate::Seam::id`].
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The UUID, for the database.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl<K: Kind> Id<K> {
    const INVALID: InvalidId = InvalidId { kind: K::NAME, prefix: K::PREFIX };
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0.as_u128();
        let digits: [u8; DIGITS] = std::array::from_fn(|place| {
            let digit = (bits >> (5 * (DIGITS - 1 - place))) & 31;
            usize::try_from(digit).ok().and_then(|digit| ALPHABET.get(digit)).copied().unwrap_or(b'0')
        });
        f.write_str(K::PREFIX)?;
        f.write_str("_")?;
        f.write_str(std::str::from_utf8(&digits).unwrap_or_default())
    }
}

impl<K: Kind> FromStr for Id<K> {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let digits = text
            .strip_prefix(K::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .ok_or(Self::INVALID)?
            .as_bytes();
        // 26 digits hold 130 bits: the first may use three of its five.
        if digits.len() != DIGITS || digits.first().is_none_or(|first| *first > b'7') {
            return Err(Self::INVALID);
        }
        let bits = digits.iter().try_fold(0u128, |bits, letter| {
            let digit = ALPHABET.iter().position(|known| known == letter).ok_or(Self::INVALID)?;
            Ok(bits << 5 | digit as u128)
        })?;
        Ok(Self::from_uuid(Uuid::from_u128(bits)))
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> hash::Hash for Id<K> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl<K: Kind> utoipa::PartialSchema for Id<K> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(format!("Id of {}.", K::NAME)))
            .pattern(Some(format!("^{}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", K::PREFIX)))
            .examples([serde_json::json!(format!("{}_01h455vb4pex5vsknk084sn02q", K::PREFIX))])
            .into()
    }
}
impl<K: Kind> utoipa::ToSchema for Id<K> {
    fn name() -> std::borrow::Cow<'static, str> {
        std::any::type_name::<K>().rsplit("::").next().map_or("Id".into(), |kind| format!("{kind}Id").into())
    }
}

/// The number of a tenant; 1 is System, which is always there.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[cfg_attr(feature = "database", derive(sea_orm::DeriveValueType))]
#[schema(example = 1)]
pub struct TenantId(pub i32);

impl TenantId {
    /// The tenant that owns the platform.
    pub const SYSTEM: Self = Self(1);
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_id_is_printed_as_the_typeid_specification_says() {
        let uuid: Uuid = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        assert_eq!(Id::<User>::from_uuid(uuid).to_string(), "usr_01h455vb4pex5vsknk084sn02q");
    }

    #[test]
    fn ids_of_another_kind_or_form_are_refused() {
        for text in [
            "",
            "usr",
            "usr_",
            "org_01h455vb4pex5vsknk084sn02q",
            "usr_01h455vb4pex5vsknk084sn02",
            "usr_01h455vb4pex5vsknk084sn02qq",
            "usr_81h455vb4pex5vsknk084sn02q",
            "usr_01H455VB4PEX5VSKNK084SN02Q",
            "usr_01h455vb4pex5vsknk084sn02u",
            "01890a5d-ac96-774b-bcce-b302099a8057",
        ] {
            assert_eq!(text.parse::<Id<User>>(), Err(InvalidId { kind: "a user", prefix: "usr" }), "{text}");
        }
    }

    proptest! {
        #[test]
        fn printing_then_parsing_is_the_identity(bits: u128) {
            let id = Id::<Session>::from_uuid(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }
    }
}
