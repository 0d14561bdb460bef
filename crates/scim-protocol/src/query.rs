//! A query for resources, from the URL (RFC 7644 §3.4.2) or from the body of a `/.search` (§3.4.3).

use elder_kernel::filter::Filter;
use serde_json::Value;

use crate::{
    error::{ScimError, ScimType},
    filter,
    list::{PageRequest, Paging, integer},
    nesting,
    order::Order,
    projection::Projection,
    schema::ResourceType,
};

/// The URN of the body of a `/.search`.
pub const SEARCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// What a client asks for.
#[derive(Debug, Clone)]
pub struct Query {
    /// Which resources.
    pub filter: Option<Filter>,
    /// Which attributes of them.
    pub projection: Projection,
    /// In which order; by `id`, if none is given.
    pub order: Option<Order>,
    /// Which page.
    pub paging: Paging,
}

/// The parameters as they come, not yet understood.
#[derive(Default)]
struct Raw {
    filter: Option<String>,
    attributes: Option<Vec<String>>,
    excluded: Option<Vec<String>>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    cursor: Option<String>,
    start_index: Option<i64>,
    count: Option<i64>,
}

impl Query {
    /// Reads the parameters of a URL, decoded; unknown ones are ignored (RFC 7644 §3.9).
    ///
    /// # Errors
    /// `invalidFilter`, `invalidPath` for a `sortBy` that names nothing, or `invalidValue` for a number that is none and
    /// for both lists of attributes at once.
    pub fn from_parameters<'a>(
        kind: &'static ResourceType,
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
        max_results: u64,
    ) -> Result<Self, ScimError> {
        let mut raw = Raw::default();
        for (name, value) in parameters {
            let names = || Some(value.split(',').map(str::to_owned).collect());
            let text = || Some(value.to_owned());
            match name {
                "filter" => raw.filter = text(),
                "sortBy" => raw.sort_by = text(),
                "sortOrder" => raw.sort_order = text(),
                "cursor" => raw.cursor = text(),
                "attributes" => raw.attributes = names(),
                "excludedAttributes" => raw.excluded = names(),
                "startIndex" => raw.start_index = Some(integer(name, value)?),
                "count" => raw.count = Some(integer(name, value)?),
                _ => {}
            }
        }
        let order = raw.orders(&[kind])?.pop().flatten();
        raw.understand(kind, order, max_results)
    }

    /// Reads the body of a `/.search` over these types: what is asked of each. A type without the attribute that
    /// `sortBy` names has no value to be sorted by.
    ///
    /// # Errors
    /// As [`Query::from_parameters`]; besides `invalidSyntax` if it isn't a `SearchRequest`.
    pub fn from_search(
        kinds: &[&'static ResourceType],
        body: &Value,
        max_results: u64,
    ) -> Result<Vec<Self>, ScimError> {
        nesting::check(body)?;
        let is_search = body
            .get("schemas")
            .and_then(Value::as_array)
            .is_some_and(|schemas| schemas.iter().any(|urn| urn == SEARCH_URN));
        if !is_search {
            return Err(ScimError::invalid_syntax(format!("schemas must hold {SEARCH_URN}")));
        }
        let number = |name: &str| match body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value
                .as_i64()
                .map(Some)
                .ok_or_else(|| ScimError::invalid_value(format!("{name} must be a whole number"))),
        };
        let text = |name: &str| match body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(ScimError::invalid_value(format!("{name} must be a string"))),
        };
        let raw = Raw {
            filter: text("filter")?,
            sort_by: text("sortBy")?,
            sort_order: text("sortOrder")?,
            cursor: text("cursor")?,
            attributes: names(body, "attributes")?,
            excluded: names(body, "excludedAttributes")?,
            start_index: number("startIndex")?,
            count: number("count")?,
        };
        let each = kinds.iter().zip(raw.orders(kinds)?);
        each.map(|(kind, order)| raw.understand(kind, order, max_results)).collect()
    }

    /// What a cursor of this list is bound to: another filter or order makes another list (RFC 9865 §2).
    pub fn identity(&self) -> String {
        let filter = self.filter.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{}|{filter}", self.order.as_ref().map(Order::text).unwrap_or_default())
    }
}

