//! The origins whose pages may call the API from a browser, as tenants list them.

use std::collections::HashSet;

use crate::{Row, database::DbError};

/// A list of origins (RFC 6454 §6.1). None at all: no page may call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origins(HashSet<String>);

impl Origins {
    /// Whether the list has this very origin: no pattern, no suffix, no other case.
    pub(crate) fn admit(&self, origin: &str) -> bool {
        self.0.contains(origin)
    }

    /// The origins of a query's rows.
    pub(crate) fn of_rows(rows: &[Row], column: &str) -> Result<Self, DbError> {
        rows.iter().map(|row| row.get(column)).collect::<Result<_, _>>().map(Self)
    }

    /// Reads the setting of a tenant, which is null where it was never set.
    pub(crate) fn read(row: &Row, column: &str) -> Result<Self, DbError> {
        row.setting(column).map(Self)
    }
}
