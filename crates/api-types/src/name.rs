//! The names and descriptions that people give to things.

use std::str::FromStr;

use elder_kernel::{Patch, fold};
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

/// The form of a name, beside its length.
const PLAIN: &str = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$";

/// A name of 1 to `MOST` characters, none of them a control character, without blanks around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Name<const MOST: usize>(String);

/// A text that is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to {0} characters, no control character, and no blank at either end")]
pub struct InvalidName(usize);

impl<const MOST: usize> Name<MOST> {
    /// The form in which names are compared.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
}

impl<const MOST: usize> TryFrom<String> for Name<MOST> {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        let fits = (1..=MOST).contains(&text.chars().count());
        let plain = text.trim() == text && !text.chars().any(char::is_control);
        (fits && plain).then_some(Self(text)).ok_or(InvalidName(MOST))
    }
}

impl<const MOST: usize> FromStr for Name<MOST> {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        text.to_owned().try_into()
    }
}

impl<const MOST: usize> PartialSchema for Name<MOST> {
    fn schema() -> RefOr<Schema> {
        let words = format!("{}.", InvalidName(MOST));
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(words.replacen('a', "A", 1)))
            .min_length(Some(1))
            .max_length(Some(MOST))
            .pattern(Some(PLAIN))
            .into()
    }
}
impl<const MOST: usize> ToSchema for Name<MOST> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Name{MOST}").into()
    }
}

impl<const MOST: usize> From<Name<MOST>> for String {
    fn from(name: Name<MOST>) -> Self {
        name.0
    }
}

/// A description of at most 2000 characters.
pub(crate) fn short(patch: &Patch<String>, (): &()) -> garde::Result {
    let fits = patch.value().is_none_or(|text| text.chars().count() <= 2000);
    fits.then_some(()).ok_or_else(|| garde::Error::new("a description has at most 2000 characters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        for good in ["a", "Sales & Co", "Zürich"] {
            assert!(Name::<10>::try_from(good.to_owned()).is_ok(), "{good:?}");
        }
        for bad in ["", " ", " a", "a ", "a\nb", "12345678901"] {
            assert_eq!(Name::<10>::try_from(bad.to_owned()), Err(InvalidName(10)), "{bad:?}");
        }
    }
}
