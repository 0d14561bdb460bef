//! One field of a JSON merge patch (RFC 7396) that may also be cleared.

use serde::{Deserialize, Deserializer};

/// What a patch does to a field that may be null. Fields that may not be null are an `Option`.
///
/// Needs `#[serde(default)]` on the field, or on the struct, for [`Patch::Keep`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// The patch does not name the field.
    #[default]
    Keep,
    /// The patch says `null`.
    Clear,
    /// The patch gives a value.
    Set(T),
}

impl<T> Patch<T> {
    /// The value of the field after the patch.
    pub fn apply(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The value that is given, if one is.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

impl<T> From<Option<T>> for Patch<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        note: Patch<String>,
    }

    fn patched(body: &str) -> Option<String> {
        let body: Body = serde_json::from_str(body).unwrap();
        body.note.apply(Some("old".into()))
    }

    #[test]
    fn a_field_is_kept_cleared_or_set() {
        assert_eq!(patched("{}").as_deref(), Some("old"));
        assert_eq!(patched(r#"{"note":null}"#), None);
        assert_eq!(patched(r#"{"note":"new"}"#).as_deref(), Some("new"));
    }
}
