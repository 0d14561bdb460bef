//! Acting in another's name: by admins in their tenant, and by operators in tenants that allow it.

pub(crate) mod routes;
pub(crate) mod service;

use std::time::Duration;

pub(crate) use elder_api_types::impersonation::{Impersonation, NewImpersonation};

/// How long it lasts if nobody says for how long.
const USUAL_MINUTES: u32 = 30;

/// How long it is to last: an hour at the most, which the body is checked for.
fn duration(new: &NewImpersonation) -> Duration {
    Duration::from_mins(new.minutes.unwrap_or(USUAL_MINUTES).into())
}
