//! One page of a list, as every collection answers it.

use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{
        Ref,
        schema::{Array, ArrayBuilder},
    },
};

/// A page of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The resources of this page.
    #[schema(schema_with = rows::<T>)]
    pub data: Vec<T>,
    /// What to send as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
    /// How many resources all pages have; only with `include_total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// The rows of a page by the name of their schema, which utoipa would copy into every page.
fn rows<T: ToSchema>() -> Array {
    let row = Ref::from_schema_name(T::name());
    ArrayBuilder::new().items(row).description(Some("The resources of this page.")).build()
}

/// How many resources a page may hold: 1 to 200, 50 if nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub struct Limit(u64);

/// A limit out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("limit must be from 1 to {}", Limit::MOST)]
pub struct InvalidLimit;

impl Limit {
    /// The largest page.
    pub const MOST: u64 = 200;

    /// As many as a page may hold.
    pub const LARGEST: Self = Self(Self::MOST);

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl TryFrom<u64> for Limit {
    type Error = InvalidLimit;

    fn try_from(limit: u64) -> Result<Self, InvalidLimit> {
        (1..=Self::MOST).contains(&limit).then_some(Self(limit)).ok_or(InvalidLimit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_from_1_to_200() {
        for refused in [0, 201, u64::MAX] {
            assert_eq!(Limit::try_from(refused), Err(InvalidLimit));
        }
        assert_eq!(Limit::try_from(1).map(Limit::get), Ok(1));
        assert_eq!(Limit::try_from(200).map(Limit::get), Ok(200));
        assert_eq!(Limit::default().get(), 50);
    }
}
