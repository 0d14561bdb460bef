//! Whom a rule is about: a filter over somebody's attributes, in the grammar of lists (RFC 7644 §3.4.2.2).

use elder_kernel::{
    filter::{AttributePath, Compare, Dialect, Filter, FilterError, Literal},
    fold,
};

use super::Attributes;

/// A condition that can be asked.
#[derive(Debug)]
pub(super) struct Condition(Filter);

/// A condition that cannot be asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unaskable {
    /// It is no filter.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// It looks into an attribute.
    #[error("an attribute is named by one word: it has values and no parts")]
    Parts,
    /// It asks for an order.
    #[error("attributes have no order: compare by eq, ne, co, sw, ew or pr")]
    Order,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// [`Unaskable`].
    pub(super) fn parse(text: &str) -> Result<Self, Unaskable> {
        let filter = Filter::parse(text, &Dialect::REST)?;
        ensure_plain(&filter)?;
        Ok(Self(filter))
    }

    /// Whether it holds. Of several values of an attribute one must fit; where there is none, only `ne` does.
    pub(super) fn holds(&self, attributes: &Attributes) -> bool {
        holds(&self.0, attributes)
    }
}

fn ensure_plain(filter: &Filter) -> Result<(), Unaskable> {
    let plain = |path: &AttributePath| {
        let is_plain = path.schema.is_none() && path.sub.is_none();
        is_plain.then_some(()).ok_or(Unaskable::Parts)
    };
    match filter {
        Filter::And(list) | Filter::Or(list) => list.iter().try_for_each(ensure_plain),
        Filter::Not(inner) => ensure_plain(inner),
        Filter::Compare(_, compare, _) if compare.is_order() => Err(Unaskable::Order),
        Filter::Present(path) | Filter::Compare(path, ..) => plain(path),
        Filter::ValuePath(..) => Err(Unaskable::Parts),
    }
}

fn holds(filter: &Filter, attributes: &Attributes) -> bool {
    match filter {
        Filter::And(list) => list.iter().all(|filter| holds(filter, attributes)),
        Filter::Or(list) => list.iter().any(|filter| holds(filter, attributes)),
        Filter::Not(inner) => !holds(inner, attributes),
        Filter::Present(path) => !attributes.values(&path.name).is_empty(),
        Filter::Compare(path, compare, literal) => fits(attributes.values(&path.name), *compare, literal),
        Filter::ValuePath(..) => false,
    }
}

/// Texts are compared as people read them: whatever the letter case.
fn fits(values: &[String], compare: Compare, literal: &Literal) -> bool {
    let sought = match literal {
        Literal::Null => return values.is_empty() == (compare == Compare::Equal),
        Literal::Bool(truth) => truth.to_string(),
        Literal::Number(number) => number.clone(),
        Literal::Text(text) => fold(text),
    };
    let any = |test: fn(&str, &str) -> bool| values.iter().any(|value| test(&fold(value), &sought));
    match compare {
        Compare::Equal => any(|value, sought| value == sought),
        Compare::NotEqual => !any(|value, sought| value == sought),
        Compare::Contains => any(|value, sought| value.contains(sought)),
        Compare::StartsWith => any(|value, sought| value.starts_with(sought)),
        Compare::EndsWith => any(|value, sought| value.ends_with(sought)),
        Compare::Greater | Compare::GreaterOrEqual | Compare::Less | Compare::LessOrEqual => false,
    }
}
