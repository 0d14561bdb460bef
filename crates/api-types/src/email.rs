//! An e-mail address as it was typed and as it is compared.

use std::str::FromStr;

use elder_kernel::normalise_email;
use serde::{Deserialize, Serialize, Serializer};

/// An e-mail address. Two that differ in case or Unicode form alone are the same account.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Email {
    typed: String,
    folded: String,
}

/// A text that is no e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an e-mail address such as `ana@example.com`")]
pub struct InvalidEmail;

impl Email {
    /// What the database has: it was checked before it was stored.
    pub const fn stored(typed: String, folded: String) -> Self {
        Self { typed, folded }
    }

    /// As the person wrote it.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// As it is compared and unique.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// What stands after the `@`, as it is compared.
    pub fn domain(&self) -> &str {
        self.folded.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let folded = normalise_email(text).ok_or(InvalidEmail)?;
        Ok(Self { typed: text.trim().to_owned(), folded })
    }
}

impl TryFrom<String> for Email {
    type Error = InvalidEmail;

    fn try_from(text: String) -> Result<Self, InvalidEmail> {
        text.parse()
    }
}

impl Serialize for Email {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.typed)
    }
}

impl PartialEq for Email {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}
impl Eq for Email {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_spelling_and_is_compared_without_it() {
        let email: Email = " Ana@Example.COM ".parse().unwrap();
        assert_eq!((email.typed(), email.folded()), ("Ana@Example.COM", "ana@example.com"));
        assert_eq!(email.domain(), "example.com");
        assert_eq!(email, "ana@example.com".parse().unwrap());
        assert_eq!("ana".parse::<Email>(), Err(InvalidEmail));
    }
}