fn names(body: &Value, name: &str) -> Result<Option<Vec<String>>, ScimError> {
    let list = match body.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(items)) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        Some(_) => None,
    };
    list.map(Some).ok_or_else(|| ScimError::invalid_value(format!("{name} must be a list of strings")))
}

impl Raw {
    /// In which order the resources of each type are asked for; none for a type that doesn't have the attribute.
    ///
    /// # Errors
    /// `invalidPath` if no type has it.
    fn orders(&self, kinds: &[&ResourceType]) -> Result<Vec<Option<Order>>, ScimError> {
        let is_descending = match self.sort_order.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("" | "ascending") => false,
            Some("descending") => true,
            Some(_) => return Err(ScimError::invalid_value("sortOrder must be ascending or descending")),
        };
        let Some(text) = self.sort_by.as_deref().map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(vec![None; kinds.len()]);
        };
        let each = kinds.iter().map(|kind| Order::parse(kind, text, is_descending));
        let orders: Vec<_> = each.collect::<Result<_, _>>()?;
        if orders.iter().all(Option::is_none) {
            return Err(ScimError::new(ScimType::InvalidPath, "sortBy names no attribute"));
        }
        Ok(orders)
    }

    fn understand(
        &self,
        kind: &'static ResourceType,
        order: Option<Order>,
        max_results: u64,
    ) -> Result<Query, ScimError> {
        // An empty parameter asks for nothing in particular.
        let given = |names: &Option<Vec<String>>| {
            names.clone().filter(|names| names.iter().any(|name| !name.trim().is_empty()))
        };
        let (attributes, excluded) = (given(&self.attributes), given(&self.excluded));
        let page = PageRequest::new(self.start_index, self.count, max_results);
        Ok(Query {
            filter: self.filter.as_deref().map(|text| filter::parse(text, kind)).transpose()?,
            projection: Projection::new(
                kind,
                attributes.as_deref().map(|names| names.iter().map(String::as_str)),
                excluded.as_deref().map(|names| names.iter().map(String::as_str)),
            )?,
            order,
            paging: match &self.cursor {
                None => Paging::Index(page),
                Some(_) if self.count.is_some_and(|count| count < 0) => {
                    return Err(ScimError::new(ScimType::InvalidCount, "count must not be negative"));
                }
                Some(after) => {
                    let after = Some(after.clone()).filter(|after| !after.is_empty());
                    Paging::Cursor { after, count: page.count }
                }
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{GROUP_TYPE, USER_TYPE};
    use serde_json::json;

    fn kind_of(query: Result<Query, ScimError>) -> Option<ScimType> {
        query.unwrap_err().scim_type
    }

    #[test]
    fn http_4_unknown_parameters_are_ignored() {
        let parameters = [("filter", "title pr"), ("count", "5"), ("foo", "bar"), ("sortBy", "id")];
        let query = Query::from_parameters(&USER_TYPE, parameters, 200).unwrap();
        assert!(query.filter.is_some());
        assert_eq!(query.paging, Paging::Index(PageRequest { start_index: 1, count: 5 }));
    }

    #[test]
    fn pag_8_prj_4_what_makes_no_sense_is_refused() {
        let parse = |parameters: &[(&'static str, &'static str)]| {
            Query::from_parameters(&USER_TYPE, parameters.iter().copied(), 200)
        };
        assert_eq!(kind_of(parse(&[("count", "many")])), Some(ScimType::InvalidValue));
        assert_eq!(kind_of(parse(&[("filter", "")])), Some(ScimType::InvalidFilter));
        let both = [("attributes", "title"), ("excludedAttributes", "name")];
        assert_eq!(kind_of(parse(&both)), Some(ScimType::InvalidValue));
        assert!(parse(&[("attributes", "title"), ("excludedAttributes", "")]).is_ok());
    }

    #[test]
    fn srch_3_srch_4_a_search_body_asks_the_same() {
        let body = json!({"schemas": [SEARCH_URN], "filter": "userName eq \"a\"", "startIndex": 2, "count": 3,
                          "attributes": ["userName"], "sortBy": null});
        let query = Query::from_search(&[&USER_TYPE], &body, 200).unwrap().remove(0);
        assert_eq!(query.paging, Paging::Index(PageRequest { start_index: 2, count: 3 }));
        assert_eq!(query.filter.unwrap().to_string(), "userName eq \"a\"");
        for (body, error) in [
            (json!({"filter": "a pr"}), ScimType::InvalidSyntax),
            (json!([]), ScimType::InvalidSyntax),
            (json!({"schemas": [SEARCH_URN], "filter": 1}), ScimType::InvalidValue),
            (json!({"schemas": [SEARCH_URN], "attributes": "a"}), ScimType::InvalidValue),
            (json!({"schemas": [SEARCH_URN], "count": "1"}), ScimType::InvalidValue),
        ] {
            let refused = Query::from_search(&[&USER_TYPE], &body, 200).unwrap_err();
            assert_eq!(refused.scim_type, Some(error), "{body}");
        }
    }

    #[test]
    fn srt_7_what_no_type_has_is_not_sorted_by() {
        let search = |sort_by: &str, order: &str| {
            let body = json!({"schemas": [SEARCH_URN], "sortBy": sort_by, "sortOrder": order});
            let found = Query::from_search(&[&USER_TYPE, &GROUP_TYPE], &body, 200)?;
            Ok(found.iter().map(|query| query.order.as_ref().map(Order::text)).collect::<Vec<_>>())
        };
        let by = |text: &str| Some(text.to_owned());
        assert_eq!(search("userName", "").unwrap(), [by("userName ascending"), None]);
        assert_eq!(search("displayName", "Descending").unwrap().last(), Some(&by("displayName descending")));
        assert_eq!(search("", "").unwrap(), [None, None]);
        let refused = |sort_by, order| search(sort_by, order).map_err(|error: ScimError| error.scim_type);
        assert_eq!(refused("shoeSize", ""), Err(Some(ScimType::InvalidPath)));
        assert_eq!(refused("userName", "upwards"), Err(Some(ScimType::InvalidValue)));
    }

    #[test]
    fn cur_1_cur_5_a_cursor_may_be_empty_and_a_count_not_negative() {
        let ask = |parameters: &[(&'static str, &'static str)]| {
            Query::from_parameters(&USER_TYPE, parameters.iter().copied(), 200)
        };
        let paging = |after: Option<&str>, count| Paging::Cursor { after: after.map(str::to_owned), count };
        assert_eq!(ask(&[("cursor", "")]).unwrap().paging, paging(None, 200));
        assert_eq!(ask(&[("cursor", "x"), ("count", "3")]).unwrap().paging, paging(Some("x"), 3));
        assert_eq!(kind_of(ask(&[("cursor", ""), ("count", "-1")])), Some(ScimType::InvalidCount));
    }

    #[test]
    fn cur_6_another_filter_or_order_is_another_list() {
        let identity = |parameters: &[(&'static str, &'static str)]| {
            Query::from_parameters(&USER_TYPE, parameters.iter().copied(), 200).unwrap().identity()
        };
        let lists = [
            identity(&[]),
            identity(&[("filter", "title pr")]),
            identity(&[("sortBy", "title")]),
            identity(&[("sortBy", "title"), ("sortOrder", "descending")]),
        ];
        assert_eq!(std::collections::BTreeSet::from(lists).len(), 4);
        assert_eq!(identity(&[("count", "5"), ("cursor", "x")]), identity(&[]));
    }
}
