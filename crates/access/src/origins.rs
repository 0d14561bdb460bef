//! The origins whose pages may call the API from a browser, as tenants list them.

use std::{collections::HashSet, sync::Arc};

use crate::{Gatekeeper, OwnRead, PlatformTx, Row, database::DbError, event::Context, principal::Actor};

const OF_ALL_TENANTS: &str = "
    select distinct jsonb_array_elements_text(settings -> 'cors_origins') as origin from tenants where is_active";

/// A list of origins (RFC 6454 §6.1). None at all: no page may call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origins(HashSet<String>);

impl Origins {
    /// Whether the list has this very origin: no pattern, no suffix, no other case.
    pub(crate) fn admit(&self, origin: &str) -> bool {
        self.0.contains(origin)
    }

    /// Reads the setting of a tenant, which is null where it was never set.
    pub(crate) fn read(row: &Row, column: &str) -> Result<Self, DbError> {
        match row.get::<Option<serde_json::Value>>(column)? {
            Some(stored) => {
                serde_json::from_value(stored).map(Self).map_err(|error| DbError::Driver(Arc::new(error)))
            }
            None => Ok(Self::default()),
        }
    }
}

/// Every origin that any active tenant lists, for requests that do not tell whose they are.
pub(crate) async fn of_all_tenants(keeper: &Gatekeeper) -> Result<Arc<Origins>, DbError> {
    let now = keeper.seam().now();
    if let Some(origins) = keeper.remembered_origins().get(now) {
        return Ok(origins);
    }
    let context = Context { actor: Actor::SYSTEM, meta: keeper.own_request() };
    let tx = PlatformTx::<OwnRead>::begin(keeper, context).await?;
    let rows = tx.raw_rows(OF_ALL_TENANTS, []).await?;
    let origins = rows.iter().map(|row| row.get("origin")).collect::<Result<_, _>>()?;
    Ok(keeper.remembered_origins().set(now, Origins(origins)))
}
