//! What a tenant decides for itself, and how it is changed and stored.

mod stored;

pub use elder_api_types::platform::Registration;
pub use elder_api_types::settings::{
    BeyondLimit, LockoutSettings, PasswordSettings, RetentionSettings, RiskSettings, SessionSettings,
    TenantSettings,
};
pub use stored::{InvalidSettings, of, registration, tolerant};
pub(crate) use stored::{merge, stored_form};

#[cfg(test)]
mod tests;
