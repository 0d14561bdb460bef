//! The core User schema (RFC 7643 §4.1, §8.7.1).

use super::{Attribute, Kind, Schema};

/// `urn:ietf:params:scim:schemas:core:2.0:User`
pub static USER: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:User",
    name: "User",
    description: "User Account",
    attributes: &ATTRIBUTES,
};

static ATTRIBUTES: [Attribute; 21] = [
    Attribute::text("userName", "What the user signs in with; unique whatever its letter case")
        .required()
        .unique(),
    Attribute::complex("name", &NAME, "The parts of the user's name"),
    Attribute::text("displayName", "The name to show"),
    Attribute::text("nickName", "The casual name"),
    Attribute::reference("profileUrl", &["external"], "A page about the user"),
    Attribute::text("title", "The position, such as \"Vice President\""),
    Attribute::text("userType", "The relation to the organization, such as \"Contractor\""),
    Attribute::text("preferredLanguage", "The language to be addressed in, as in Accept-Language"),
    Attribute::text("locale", "The region whose formats are used, such as \"en-US\""),
    Attribute::text("timezone", "The time zone in IANA form, such as \"Europe/Vienna\""),
    Attribute::new("active", Kind::Boolean, "Whether the user may sign in"),
    Attribute::text("password", "A password to set; it never comes back").case_exact().write_only(),
    Attribute::list("emails", &EMAIL, "E-mail addresses"),
    Attribute::list("phoneNumbers", &PHONE_NUMBER, "Phone numbers"),
    Attribute::list("ims", &INSTANT_MESSAGE, "Instant messaging addresses"),
    Attribute::list("photos", &PHOTO, "Pictures of the user"),
    Attribute::list("addresses", &ADDRESS, "Postal addresses"),
    Attribute::list("groups", &GROUP_OF_USER, "The groups the user is in, directly or through others")
        .read_only(),
    Attribute::list("entitlements", &PLAIN, "Things the user has a right to"),
    Attribute::list("roles", &PLAIN, "Roles of the user"),
    Attribute::list("x509Certificates", &CERTIFICATE, "Certificates of the user"),
];

static NAME: [Attribute; 6] = [
    Attribute::text("formatted", "The whole name as it is shown"),
    Attribute::text("familyName", "The family name"),
    Attribute::text("givenName", "The given name"),
    Attribute::text("middleName", "The middle names"),
    Attribute::text("honorificPrefix", "Titles before the name, such as \"Ms.\""),
    Attribute::text("honorificSuffix", "Suffixes behind the name, such as \"III\""),
];

const DISPLAY: Attribute = Attribute::text("display", "The value as it is shown");
const TYPE: Attribute = Attribute::text("type", "What the value is used for");
const PRIMARY: Attribute =
    Attribute::new("primary", Kind::Boolean, "Whether it is the preferred value; one at most is");

static EMAIL: [Attribute; 4] =
    [Attribute::text("value", "The address"), DISPLAY, TYPE.suggesting(&["work", "home", "other"]), PRIMARY];

static PHONE_NUMBER: [Attribute; 4] = [
    Attribute::text("value", "The number"),
    DISPLAY,
    TYPE.suggesting(&["work", "home", "mobile", "fax", "pager", "other"]),
    PRIMARY,
];

static INSTANT_MESSAGE: [Attribute; 4] = [
    Attribute::text("value", "The address"),
    DISPLAY,
    TYPE.suggesting(&["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"]),
    PRIMARY,
];

static PHOTO: [Attribute; 4] = [
    Attribute::reference("value", &["external"], "The URI of the picture"),
    DISPLAY,
    TYPE.suggesting(&["photo", "thumbnail"]),
    PRIMARY,
];

static ADDRESS: [Attribute; 8] = [
    Attribute::text("formatted", "The whole address as it is written"),
    Attribute::text("streetAddress", "Street, house number, box"),
    Attribute::text("locality", "The city"),
    Attribute::text("region", "The state or region"),
    Attribute::text("postalCode", "The postal code"),
    Attribute::text("country", "The country, in ISO 3166-1 alpha-2"),
    TYPE.suggesting(&["work", "home", "other"]),
    PRIMARY,
];

static GROUP_OF_USER: [Attribute; 4] = [
    Attribute::text("value", "The group's id").case_exact().read_only(),
    Attribute::reference("$ref", &["Group"], "The group's URI").read_only(),
    Attribute::text("display", "The group's name").read_only(),
    Attribute::text("type", "How the user is in it").suggesting(&["direct", "indirect"]).read_only(),
];

static PLAIN: [Attribute; 4] = [Attribute::text("value", "The value"), DISPLAY, TYPE, PRIMARY];

static CERTIFICATE: [Attribute; 4] =
    [Attribute::new("value", Kind::Binary, "The certificate, DER in base64"), DISPLAY, TYPE, PRIMARY];
