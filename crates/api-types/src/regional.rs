//! How a person wants texts and times: a language tag and a time zone, checked by their form.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! checked_texts {
    ($($(#[$about:meta])* $name:ident, $fault:ident, $form:ident, $words:literal, $example:literal;)*) => {$(
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(try_from = "String")]
        $(#[$about])*
        pub struct $name(String);

        #[doc = concat!("A text that is no ", $words, ".")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
        #[error("expected a {} such as `{}`", $words, $example)]
        pub struct $fault;

        impl $name {
            /// What the database has: it was checked before it was stored.
            pub const fn stored(text: String) -> Self {
                Self(text)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = $fault;

            fn from_str(text: &str) -> Result<Self, $fault> {
                Self::try_from(text.to_owned())
            }
        }

        impl TryFrom<String> for $name {
            type Error = $fault;

            fn try_from(text: String) -> Result<Self, $fault> {
                if $form(&text) { Ok(Self(text)) } else { Err($fault) }
            }
        }
    )*};
}

checked_texts! {
    /// A language tag of the form of BCP 47.
    #[schema(value_type = String, pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length = 35, example = "de-AT")]
    Locale, InvalidLocale, is_language_tag, "language tag", "de-AT";
    /// A name of the form of the IANA time zone database.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$", max_length = 64,
        example = "Europe/Vienna")]
    TimeZone, InvalidTimeZone, is_zone_name, "time zone", "Europe/Vienna";
}

/// RFC 5646 §2.1: subtags of one to eight letters and digits; the first is the language, letters alone.
fn is_language_tag(text: &str) -> bool {
    let mut subtags = text.split('-');
    let language = subtags.next().unwrap_or_default();
    (2..=8).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && subtags
            .all(|tag| (1..=8).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        && text.len() <= 35
}

/// Parts of letters, digits, `_`, `+` and `-`, divided by `/`.
fn is_zone_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-');
    text.len() <= 64 && text.split('/').all(|part| !part.is_empty() && part.bytes().all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags_are_told_from_other_texts() {
        for tag in ["de", "de-AT", "zh-Hant-TW", "es-419"] {
            assert_eq!(tag.parse::<Locale>().map(|locale| locale.as_str().to_owned()), Ok(tag.to_owned()));
        }
        for text in ["", "d", "de_AT", "de-", "1e", "de-abcdefghi", "<b>"] {
            assert_eq!(text.parse::<Locale>(), Err(InvalidLocale), "{text}");
        }
    }

    #[test]
    fn time_zones_are_told_from_other_texts() {
        for zone in ["UTC", "Europe/Vienna", "America/Argentina/Buenos_Aires", "Etc/GMT+3"] {
            assert!(zone.parse::<TimeZone>().is_ok(), "{zone}");
        }
        for text in ["", "/", "Europe/", "Europe Vienna", "../etc"] {
            assert_eq!(text.parse::<TimeZone>(), Err(InvalidTimeZone), "{text}");
        }
    }
}
