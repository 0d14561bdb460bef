//! The platform's settings: its name, who may register, the template of tenants, maintenance.

mod error;
pub mod routes;
mod service;

pub use elder_api_types::platform::{PlatformSettings, PlatformSettingsPatch, Registration};
pub use error::Error;
