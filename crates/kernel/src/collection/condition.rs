//! A filter whose fields are known and whose values have their types.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Field, Kind, SelectionError, names};
use crate::{
    filter::{AttributePath, Compare, Dialect, Filter, Literal},
    fold,
};

/// Which rows a list has. A comparison with an absent value does not hold, and `not` turns that round: there is no
/// third truth value.
#[derive(Debug, Clone)]
pub enum Condition {
    /// All hold.
    All(Vec<Self>),
    /// One holds.
    Any(Vec<Self>),
    /// It doesn't hold.
    Not(Box<Self>),
    /// A field compares so with a value; `eq` and `ne` with [`Operand::Null`] ask for absence.
    Compare(&'static Field, Compare, Operand),
    /// A field has a value.
    Present(&'static Field),
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All(a), Self::All(b)) | (Self::Any(a), Self::Any(b)) => a == b,
            (Self::Not(a), Self::Not(b)) => a == b,
            (Self::Compare(a, how, x), Self::Compare(b, other, y)) => {
                a.name == b.name && how == other && x == y
            }
            (Self::Present(a), Self::Present(b)) => a.name == b.name,
            _ => false,
        }
    }
}

/// A value of a field's type; also what a cursor holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Operand {
    /// No value.
    Null,
    /// A truth.
    Bool(bool),
    /// A number.
    Integer(i64),
    /// A text; folded, if the field is.
    Text(String),
    /// A moment.
    Time(DateTime<Utc>),
    /// An id.
    Id(Uuid),
}

impl Operand {
    /// Whether a field of this kind can have the value.
    pub(super) const fn is_of(&self, kind: Kind) -> bool {
        matches!(
            (self, kind),
            (Self::Bool(_), Kind::Bool)
                | (Self::Integer(_), Kind::Integer)
                | (Self::Text(_), Kind::Text | Kind::Folded | Kind::Word(_))
                | (Self::Time(_), Kind::Time)
                | (Self::Id(_), Kind::Id(..))
        )
    }
}

impl Condition {
    /// Reads a filter over `fields`.
    pub(super) fn read(text: &str, fields: &'static [Field]) -> Result<Self, SelectionError> {
        checked(&Filter::parse(text, &Dialect::REST)?, fields)
    }
}

fn checked(filter: &Filter, fields: &'static [Field]) -> Result<Condition, SelectionError> {
    let all = |list: &[Filter]| list.iter().map(|part| checked(part, fields)).collect::<Result<Vec<_>, _>>();
    Ok(match filter {
        Filter::And(list) => Condition::All(all(list)?),
        Filter::Or(list) => Condition::Any(all(list)?),
        Filter::Not(inner) => Condition::Not(Box::new(checked(inner, fields)?)),
        Filter::Present(path) => Condition::Present(field(path, fields)?),
        Filter::Compare(path, how, literal) => comparison(path, *how, literal, fields)?,
        Filter::ValuePath(path, _) => {
            return Err(refused(path, "brackets are for SCIM, where attributes have several values"));
        }
    })
}

fn field(path: &AttributePath, fields: &'static [Field]) -> Result<&'static Field, SelectionError> {
    let known = |field: &&Field| field.is_filterable && field.name.eq_ignore_ascii_case(&path.name);
    let found = if path.schema.is_none() && path.sub.is_none() { fields.iter().find(known) } else { None };
    found.ok_or_else(|| {
        let possible = names(fields, |field| field.is_filterable);
        refused(path, &format!("no field `{path}` can be filtered by, but {possible}"))
    })
}

fn comparison(
    path: &AttributePath,
    how: Compare,
    literal: &Literal,
    fields: &'static [Field],
) -> Result<Condition, SelectionError> {
    let field = field(path, fields)?;
    let possible = field.kind.comparisons();
    if !possible.contains(&how) {
        let possible = possible.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        return Err(refused(path, &format!("`{}` takes {possible} pr, not {how}", field.name)));
    }
    let operand = operand(field.kind, literal)
        .filter(|operand| *operand != Operand::Null || matches!(how, Compare::Equal | Compare::NotEqual));
    operand
        .map(|operand| Condition::Compare(field, how, operand))
        .ok_or_else(|| refused(path, &format!("`{}` is {}, not {literal}", field.name, field.kind)))
}

fn operand(kind: Kind, literal: &Literal) -> Option<Operand> {
    Some(match (kind, literal) {
        (_, Literal::Null) => Operand::Null,
        (Kind::Text, Literal::Text(text)) => Operand::Text(text.clone()),
        (Kind::Folded, Literal::Text(text)) => Operand::Text(fold(text)),
        (Kind::Word(words), Literal::Text(text)) if words.contains(&text.as_str()) => {
            Operand::Text(text.clone())
        }
        (Kind::Bool, Literal::Bool(truth)) => Operand::Bool(*truth),
        (Kind::Integer, Literal::Number(number)) => Operand::Integer(number.parse().ok()?),
        (Kind::Time, Literal::Text(text)) => {
            Operand::Time(DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc))
        }
        (Kind::Id(_, read), Literal::Text(text)) => Operand::Id(read(text)?),
        _ => return None,
    })
}

fn refused(path: &AttributePath, what: &str) -> SelectionError {
    SelectionError::Condition { position: path.place.0, what: what.to_owned() }
}
