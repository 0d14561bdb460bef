//! One's own account.

pub(crate) mod routes;
pub(crate) mod service;

pub(crate) use elder_api_types::me::{Me, MePatch, Membership, OwnPassword, OwnTenant};

use crate::account::AccountChange;

impl From<MePatch> for AccountChange {
    fn from(patch: MePatch) -> Self {
        Self {
            full_name: patch.full_name,
            locale: patch.locale,
            time_zone: patch.time_zone,
            ..Self::default()
        }
    }
}
