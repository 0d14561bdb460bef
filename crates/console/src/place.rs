//! The pages of one's own account: a closed list, so that a page can be named in a query and nothing else can.

use std::fmt;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Place {
    /// Name, language, address.
    #[default]
    Account,
    /// Password and second factors.
    Security,
    /// Devices and sessions.
    Devices,
    /// The link to an identity provider that waits for its owner's word.
    Link,
}

impl Place {
    const ALL: [Self; 4] = [Self::Account, Self::Security, Self::Devices, Self::Link];

    /// The place of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.to_string() == name)
    }

    /// The place to which a path of the account's pages belongs.
    pub(crate) fn of(path: &str) -> Self {
        let below = |place: &Self| *place != Self::Account && path.starts_with(place.path());
        Self::ALL.into_iter().find(below).unwrap_or_default()
    }

    /// Its path.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Account => "/account",
            Self::Security => "/account/security",
            Self::Devices => "/account/devices",
            Self::Link => "/account/link",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Account => "account",
            Self::Security => "security",
            Self::Devices => "devices",
            Self::Link => "link",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w_33_a_name_is_that_of_a_page_or_of_nothing() {
        assert_eq!(Place::named("security"), Some(Place::Security));
        for other in ["", "/account/security", "https://evil.example", "Security"] {
            assert_eq!(Place::named(other), None, "{other}");
        }
        assert_eq!(Place::of("/account/security/passkey"), Place::Security);
        assert_eq!(Place::of("/account/profile"), Place::Account);
    }
}
