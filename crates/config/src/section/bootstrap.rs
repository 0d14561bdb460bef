//! The first owner of an empty platform.

use elder_kernel::Secret;

use crate::ConfigError;
use crate::setting::section;

section! {
    /// The first owner of an empty platform. Without it, `elder serve` logs a link for setting one up.
    /// On a platform that has its owner these two do nothing.
    Bootstrap = "bootstrap" {
        /// The owner's e-mail address.
        #[env("ELDER_BOOTSTRAP_EMAIL")]
        email: Option<String> => "owner@example.com";
        /// The owner's password.
        #[env("ELDER_BOOTSTRAP_PASSWORD")]
        password: Option<Secret<String>> => "a passphrase of your own";
    }
}

impl Bootstrap {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        match (&self.email, &self.password) {
            (Some(_), None) => Err(ConfigError::invalid("bootstrap.password", "`bootstrap.email` needs it")),
            (None, Some(_)) => Err(ConfigError::invalid("bootstrap.email", "`bootstrap.password` needs it")),
            (Some(email), Some(_)) if elder_kernel::normalise_email(email).is_none() => {
                Err(ConfigError::invalid("bootstrap.email", "it must be an e-mail address"))
            }
            _ => Ok(()),
        }
    }
}
