//! How a browser goes on to a provider.

use elder_saml::Form;

/// How a browser goes on to a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Onward {
    /// To this address.
    Go(String),
    /// With a form that is posted there.
    Post {
        /// Where to.
        action: String,
        /// What it holds.
        fields: Vec<(&'static str, String)>,
    },
}

impl From<Form> for Onward {
    fn from(form: Form) -> Self {
        match form {
            Form::Redirect(url) => Self::Go(url),
            Form::Post { action, field, message, relay_state } => {
                let relay = relay_state.map(|relay| ("RelayState", relay));
                Self::Post { action, fields: [(field.name(), message)].into_iter().chain(relay).collect() }
            }
        }
    }
}
