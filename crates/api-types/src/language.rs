//! Languages as templates are found by them.

use std::{fmt, iter, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::regional::{InvalidLocale, Locale};

/// A language tag (RFC 5646), written as §2.1.1 recommends: case means nothing, so there is one way to write each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length = 35, example = "de-AT")]
pub struct Language(String);

impl Language {
    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tag and those that it falls back to, the nearest first (RFC 4647 §3.4): `de-AT`, `de`.
    pub fn and_wider(&self) -> impl Iterator<Item = Self> {
        let wider = |tag: &Self| {
            let (wider, _) = tag.0.rsplit_once('-')?;
            // A lone letter begins an extension and means nothing at the end.
            let wider =
                wider.rsplit_once('-').filter(|(_, last)| last.len() == 1).map_or(wider, |(rest, _)| rest);
            Some(Self(wider.to_owned()))
        };
        iter::successors(Some(self.clone()), wider)
    }
}

impl FromStr for Language {
    type Err = InvalidLocale;

    fn from_str(text: &str) -> Result<Self, InvalidLocale> {
        Ok(text.parse::<Locale>()?.into())
    }
}

impl From<Locale> for Language {
    fn from(locale: Locale) -> Self {
        let mut subtags = locale.as_str().split('-');
        let language = subtags.next().unwrap_or_default().to_ascii_lowercase();
        Self(subtags.fold(language, |tag, subtag| tag + "-" + &in_its_case(subtag)))
    }
}

/// Regions in capitals, scripts with one at the beginning, all else in small letters.
fn in_its_case(subtag: &str) -> String {
    match subtag.len() {
        2 => subtag.to_ascii_uppercase(),
        4 => {
            let (first, rest) = subtag.split_at(1);
            first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
        }
        _ => subtag.to_ascii_lowercase(),
    }
}

impl TryFrom<String> for Language {
    type Error = InvalidLocale;

    fn try_from(text: String) -> Result<Self, InvalidLocale> {
        text.parse()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(tag: &str) -> Vec<String> {
        tag.parse::<Language>().unwrap().and_wider().map(|tag| tag.to_string()).collect()
    }

    #[test]
    fn a_tag_falls_back_to_wider_ones() {
        assert_eq!(chain("DE-at"), ["de-AT", "de"]);
        assert_eq!(chain("zh-hant-tw"), ["zh-Hant-TW", "zh-Hant", "zh"]);
        assert_eq!(chain("de-x-formal"), ["de-x-formal", "de"]);
        assert_eq!(chain("en"), ["en"]);
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for text in ["", "d", "de_AT", "de-", "1e", "de-abcdefghi", "<b>", "../en", "abcdefghi"] {
            assert_eq!(text.parse::<Language>(), Err(InvalidLocale), "{text}");
        }
    }
}
