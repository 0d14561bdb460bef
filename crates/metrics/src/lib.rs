#![doc = include_str!("../README.md")]

mod background;
mod collectors;
mod families;
mod health;
mod measure;
mod metrics;
mod refresh;
mod routes;
mod tenants;
mod trace;

pub use background::Carried;
pub use elder_api_types::health::{Check, Checks, HealthReport, Status};
pub use health::{Health, Readiness, disk, part};
pub use measure::{ScimProvider, measure};
pub use metrics::Metrics;
pub use refresh::{RefreshError, refresh};
pub use routes::{ScrapeToken, exposition, probes};
pub use trace::trace;

use elder_http::RouteTable;

/// Every route of this crate. Where `/metrics` has an address of its own, [`probes`] and [`exposition`] part them.
pub fn routes(table: &mut RouteTable) {
    probes(table);
    exposition(table);
}
