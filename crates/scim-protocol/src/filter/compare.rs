//! Compares values with a literal by the type and case rule of their attribute (RFC 7644 §3.4.2.2).

use std::cmp::Ordering;

use elder_kernel::{
    filter::{Compare, Literal},
    fold,
};
use serde_json::Value;

use super::scope;
use crate::{
    schema::{Attribute, Kind},
    value::{boolean, date_time},
};

/// Whether any of the values compares so. No value never does, except with `eq null`.
pub(super) fn any(
    attribute: Option<&'static Attribute>,
    values: &[&Value],
    operator: Compare,
    literal: &Literal,
) -> bool {
    if *literal == Literal::Null {
        return match operator {
            Compare::Equal => !scope::is_present(values),
            Compare::NotEqual => scope::is_present(values),
            _ => false,
        };
    }
    let Some(whole) = attribute else { return false };
    let Some(attribute) = scope::comparable(whole) else { return false };
    values.iter().any(|value| {
        let value = if whole.kind == Kind::Complex { value.get(attribute.name) } else { Some(*value) };
        value.is_some_and(|value| one(attribute, value, operator, literal))
    })
}

fn one(attribute: &Attribute, value: &Value, operator: Compare, literal: &Literal) -> bool {
    match (attribute.kind, value) {
        (Kind::Boolean, Value::Bool(truth)) => {
            let wanted = match literal {
                Literal::Bool(wanted) => Some(*wanted),
                Literal::Text(text) => boolean(text),
                _ => None,
            };
            wanted.is_some_and(|wanted| by_order(operator, truth.cmp(&wanted)))
        }
        (Kind::Integer | Kind::Decimal, Value::Number(number)) => {
            let (Literal::Number(text) | Literal::Text(text)) = literal else { return false };
            let order = number.as_f64().zip(text.parse::<f64>().ok()).and_then(|(a, b)| a.partial_cmp(&b));
            order.is_some_and(|order| by_order(operator, order))
        }
        (Kind::DateTime, Value::String(text)) => match (literal, operator) {
            (Literal::Text(part), Compare::Contains | Compare::StartsWith | Compare::EndsWith) => {
                by_text(operator, text, part)
            }
            (Literal::Text(wanted), _) => {
                let times = date_time(text).zip(date_time(wanted));
                times.is_some_and(|(time, wanted)| by_order(operator, time.cmp(&wanted)))
            }
            _ => false,
        },
        (Kind::String | Kind::Reference | Kind::Binary, Value::String(text)) => {
            // Without quotes, a text of digits or `true` reads as a literal of another type.
            let wanted = match literal {
                Literal::Text(wanted) | Literal::Number(wanted) => wanted.clone(),
                other => other.to_string(),
            };
            if attribute.case_exact {
                by_text(operator, text, &wanted)
            } else {
                by_text(operator, &fold(text), &fold(&wanted))
            }
        }
        _ => false,
    }
}

fn by_text(operator: Compare, text: &str, wanted: &str) -> bool {
    match operator {
        Compare::Contains => text.contains(wanted),
        Compare::StartsWith => text.starts_with(wanted),
        Compare::EndsWith => text.ends_with(wanted),
        _ => by_order(operator, text.cmp(wanted)),
    }
}

fn by_order(operator: Compare, order: Ordering) -> bool {
    match operator {
        Compare::Equal => order.is_eq(),
        Compare::NotEqual => order.is_ne(),
        Compare::Greater => order.is_gt(),
        Compare::GreaterOrEqual => order.is_ge(),
        Compare::Less => order.is_lt(),
        Compare::LessOrEqual => order.is_le(),
        Compare::Contains | Compare::StartsWith | Compare::EndsWith => false,
    }
}
