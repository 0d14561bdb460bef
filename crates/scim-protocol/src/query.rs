//! A query for resources, from the URL (RFC 7644 §3.4.2) or from the body of a `/.search` (§3.4.3).

use elder_kernel::filter::Filter;
use serde_json::Value;

use crate::{
    error::ScimError,
    filter,
    list::{PageRequest, integer},
    nesting,
    projection::Projection,
    schema::ResourceType,
};

/// The URN of the body of a `/.search`.
pub const SEARCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// What a client asks for. Sorting isn't offered, so that `sortBy` is ignored (RFC 7644 §3.4.2.3).
#[derive(Debug, Clone)]
pub struct Query {
    /// Which resources.
    pub filter: Option<Filter>,
    /// Which attributes of them.
    pub projection: Projection,
    /// Which page.
    pub page: PageRequest,
}

/// The parameters as they come, not yet understood.
#[derive(Default)]
struct Raw {
    filter: Option<String>,
    attributes: Option<Vec<String>>,
    excluded: Option<Vec<String>>,
    start_index: Option<i64>,
    count: Option<i64>,
}

impl Query {
    /// Reads the parameters of a URL, decoded; unknown ones are ignored (RFC 7644 §3.9).
    ///
    /// # Errors
    /// `invalidFilter`, or `invalidValue` for a number that is none and for both lists of attributes at once.
    pub fn from_parameters<'a>(
        kind: &'static ResourceType,
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
        max_results: u64,
    ) -> Result<Self, ScimError> {
        let mut raw = Raw::default();
        for (name, value) in parameters {
            let names = || Some(value.split(',').map(str::to_owned).collect());
            match name {
                "filter" => raw.filter = Some(value.to_owned()),
                "attributes" => raw.attributes = names(),
                "excludedAttributes" => raw.excluded = names(),
                "startIndex" => raw.start_index = Some(integer(name, value)?),
                "count" => raw.count = Some(integer(name, value)?),
                _ => {}
            }
        }
        raw.understand(kind, max_results)
    }

    /// Reads the body of a `/.search`.
    ///
    /// # Errors
    /// As [`Query::from_parameters`]; besides `invalidSyntax` if it isn't a `SearchRequest`.
    pub fn from_search(
        kind: &'static ResourceType,
        body: &Value,
        max_results: u64,
    ) -> Result<Self, ScimError> {
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
        let filter = match body.get("filter") {
            None | Some(Value::Null) => None,
            Some(Value::String(filter)) => Some(filter.clone()),
            Some(_) => return Err(ScimError::invalid_value("filter must be a string")),
        };
        let raw = Raw {
            filter,
            attributes: names(body, "attributes")?,
            excluded: names(body, "excludedAttributes")?,
            start_index: number("startIndex")?,
            count: number("count")?,
        };
        raw.understand(kind, max_results)
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
    fn understand(self, kind: &'static ResourceType, max_results: u64) -> Result<Query, ScimError> {
        // An empty parameter asks for nothing in particular.
        let given = |names: &Option<Vec<String>>| {
            names.clone().filter(|names| names.iter().any(|name| !name.trim().is_empty()))
        };
        let (attributes, excluded) = (given(&self.attributes), given(&self.excluded));
        Ok(Query {
            filter: self.filter.as_deref().map(|text| filter::parse(text, kind)).transpose()?,
            projection: Projection::new(
                kind,
                attributes.as_deref().map(|names| names.iter().map(String::as_str)),
                excluded.as_deref().map(|names| names.iter().map(String::as_str)),
            )?,
            page: PageRequest::new(self.start_index, self.count, max_results),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::ScimType, schema::USER_TYPE};
    use serde_json::json;

    fn kind_of(query: Result<Query, ScimError>) -> Option<ScimType> {
        query.unwrap_err().scim_type
    }

    #[test]
    fn http_4_unknown_parameters_are_ignored() {
        let parameters = [("filter", "title pr"), ("count", "5"), ("foo", "bar"), ("sortBy", "id")];
        let query = Query::from_parameters(&USER_TYPE, parameters, 200).unwrap();
        assert!(query.filter.is_some());
        assert_eq!(query.page, PageRequest { start_index: 1, count: 5 });
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
        let query = Query::from_search(&USER_TYPE, &body, 200).unwrap();
        assert_eq!(query.page, PageRequest { start_index: 2, count: 3 });
        assert_eq!(query.filter.unwrap().to_string(), "userName eq \"a\"");
        for (body, error) in [
            (json!({"filter": "a pr"}), ScimType::InvalidSyntax),
            (json!([]), ScimType::InvalidSyntax),
            (json!({"schemas": [SEARCH_URN], "filter": 1}), ScimType::InvalidValue),
            (json!({"schemas": [SEARCH_URN], "attributes": "a"}), ScimType::InvalidValue),
            (json!({"schemas": [SEARCH_URN], "count": "1"}), ScimType::InvalidValue),
        ] {
            assert_eq!(kind_of(Query::from_search(&USER_TYPE, &body, 200)), Some(error), "{body}");
        }
    }
}
