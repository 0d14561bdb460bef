//! One field of a JSON merge patch (RFC 7396) that may also be cleared.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a patch does to a field that may be null. Fields that may not be null are an `Option`.
///
/// A field of it needs `#[serde(default, skip_serializing_if = "Patch::is_keep")]`: what is not named is kept.
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

    /// Whether the patch does not name the field.
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
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

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Body {
        #[serde(default, skip_serializing_if = "Patch::is_keep")]
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

    #[test]
    fn a_patch_is_sent_as_it_is_read() {
        for body in ["{}", r#"{"note":null}"#, r#"{"note":"new"}"#] {
            let patch: Body = serde_json::from_str(body).unwrap();
            assert_eq!(serde_json::to_string(&patch).unwrap(), body);
        }
    }
}
