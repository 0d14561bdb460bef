//! What a filter says, once it is read; `Display` writes it in the grammar again.

use std::fmt;

use serde_json::Value;

use super::{Dialect, FilterError, parser::Parser};

/// A filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All hold; two at least.
    And(Vec<Self>),
    /// One holds; two at least.
    Or(Vec<Self>),
    /// It doesn't hold.
    Not(Box<Self>),
    /// An attribute compares so with a literal.
    Compare(AttributePath, Compare, Literal),
    /// An attribute has a value (`pr`).
    Present(AttributePath),
    /// One and the same value of an attribute fulfils the inner filter: `emails[type eq "work"]`.
    ValuePath(AttributePath, Box<Self>),
}

/// The name of an attribute: `userName`, `name.givenName`, `urn:…:User:manager.value`. Case does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributePath {
    /// The URN of the schema, where one is given.
    pub schema: Option<String>,
    /// The attribute.
    pub name: String,
    /// The sub-attribute.
    pub sub: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// The byte of a text at which something stands, for error messages. It is no part of what is said: filters that
/// differ in places alone are equal.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place(pub usize);

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Place {}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `co`
    Contains,
    /// `sw`
    StartsWith,
    /// `ew`
    EndsWith,
    /// `gt`
    Greater,
    /// `ge`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `le`
    LessOrEqual,
}

/// A literal of JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A JSON number, kept as it was written: a client that forgets quotes may mean a text by it.
    Number(String),
    /// A text, its escapes resolved.
    Text(String),
}

/// The target of a PATCH operation (RFC 7644 §3.5.2): `emails[type eq "work"].value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The attribute, and the sub-attribute that stands behind it or behind the brackets.
    pub attribute: AttributePath,
    /// Which of the values.
    pub filter: Option<Filter>,
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// Where the text is no filter, or goes beyond the dialect's limits.
    pub fn parse(text: &str, dialect: &Dialect) -> Result<Self, FilterError> {
        Parser::new(text, dialect)?.whole_filter()
    }
}

impl Path {
    /// Reads the path of a PATCH operation.
    ///
    /// # Errors
    /// Where the text is no path, or goes beyond the dialect's limits.
    pub fn parse(text: &str, dialect: &Dialect) -> Result<Self, FilterError> {
        Parser::new(text, dialect)?.whole_path()
    }
}

impl Compare {
    /// Each comparison with its name in the grammar.
    pub const ALL: [(&'static str, Self); 9] = [
        ("eq", Self::Equal),
        ("ne", Self::NotEqual),
        ("co", Self::Contains),
        ("sw", Self::StartsWith),
        ("ew", Self::EndsWith),
        ("gt", Self::Greater),
        ("ge", Self::GreaterOrEqual),
        ("lt", Self::Less),
        ("le", Self::LessOrEqual),
    ];

    /// Whether it asks for an order (`gt ge lt le`).
    pub const fn is_order(self) -> bool {
        matches!(self, Self::Greater | Self::GreaterOrEqual | Self::Less | Self::LessOrEqual)
    }
}

impl fmt::Display for Compare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::ALL.iter().find(|(_, compare)| compare == self).map_or("", |(name, _)| name))
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Number(number) => f.write_str(number),
            Self::Text(text) => write!(f, "{}", Value::from(text.as_str())),
        }
    }
}

impl AttributePath {
    fn write_name(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}:")?;
        }
        f.write_str(&self.name)
    }

    fn write_sub(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sub.as_ref().map_or(Ok(()), |sub| write!(f, ".{sub}"))
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_name(f)?;
        self.write_sub(f)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.attribute.write_name(f)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        self.attribute.write_sub(f)
    }
}

impl Filter {
    fn write_list(list: &[Self], word: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, filter) in list.iter().enumerate() {
            if index > 0 {
                write!(f, " {word} ")?;
            }
            match filter {
                // `and` binds tighter than `or`, so only these need parentheses to come back as they are.
                Self::Or(_) => write!(f, "({filter})")?,
                Self::And(_) if word == "and" => write!(f, "({filter})")?,
                _ => write!(f, "{filter}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(list) => Self::write_list(list, "and", f),
            Self::Or(list) => Self::write_list(list, "or", f),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Compare(path, compare, literal) => write!(f, "{path} {compare} {literal}"),
            Self::Present(path) => write!(f, "{path} pr"),
            Self::ValuePath(path, inner) => write!(f, "{path}[{inner}]"),
        }
    }
}
