//! Lists of resources (RFC 7644 §3.4.2): the page asked for and the answer.

use serde::Serialize;
use serde_json::Value;

use crate::error::ScimError;

/// The URN of a list.
pub const LIST_URN: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// The page that a request asks for (RFC 7644 §3.4.2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// The first result, counted from 1.
    pub start_index: u64,
    /// How many results at most; 0 asks for the total alone.
    pub count: u64,
}

impl PageRequest {
    /// What `startIndex` and `count` ask for: below 1 is 1, a negative count is 0, and `max` results come at most.
    pub fn new(start_index: Option<i64>, count: Option<i64>, max: u64) -> Self {
        let at_least = |number: i64, least: u64| u64::try_from(number).unwrap_or(least).max(least);
        Self {
            start_index: start_index.map_or(1, |index| at_least(index, 1)),
            count: count.map_or(max, |count| at_least(count, 0).min(max)),
        }
    }
}

/// How a list is gone through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paging {
    /// By the place of the first result (RFC 7644 §3.4.2.4).
    Index(PageRequest),
    /// By a cursor, which is empty on the first page (RFC 9865 §2).
    Cursor {
        /// What the page before has given, or nothing.
        after: Option<String>,
        /// How many results at most.
        count: u64,
    },
}

/// Reads a whole number from a query string.
pub(crate) fn integer(name: &str, text: &str) -> Result<i64, ScimError> {
    text.trim().parse().map_err(|_| ScimError::invalid_value(format!("{name} must be a whole number")))
}

/// A page of results.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ScimListResponse)]
pub struct ListResponse {
    schemas: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total_results: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    start_index: Option<u64>,
    items_per_page: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_cursor: Option<String>,
    // Always there, since some clients can't read a list without it.
    #[serde(rename = "Resources")]
    #[schema(value_type = Vec<Object>)]
    resources: Vec<Value>,
}

impl ListResponse {
    /// A page that begins at `start_index` of `total_results`.
    pub fn new(resources: Vec<Value>, total_results: u64, start_index: u64) -> Self {
        Self {
            schemas: [LIST_URN],
            total_results: Some(total_results),
            start_index: Some(start_index),
            items_per_page: resources.len(),
            next_cursor: None,
            resources,
        }
    }

    /// A page of a list that is gone through by cursors. Its total is told where it is known without counting, and the
    /// cursor on every page but the last (RFC 9865 §2).
    pub fn behind(resources: Vec<Value>, total_results: Option<u64>, next_cursor: Option<String>) -> Self {
        let items_per_page = resources.len();
        Self { schemas: [LIST_URN], total_results, start_index: None, items_per_page, next_cursor, resources }
    }

    /// A list that is whole.
    pub fn whole(resources: Vec<Value>) -> Self {
        let total = u64::try_from(resources.len()).unwrap_or(u64::MAX);
        Self::new(resources, total, 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pag_1_pag_2_pag_7_a_page_stays_within_bounds() {
        let page = |start, count| {
            let page = PageRequest::new(start, count, 100);
            (page.start_index, page.count)
        };
        assert_eq!(page(None, None), (1, 100));
        assert_eq!(page(Some(-5), Some(-1)), (1, 0));
        assert_eq!(page(Some(0), Some(0)), (1, 0));
        assert_eq!(page(Some(7), Some(1_000)), (7, 100));
        assert_eq!(page(Some(7), Some(5)), (7, 5));
    }

    #[test]
    fn fil_13_a_list_of_nothing_has_its_members_all_the_same() {
        assert_eq!(
            serde_json::to_value(ListResponse::whole(vec![])).unwrap(),
            json!({"schemas": [LIST_URN], "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []})
        );
    }
}
