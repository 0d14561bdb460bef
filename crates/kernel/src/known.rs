//! Reading of answers: a struct takes the fields that it knows, and passes over what a newer server has added.

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, IntoDeserializer, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Error, Value};

/// A JSON value of which structs see no fields but their own, at any depth.
///
/// For words that are sent and answered: as a part of a request they refuse fields that they do not know.
#[derive(Debug)]
pub struct Known(pub Value);

/// Reads a part of an answer, as `#[serde(deserialize_with = "elder_kernel::known")]` says.
///
/// # Errors
/// If a field that is known is missing or of another type.
pub fn known<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<T, D::Error> {
    let value = serde::Deserialize::deserialize(deserializer)?;
    T::deserialize(Known(value)).map_err(serde::de::Error::custom)
}

impl IntoDeserializer<'_, Error> for Known {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Known {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(all) => visitor.visit_seq(SeqDeserializer::new(all.into_iter().map(Self))),
            Value::Object(all) => visitor
                .visit_map(MapDeserializer::new(all.into_iter().map(|(name, value)| (name, Self(value))))),
            plain => plain.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if let Value::Object(all) = &mut self.0 {
            all.retain(|name, _| fields.contains(&name.as_str()));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Colour {
        Red,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        size: u8,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        colour: Colour,
        inner: Option<Inner>,
        #[serde(default)]
        more: Vec<Inner>,
    }

    fn read(value: Value) -> Result<Outer, Error> {
        Outer::deserialize(Known(value))
    }

    #[test]
    fn fields_that_are_not_known_are_passed_over_at_any_depth() {
        let newer = json!({ "colour": "red", "new": 1, "inner": { "size": 1, "new": [] }, "more": [{ "size": 2, "new": {} }] });
        assert!(Outer::deserialize(newer.clone()).is_err(), "it is strict by itself");
        let outer =
            Outer { colour: Colour::Red, inner: Some(Inner { size: 1 }), more: vec![Inner { size: 2 }] };
        assert_eq!(read(newer).unwrap(), outer);
    }

    #[test]
    fn fields_that_are_known_are_read_strictly() {
        assert_eq!(read(json!({ "colour": "red", "inner": null })).unwrap().inner, None);
        for wrong in
            [json!({ "colour": "blue" }), json!({ "colour": "red", "inner": { "new": 1 } }), json!("red")]
        {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
