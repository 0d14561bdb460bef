//! What every request must know of the platform: its name, and whether it is closed for maintenance.

use std::sync::Arc;

use elder_api_types::{platform::Maintenance, role::GlobalRole};

use crate::{
    Gatekeeper, OwnRead, PlatformTx,
    database::DbError,
    event::Context,
    principal::{Actor, Principal},
};

/// The platform's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformState {
    /// The platform's name.
    pub name: String,
    /// Set while it is closed.
    pub maintenance: Option<Maintenance>,
}

impl PlatformState {
    /// Whether `principal` is shut out now. Global admins never are.
    pub fn shuts_out(&self, principal: Option<&Principal>) -> Option<&Maintenance> {
        let admin = principal.and_then(Principal::global_role) == Some(GlobalRole::Admin);
        self.maintenance.as_ref().filter(|_| !admin)
    }
}

pub(crate) async fn current(keeper: &Gatekeeper) -> Result<Arc<PlatformState>, DbError> {
    let now = keeper.seam().now();
    if let Some(state) = keeper.remembered_state().get(now) {
        return Ok(state);
    }
    let context = Context { actor: Actor::SYSTEM, meta: keeper.own_request() };
    let tx = PlatformTx::<OwnRead>::begin(keeper, context).await?;
    let row = tx.raw_row("select name, maintenance from platform_settings", []).await?;
    let state = match row {
        Some(row) => {
            let maintenance = row.get::<Option<serde_json::Value>>("maintenance")?;
            let maintenance = maintenance.and_then(|json| serde_json::from_value(json).ok());
            PlatformState { name: row.get("name")?, maintenance }
        }
        None => PlatformState { name: "Elder".to_owned(), maintenance: None },
    };
    Ok(keeper.remembered_state().set(now, state))
}
