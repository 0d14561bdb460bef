//! The order of a list.

use std::cmp::Ordering;

use super::{Field, MOST_KEYS, Operand, SelectionError, names};

/// One key of an order.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    /// The field.
    pub field: &'static Field,
    /// Whether it goes from the greatest to the least.
    pub descends: bool,
}

impl Order {
    fn has_value(&self, value: &Operand) -> bool {
        value.is_of(self.field.kind) || (self.field.has_gaps() && *value == Operand::Null)
    }

    /// How two values of the key follow each other. What has none comes last, whichever way the order goes.
    pub(super) fn compare(&self, a: &Operand, b: &Operand) -> Ordering {
        let present_first = (*a == Operand::Null).cmp(&(*b == Operand::Null));
        present_first.then_with(|| if self.descends { b.cmp(a) } else { a.cmp(b) })
    }
}

impl PartialEq for Order {
    fn eq(&self, other: &Self) -> bool {
        self.field.name == other.field.name && self.descends == other.descends
    }
}

/// The order of a list: its last key is one that no two rows share.
#[derive(Debug, Clone, PartialEq)]
pub struct Sort(Vec<Order>);

impl Sort {
    /// Reads `-created_at,email`. What makes the order total goes the way of the last key that is given.
    pub(super) fn read(
        text: &str,
        fields: &'static [Field],
        key: &'static str,
    ) -> Result<Self, SelectionError> {
        let refused = SelectionError::Parameter;
        let mut keys: Vec<Order> = Vec::new();
        for part in text.split(',').map(str::trim) {
            let (name, descends) = part.strip_prefix('-').map_or((part, false), |name| (name, true));
            let field = fields.iter().find(|field| field.name == name && field.is_sortable());
            let Some(field) = field else {
                let possible = names(fields, Field::is_sortable);
                return Err(refused(format!("a list cannot be sorted by `{name}`, but by {possible}")));
            };
            if keys.iter().any(|key| key.field.name == name) {
                return Err(refused(format!("`sort` names `{name}` twice")));
            }
            keys.push(Order { field, descends });
        }
        if keys.len() > MOST_KEYS {
            return Err(refused(format!("`sort` takes at most {MOST_KEYS} fields")));
        }
        // What comes behind the key decides nothing.
        if let Some(position) = keys.iter().position(|order| order.field.name == key) {
            keys.truncate(position + 1);
        } else if let Some(field) = fields.iter().find(|field| field.name == key) {
            let descends = keys.last().is_some_and(|last| last.descends);
            keys.push(Order { field, descends });
        }
        Ok(Self(keys))
    }

    /// By one field that no two rows share.
    pub(super) fn up(field: Option<&'static Field>) -> Self {
        Self(field.map(|field| Order { field, descends: false }).into_iter().collect())
    }

    /// The keys, the first one first.
    pub fn keys(&self) -> &[Order] {
        &self.0
    }

    /// Whether all keys go the same way.
    pub fn is_uniform(&self) -> bool {
        self.0.windows(2).all(|pair| matches!(pair, [a, b] if a.descends == b.descends))
    }

    /// Whether these are values of the keys.
    pub(super) fn has_place(&self, place: &[Operand]) -> bool {
        self.0.len() == place.len() && self.0.iter().zip(place).all(|(key, at)| key.has_value(at))
    }
}
