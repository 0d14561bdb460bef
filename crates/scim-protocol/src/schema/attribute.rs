//! The characteristics of an attribute (RFC 7643 §2.2, §7).

use serde::Serialize;

/// The type of a value (RFC 7643 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A number with a fraction.
    Decimal,
    /// A whole number.
    Integer,
    /// An `xsd:dateTime`.
    DateTime,
    /// Bytes in base64.
    Binary,
    /// A URI.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

/// Who may change a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    /// Only the server.
    ReadOnly,
    /// The client, at any time.
    ReadWrite,
    /// The client, once.
    Immutable,
    /// The client, and it never comes back.
    WriteOnly,
}

/// When a value comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    /// Whatever is asked for.
    Always,
    /// Never.
    Never,
    /// Unless left out by the request.
    Default,
    /// Only where asked for by name.
    Request,
}

/// Among what a value is unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    /// It needn't be.
    None,
    /// Among the resources of the tenant.
    Server,
    /// In the world.
    Global,
}

/// An attribute or sub-attribute.
#[derive(Debug)]
pub struct Attribute {
    /// The name in its canonical spelling.
    pub name: &'static str,
    /// Another name by which clients send it; it is understood and never published.
    pub alias: Option<&'static str>,
    /// What it is for.
    pub description: &'static str,
    /// The type of a value.
    pub kind: Kind,
    /// Whether it holds a list of values.
    pub multi_valued: bool,
    /// Whether it must have a value.
    pub required: bool,
    /// Whether comparison minds the case.
    pub case_exact: bool,
    /// Who may change it.
    pub mutability: Mutability,
    /// When it comes back.
    pub returned: Returned,
    /// Among what it is unique.
    pub uniqueness: Uniqueness,
    /// Values that are suggested; others are accepted (RFC 7643 §7).
    pub canonical_values: &'static [&'static str],
    /// What a reference may refer to.
    pub reference_types: &'static [&'static str],
    /// What a complex value holds.
    pub sub_attributes: &'static [Self],
}

impl Attribute {
    /// An optional single value of the given type that a client may change.
    pub(super) const fn new(name: &'static str, kind: Kind, description: &'static str) -> Self {
        Self {
            name,
            alias: None,
            description,
            kind,
            multi_valued: false,
            required: false,
            case_exact: matches!(kind, Kind::Binary | Kind::Reference),
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            canonical_values: &[],
            reference_types: &[],
            sub_attributes: &[],
        }
    }

    /// An optional text.
    pub(super) const fn text(name: &'static str, description: &'static str) -> Self {
        Self::new(name, Kind::String, description)
    }

    /// An object.
    pub(super) const fn complex(
        name: &'static str,
        sub_attributes: &'static [Self],
        description: &'static str,
    ) -> Self {
        Self { sub_attributes, ..Self::new(name, Kind::Complex, description) }
    }

    /// A list of objects.
    pub(super) const fn list(
        name: &'static str,
        sub_attributes: &'static [Self],
        description: &'static str,
    ) -> Self {
        Self { multi_valued: true, ..Self::complex(name, sub_attributes, description) }
    }

    /// A reference to one of these.
    pub(super) const fn reference(
        name: &'static str,
        reference_types: &'static [&'static str],
        description: &'static str,
    ) -> Self {
        Self { reference_types, ..Self::new(name, Kind::Reference, description) }
    }

    pub(super) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    pub(super) const fn case_exact(self) -> Self {
        Self { case_exact: true, ..self }
    }

    pub(super) const fn read_only(self) -> Self {
        Self { mutability: Mutability::ReadOnly, ..self }
    }

    pub(super) const fn immutable(self) -> Self {
        Self { mutability: Mutability::Immutable, ..self }
    }

    pub(super) const fn write_only(self) -> Self {
        Self { mutability: Mutability::WriteOnly, returned: Returned::Never, ..self }
    }

    pub(super) const fn always_returned(self) -> Self {
        Self { returned: Returned::Always, ..self }
    }

    pub(super) const fn unique(self) -> Self {
        Self { uniqueness: Uniqueness::Server, ..self }
    }

    pub(super) const fn suggesting(self, canonical_values: &'static [&'static str]) -> Self {
        Self { canonical_values, ..self }
    }

    pub(super) const fn also_named(self, alias: &'static str) -> Self {
        Self { alias: Some(alias), ..self }
    }

    /// Whether a client means this attribute by a name.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
            || self.alias.is_some_and(|alias| alias.eq_ignore_ascii_case(name))
    }

    /// The sub-attribute of this name.
    pub(crate) fn sub(&self, name: &str) -> Option<&'static Self> {
        self.sub_attributes.iter().find(|sub| sub.is_named(name))
    }

    /// Whether only the server sets it.
    pub(crate) const fn is_read_only(&self) -> bool {
        matches!(self.mutability, Mutability::ReadOnly)
    }

    /// Whether a client may set it anew once it has a value.
    pub(crate) const fn may_change(&self) -> bool {
        matches!(self.mutability, Mutability::ReadWrite | Mutability::WriteOnly)
    }
}
