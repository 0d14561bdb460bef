//! A selection over rows that lie in memory: for collections of a few resources, and as the model that SQL is tested
//! against.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{Condition, Field, Kind, Operand, Selection};
use crate::{filter::Compare, fold};

/// The rows of one page.
#[derive(Debug, Clone, PartialEq)]
pub struct Picked<T> {
    /// The rows, one more than the page holds if another page follows.
    pub rows: Vec<T>,
    /// How many rows fulfil the condition, if that was asked.
    pub total: Option<u64>,
}

impl Selection {
    /// Picks from all `rows` what the selection asks for; `shown` is how a row looks in JSON.
    pub fn pick<T>(&self, rows: Vec<T>, shown: impl Fn(&T) -> Map<String, Value>) -> Picked<T> {
        let mut rows: Vec<_> = rows
            .into_iter()
            .map(|row| (shown(&row), row))
            .filter(|(json, _)| self.admits(json))
            .map(|(json, row)| (self.place(&json), row))
            .collect();
        rows.sort_by(|(a, _), (b, _)| self.compare(a, b));
        let total = self.include_total.then(|| u64::try_from(rows.len()).unwrap_or(u64::MAX));
        if let Some(after) = &self.after {
            rows.retain(|(place, _)| self.compare(place, after) == Ordering::Greater);
        }
        let most = usize::try_from(self.limit.get() + 1).unwrap_or(usize::MAX);
        Picked { rows: rows.into_iter().map(|(_, row)| row).take(most).collect(), total }
    }

    /// Whether a row fulfils the condition, by how it looks in JSON.
    pub fn admits(&self, json: &Map<String, Value>) -> bool {
        self.condition.as_ref().is_none_or(|condition| condition.holds(json))
    }

    /// The values of the order's fields.
    pub fn place(&self, json: &Map<String, Value>) -> Vec<Operand> {
        self.order.keys().iter().map(|key| operand(key.field, json)).collect()
    }

    fn compare(&self, a: &[Operand], b: &[Operand]) -> Ordering {
        let each = self.order.keys().iter().zip(a.iter().zip(b));
        each.map(|(key, (a, b))| key.compare(a, b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl Condition {
    fn holds(&self, json: &Map<String, Value>) -> bool {
        match self {
            Self::All(list) => list.iter().all(|part| part.holds(json)),
            Self::Any(list) => list.iter().any(|part| part.holds(json)),
            Self::Not(inner) => !inner.holds(json),
            Self::Present(field) => operand(field, json) != Operand::Null,
            Self::Compare(field, how, wanted) => compares(&operand(field, json), *how, wanted),
        }
    }
}

fn compares(value: &Operand, how: Compare, wanted: &Operand) -> bool {
    let text = |test: fn(&str, &str) -> bool| match (value, wanted) {
        (Operand::Text(value), Operand::Text(wanted)) => test(value, wanted),
        _ => false,
    };
    let present = *value != Operand::Null;
    match how {
        Compare::Equal => value == wanted,
        Compare::NotEqual => value != wanted,
        Compare::Contains => text(|value, wanted| value.contains(wanted)),
        Compare::StartsWith => text(|value, wanted| value.starts_with(wanted)),
        Compare::EndsWith => text(|value, wanted| value.ends_with(wanted)),
        Compare::Greater => present && value > wanted,
        Compare::GreaterOrEqual => present && value >= wanted,
        Compare::Less => present && value < wanted,
        Compare::LessOrEqual => present && value <= wanted,
    }
}

/// A field's value as it is compared; a field that is null or absent has none.
fn operand(field: &Field, json: &Map<String, Value>) -> Operand {
    let value = json.get(field.name).unwrap_or(&Value::Null);
    let found = match (field.kind, value) {
        (Kind::Text | Kind::Word(_), Value::String(text)) => Some(Operand::Text(text.clone())),
        (Kind::Folded, Value::String(text)) => Some(Operand::Text(fold(text))),
        (Kind::Bool, Value::Bool(truth)) => Some(Operand::Bool(*truth)),
        (Kind::Integer, Value::Number(number)) => number.as_i64().map(Operand::Integer),
        (Kind::Time, Value::String(text)) => {
            DateTime::parse_from_rfc3339(text).ok().map(|time| Operand::Time(time.with_timezone(&Utc)))
        }
        (Kind::Id(_, read), Value::String(text)) => read(text).map(Operand::Id),
        _ => None,
    };
    found.unwrap_or(Operand::Null)
}
