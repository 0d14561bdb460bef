//! One change of one target: the three verbs on single values, objects and extensions.

use serde_json::Value;

use super::{
    Verb, check_removable, elements,
    target::{AttributeTarget, Target},
    within,
};
use crate::{
    Options,
    error::ScimError,
    schema::{Attribute, Schema},
    value::normalise,
    values::Object,
};

/// A verb with its value.
#[derive(Clone, Copy)]
pub(super) struct Change<'a> {
    pub(super) verb: Verb,
    pub(super) value: Option<&'a Value>,
    pub(super) options: Options,
}

impl Change<'_> {
    pub(super) fn apply(self, target: &Target, attributes: &mut Object) -> Result<(), ScimError> {
        match target {
            Target::Schemas => Ok(()),
            Target::Extension(schema) => self.apply_to_extension(schema, attributes),
            Target::Attribute(target) => match target.extension {
                Some(schema) => {
                    within(attributes, schema.id, |holder| self.apply_to_attribute(target, holder))
                }
                None => self.apply_to_attribute(target, attributes),
            },
        }
    }

    fn apply_to_extension(self, schema: &'static Schema, attributes: &mut Object) -> Result<(), ScimError> {
        let members = match self.value {
            _ if self.verb == Verb::Remove => None,
            None | Some(Value::Null) => None,
            Some(Value::Object(members)) => Some(members),
            Some(_) => return Err(ScimError::invalid_value(format!("{} must be an object", schema.id))),
        };
        let Some(members) = members else {
            if self.verb != Verb::Add {
                attributes.remove(schema.id);
            }
            return Ok(());
        };
        within(attributes, schema.id, |holder| {
            members.iter().try_for_each(|(name, value)| {
                let attribute = schema.attribute(name).filter(|attribute| !attribute.is_read_only());
                let Some(attribute) = attribute else { return Ok(()) };
                let target = AttributeTarget { extension: Some(schema), attribute, filter: None, sub: None };
                Change { value: Some(value), ..self }.apply_to_attribute(&target, holder)
            })
        })
    }

    fn apply_to_attribute(self, target: &AttributeTarget, holder: &mut Object) -> Result<(), ScimError> {
        let attribute = target.attribute;
        if attribute.multi_valued {
            return elements::apply(self, target, holder);
        }
        match target.sub {
            Some(sub) => within(holder, attribute.name, |object| self.set(sub, object))
                .map_err(|error| error.at(attribute.name)),
            None => self.set(attribute, holder),
        }
    }

    /// Sets or removes one attribute, or sub-attribute, of an object.
    pub(super) fn set(self, attribute: &'static Attribute, holder: &mut Object) -> Result<(), ScimError> {
        let name = attribute.name;
        let value = match self.value {
            _ if self.verb == Verb::Remove => None,
            // Sub-attributes that aren't given stay, those given as null go (RFC 7644 §3.5.2.3).
            Some(Value::Object(given)) if !attribute.multi_valued => {
                return within(holder, name, |object| self.merge(attribute, given, object));
            }
            Some(value) => normalise(attribute, value, self.options)?,
            None => None,
        };
        if let Some(Value::Object(given)) = &value {
            return within(holder, name, |object| self.merge(attribute, given, object));
        }
        if !attribute.may_change() && holder.get(name).is_some_and(|old| Some(old) != value.as_ref()) {
            return Err(ScimError::mutability(format!("{name} may not change")));
        }
        match value {
            Some(value) => {
                holder.insert(name.to_owned(), value);
            }
            None if self.verb == Verb::Add => {}
            None => {
                check_removable(attribute)?;
                holder.remove(name);
            }
        }
        Ok(())
    }

    fn merge(
        self,
        attribute: &'static Attribute,
        given: &Object,
        object: &mut Object,
    ) -> Result<(), ScimError> {
        if attribute.sub_attributes.is_empty() {
            return Err(ScimError::invalid_value(format!("{} is no object", attribute.name)));
        }
        let before = object.get("value").cloned();
        let mut set = Vec::new();
        for (name, value) in given {
            let Some(sub) = attribute.sub(name).filter(|sub| !sub.is_read_only()) else { continue };
            Change { value: Some(value), ..self }
                .set(sub, object)
                .map_err(|error| error.at(attribute.name))?;
            set.push(sub.name);
        }
        if before.is_some() && before.as_ref() != object.get("value") {
            // Another manager: what described the old one goes, or it would describe the new one wrongly.
            object.retain(|name, _| {
                let describes = name == "$ref" || attribute.sub(name).is_some_and(Attribute::is_read_only);
                !describes || set.contains(&name.as_str())
            });
        }
        Ok(())
    }
}
