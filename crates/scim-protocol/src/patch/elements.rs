//! The three verbs on multi-valued attributes (RFC 7644 §3.5.2.1–§3.5.2.3).

use elder_kernel::filter::{Compare, Filter, Literal};
use serde_json::{Map, Value};

use super::{Verb, change::Change, check_removable, target::AttributeTarget};
use crate::{
    Options,
    error::{ScimError, ScimType},
    filter::matches_element,
    schema::{Attribute, Kind},
    value::{Object, is_primary, is_same_value, normalise, normalise_elements, put, settle_primary},
};

/// Applies a change to the list that `holder` has under the attribute's name.
pub(super) fn apply(
    change: Change<'_>,
    target: &AttributeTarget,
    holder: &mut Object,
) -> Result<(), ScimError> {
    let name = target.attribute.name;
    let mut list = List { attribute: target.attribute, elements: take(holder, name), claims: Vec::new() };
    let place = |error: ScimError| error.at(name);
    match (change.verb, &target.filter, target.sub) {
        (Verb::Remove, None, None) => {
            check_removable(target.attribute)?;
            list.remove_listed(change.value)?;
        }
        (Verb::Remove, Some(filter), None) => {
            list.elements.retain(|element| !matches_element(filter, target.attribute, element));
        }
        (Verb::Remove, filter, Some(sub)) => {
            for index in list.matching(filter.as_ref()) {
                list.set(index, sub, change).map_err(place)?;
            }
        }
        (Verb::Add, None, None) => list.append(change)?,
        (Verb::Replace, None, None) => {
            list.elements.clear();
            list.append(change)?;
        }
        (_, filter, sub) => {
            let mut indexes = list.matching(filter.as_ref());
            if indexes.is_empty() {
                indexes.push(list.seed(target, change.options)?);
            }
            for index in indexes {
                match sub {
                    Some(sub) => list.set(index, sub, change).map_err(place)?,
                    None => list.set_whole(index, change)?,
                }
            }
        }
    }
    list.elements.retain(|element| !element.is_empty());
    settle_primary(&mut list.elements, &list.claims, target.attribute)?;
    if !list.elements.is_empty() {
        holder.insert(name.to_owned(), list.elements.into_iter().map(Value::Object).collect());
    }
    Ok(())
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

/// The values of an attribute, and which of them the operation makes primary.
struct List {
    attribute: &'static Attribute,
    elements: Vec<Object>,
    claims: Vec<usize>,
}

impl List {
    fn matching(&self, filter: Option<&Filter>) -> Vec<usize> {
        let matches = |element| filter.is_none_or(|filter| matches_element(filter, self.attribute, element));
        self.elements.iter().enumerate().filter(|(_, e)| matches(e)).map(|(index, _)| index).collect()
    }

    fn claim(&mut self, index: usize) {
        if !self.claims.contains(&index) {
            self.claims.push(index);
        }
    }

    /// Adds the element that an add or replace begins with where none matches; answers where it is.
    fn seed(&mut self, target: &AttributeTarget, options: Options) -> Result<usize, ScimError> {
        let mut element = Map::new();
        if let Some(filter) = &target.filter {
            let is_seeded = options.create_on_no_match
                && collect_terms(filter, target.attribute, options, &mut element).is_some();
            if !is_seeded {
                let detail = format!("no value of {} matches", target.attribute.name);
                return Err(ScimError::new(ScimType::NoTarget, detail));
            }
        }
        let index = self.elements.len();
        if is_primary(&element) {
            self.claim(index);
        }
        self.elements.push(element);
        Ok(index)
    }

    fn append(&mut self, change: Change<'_>) -> Result<(), ScimError> {
        let Some(value) = change.value else { return Ok(()) };
        for element in normalise_elements(self.attribute, value, change.options)? {
            let claims_primary = is_primary(&element);
            let index = put(&mut self.elements, self.attribute, element);
            if claims_primary {
                self.claim(index);
            }
        }
        Ok(())
    }

    fn set(&mut self, index: usize, sub: &'static Attribute, change: Change<'_>) -> Result<(), ScimError> {
        let Some(element) = self.elements.get_mut(index) else { return Ok(()) };
        change.set(sub, element)?;
        if sub.name == "primary" && is_primary(element) {
            self.claim(index);
        }
        Ok(())
    }

    /// Add merges into the value, replace puts another in its place.
    fn set_whole(&mut self, index: usize, change: Change<'_>) -> Result<(), ScimError> {
        let value = change.value.unwrap_or(&Value::Null);
        let mut given = normalise_elements(self.attribute, value, change.options)?;
        let Some(element) = self.elements.get_mut(index) else { return Ok(()) };
        let new = given.pop().unwrap_or_default();
        if !given.is_empty() {
            let detail = format!("{}: a value filter takes one value", self.attribute.name);
            return Err(ScimError::invalid_value(detail));
        }
        let claims_primary = is_primary(&new);
        if change.verb == Verb::Replace {
            *element = new;
        } else {
            merge(self.attribute, element, new)?;
        }
        if claims_primary {
            self.claim(index);
        }
        Ok(())
    }

    /// Removes all values, or those that the operation lists: Entra's older form, authentik, Rauthy and `JumpCloud`
    /// name members so, and to take it for "all" would empty the group.
    fn remove_listed(&mut self, value: Option<&Value>) -> Result<(), ScimError> {
        let Some(value) = value.filter(|value| !value.is_null()) else {
            self.elements.clear();
            return Ok(());
        };
        let lenient = Options { numbers_as_text: true, ..Options::default() };
        let listed = normalise_elements(self.attribute, value, lenient)?;
        let attribute = self.attribute;
        self.elements.retain(|element| !listed.iter().any(|gone| is_same_value(attribute, element, gone)));
        Ok(())
    }
}
