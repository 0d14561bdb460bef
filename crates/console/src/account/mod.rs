//! One's own account: name, language, address.

mod desk;
pub(crate) mod routes;

use elder_api_types::regional::Locale;
use elder_kernel::{Patch, Secret};
use elder_portal_users::pages::{MePatch, OwnEmail};
use serde::Deserialize;

use crate::{alerts::Alerts, setup::name, words::Words};

pub(crate) use desk::{Desk, Done, Saved};

/// A name and a language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    full_name: String,
    locale: String,
}

impl Profile {
    /// The change that is meant, or what is wrong with it.
    fn patch(&self, words: &Words) -> Result<MePatch, Alerts> {
        let full_name =
            name(&self.full_name).ok_or_else(|| Alerts::beside("full_name", words.name_is_wrong))?;
        let locale = match self.locale.parse::<Locale>() {
            Ok(locale) => Patch::Set(locale),
            Err(_) => Patch::Clear,
        };
        Ok(MePatch { full_name: Some(full_name), locale, ..MePatch::default() })
    }
}

/// Another address, and the proof that it is its owner who wants it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Address {
    email: String,
    current_password: Secret<String>,
}

impl Address {
    /// The same as a program would send it, or what is wrong with it.
    fn asked(self, words: &Words) -> Result<OwnEmail, Alerts> {
        let email = self.email.parse().map_err(|_| Alerts::beside("email", words.invalid_email))?;
        Ok(OwnEmail { email, current_password: self.current_password })
    }
}
