//! The key under which secrets are stored.

use std::collections::HashSet;
use std::path::PathBuf;

use elder_kernel::Secret;

use crate::ConfigError;
use crate::setting::section;

/// Fewer different characters than this were not drawn at random.
const FEWEST_DISTINCT: usize = 8;

section! {
    /// The key under which secrets are stored. Without one of these two, Elder makes a key in its data
    /// directory at the first start: keep a copy, for without it no stored secret can be read again.
    Secrets = "secrets" {
        /// 32 random bytes in base64 or hexadecimal: `openssl rand -base64 32` makes them.
        master_key: Option<Secret<String>> => "the output of `openssl rand -base64 32`";
        /// A file that holds the same.
        master_key_file: Option<PathBuf> => "/run/secrets/elder_master_key";
    }
}

impl Secrets {
    /// Refuses what cannot be 32 random bytes; the key itself is read where it is used.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let Some(key) = &self.master_key else { return Ok(()) };
        let wrong = |problem| Err(ConfigError::invalid("secrets.master_key", problem));
        let text = key.expose().trim();
        if self.master_key_file.is_some() {
            return wrong("`secrets.master_key_file` is given too, and only one of them can hold");
        }
        if !matches!(text.len(), 43 | 44 | 64) {
            return wrong("it must be 32 bytes in base64 or hexadecimal");
        }
        if text.chars().collect::<HashSet<_>>().len() < FEWEST_DISTINCT {
            return wrong("it was not drawn at random");
        }
        Ok(())
    }
}
