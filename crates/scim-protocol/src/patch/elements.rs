//! The three verbs on multi-valued attributes (RFC 7644 §3.5.2.1–§3.5.2.3).

use elder_kernel::filter::{Compare, Filter, Literal};
use serde_json::{Map, Value};

use super::{Verb, change::Change, check_removable, target::AttributeTarget};
use crate::{
    Habit, Options,
    error::{ScimError, ScimType},
    filter::matches_element,
    schema::{Attribute, Kind},
    value::{normalise, normalise_elements},
    values::{Object, Values, is_primary},
};

/// Applies a change to the list that `holder` has under the attribute's name.
pub(super) fn apply(
    change: Change<'_>,
    target: &AttributeTarget,
    holder: &mut Object,
) -> Result<(), ScimError> {
    let name = target.attribute.name;
    let mut values = Values::new(target.attribute, take(holder, name));
    match (change.verb, &target.filter, target.sub) {
        (Verb::Remove, None, None) => {
            check_removable(target.attribute)?;
            change.remove(&mut values)?;
        }
        (Verb::Remove, Some(filter), None) => {
            values.elements.retain(|element| !matches_element(filter, target.attribute, element));
        }
        (Verb::Remove, filter, Some(sub)) => {
            for index in matching(&values, filter.as_ref()) {
                change.set_sub(&mut values, index, sub)?;
            }
        }
        (Verb::Add, None, None) => change.append(&mut values)?,
        (Verb::Replace, None, None) => {
            values.elements.clear();
            change.append(&mut values)?;
        }
        (_, filter, sub) => {
            let mut indexes = matching(&values, filter.as_ref());
            if indexes.is_empty() {
                indexes.push(change.seed(&mut values, filter.as_ref())?);
            }
            for index in indexes {
                match sub {
                    Some(sub) => change.set_sub(&mut values, index, sub)?,
                    None => change.set_whole(&mut values, index)?,
                }
            }
        }
    }
    if let Some(values) = values.finish()? {
        holder.insert(name.to_owned(), values);
    }
    Ok(())
}

fn matching(values: &Values, filter: Option<&Filter>) -> Vec<usize> {
    let matches = |element| filter.is_none_or(|filter| matches_element(filter, values.attribute, element));
    values.elements.iter().enumerate().filter(|(_, e)| matches(e)).map(|(index, _)| index).collect()
}

fn take(holder: &mut Object, name: &str) -> Vec<Object> {
    let object = |item| match item {
        Value::Object(object) => Some(object),
        _ => None,
    };
    match holder.remove(name) {
        Some(Value::Array(items)) => items.into_iter().filter_map(object).collect(),
        _ => Vec::new(),
    }
}

/// Writes what a filter of `eq` terms demands into an element; `None` for any other filter.
fn collect_terms(
    filter: &Filter,
    attribute: &Attribute,
    options: Options,
    element: &mut Object,
) -> Option<()> {
    match filter {
        Filter::And(list) => {
            list.iter().try_for_each(|filter| collect_terms(filter, attribute, options, element))
        }
        Filter::Compare(path, Compare::Equal, literal) => {
            let sub = attribute.sub(&path.name)?;
            let value = match literal {
                Literal::Null => return None,
                Literal::Bool(truth) => Value::Bool(*truth),
                Literal::Number(number) if sub.kind != Kind::String => serde_json::from_str(number).ok()?,
                Literal::Text(text) | Literal::Number(text) => Value::from(text.as_str()),
            };
            element.insert(sub.name.to_owned(), normalise(sub, &value, options).ok()??);
            Some(())
        }
        _ => None,
    }
}

/// The element that a filter of `eq` terms asks for, where an add or replace creates what it doesn't find.
pub(super) fn seeded(filter: &Filter, attribute: &Attribute, options: Options) -> Option<Object> {
    let mut element = Map::new();
    collect_terms(filter, attribute, options, &mut element).filter(|()| options.create_on_no_match)?;
    (options.served)(Habit::CreateOnNoMatch);
    Some(element)
}

/// Adds sub-attributes to a value, which may not change what is immutable in it.
fn merge(attribute: &Attribute, element: &mut Object, new: Object) -> Result<(), ScimError> {
    for (name, value) in new {
        let is_fixed = attribute.sub(&name).is_some_and(|sub| !sub.may_change());
        if is_fixed && element.get(&name).is_some_and(|old| *old != value) {
            return Err(ScimError::mutability(format!("{}.{name} may not change", attribute.name)));
        }
        element.insert(name, value);
    }
    Ok(())
}

impl Change<'_> {
    /// Adds the element that an add or replace begins with where none matches; answers where it is.
    fn seed(self, values: &mut Values, filter: Option<&Filter>) -> Result<usize, ScimError> {
        let element = match filter {
            None => Map::new(),
            Some(filter) => seeded(filter, values.attribute, self.options).ok_or_else(|| {
                let detail = format!("no value of {} matches", values.attribute.name);
                ScimError::new(ScimType::NoTarget, detail)
            })?,
        };
        let index = values.elements.len();
        if is_primary(&element) {
            values.claim(index);
        }
        values.elements.push(element);
        Ok(index)
    }

    pub(super) fn given(self, attribute: &'static Attribute) -> Result<Vec<Object>, ScimError> {
        self.value.map_or(Ok(Vec::new()), |value| normalise_elements(attribute, value, self.options))
    }

    fn append(self, values: &mut Values) -> Result<(), ScimError> {
        values.append(self.given(values.attribute)?);
        Ok(())
    }

    fn set_sub(self, values: &mut Values, index: usize, sub: &'static Attribute) -> Result<(), ScimError> {
        let Some(element) = values.elements.get_mut(index) else { return Ok(()) };
        self.set(sub, element).map_err(|error| error.at(values.attribute.name))?;
        if sub.name == "primary" && is_primary(element) {
            values.claim(index);
        }
        Ok(())
    }

    /// Add merges into the value, replace puts another in its place.
    fn set_whole(self, values: &mut Values, index: usize) -> Result<(), ScimError> {
        let attribute = values.attribute;
        let mut given = self.given(attribute)?;
        let Some(element) = values.elements.get_mut(index) else { return Ok(()) };
        let new = given.pop().unwrap_or_default();
        if !given.is_empty() {
            let detail = format!("{}: a value filter takes one value", attribute.name);
            return Err(ScimError::invalid_value(detail));
        }
        let claims_primary = is_primary(&new);
        if self.verb == Verb::Replace {
            *element = new;
        } else {
            merge(attribute, element, new)?;
        }
        if claims_primary {
            values.claim(index);
        }
        Ok(())
    }

    /// Removes all values, or those that the operation lists: Entra's older form, authentik, Rauthy and `JumpCloud`
    /// name members so, and to take it for "all" would empty the group.
    fn remove(self, values: &mut Values) -> Result<(), ScimError> {
        if self.value.is_none_or(Value::is_null) {
            values.elements.clear();
            return Ok(());
        }
        values.remove(&self.given(values.attribute)?);
        Ok(())
    }
}
