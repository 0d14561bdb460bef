//! What a step finds: what an answer must be like, and what is said if it is not.

use elder_scim_protocol::{error::ERROR_URN, list::LIST_URN};
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;

use crate::exchange::{Answer, Exchange};

/// What ends a step before it has passed.
#[derive(Debug)]
pub(super) enum Halt {
    /// The server did something wrong.
    Fault(Box<Fault>),
    /// The step has nothing to look at.
    Skip(String),
}

/// What the server did wrong.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) words: String,
    pub(super) exchange: Exchange,
}

/// How a step ends.
pub(super) type Verdict = Result<(), Halt>;

impl Halt {
    pub(super) fn fault(words: impl Into<String>, exchange: &Exchange) -> Self {
        Self::Fault(Box::new(Fault { words: words.into(), exchange: exchange.clone() }))
    }

    pub(super) fn skip(words: impl Into<String>) -> Self {
        Self::Skip(words.into())
    }
}

impl From<Box<Exchange>> for Halt {
    fn from(exchange: Box<Exchange>) -> Self {
        Self::fault("the server did not answer", &exchange)
    }
}

impl Answer {
    /// Demands what the words say.
    pub(super) fn demand(&self, holds: bool, words: impl Into<String>) -> Verdict {
        if holds { Ok(()) } else { Err(Halt::fault(words, &self.exchange)) }
    }

    /// Demands one of these statuses, and JSON where there is a body.
    pub(super) fn expect(&self, statuses: &[u16]) -> Verdict {
        let wanted: Vec<_> = statuses.iter().map(ToString::to_string).collect();
        let words = format!("{} was expected, {} came", wanted.join(" or "), self.status);
        self.demand(statuses.contains(&self.status), words)?;
        let is_empty = self.exchange.received.trim().is_empty();
        let kind = self.content_type();
        let words = format!("no JSON came, but `{kind}`: is this the base URL of a SCIM server?");
        self.demand((is_empty && self.status == 204) || !self.body.is_null(), words)?;
        let is_scim =
            ["application/scim+json", "application/json"].iter().any(|known| kind.starts_with(known));
        let words =
            format!("the Content-Type is `{kind}`; application/scim+json was expected (RFC 7644 §8.1)");
        self.demand(is_empty || is_scim, words)
    }

    fn content_type(&self) -> &str {
        self.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("nothing")
    }

    /// Demands a refusal that is worded as RFC 7644 §3.12 says.
    pub(super) fn refused(&self, status: u16, scim_type: Option<&str>) -> Verdict {
        self.expect(&[status])?;
        self.demand(
            self.has_schema(ERROR_URN),
            format!("the body of the error lacks the schema {ERROR_URN}"),
        )?;
        let is_text = self.body.get("status").and_then(Value::as_str) == Some(status.to_string().as_str());
        self.demand(is_text, format!("`status` of the error is to be the text \"{status}\""))?;
        let Some(wanted) = scim_type else { return Ok(()) };
        let got = self.body.get("scimType").and_then(Value::as_str);
        self.demand(got == Some(wanted), format!("`scimType` of the error is to be `{wanted}`"))
    }

    /// Demands a list (RFC 7644 §3.4.2); gives what is in it.
    pub(super) fn list(&self) -> Result<&[Value], Halt> {
        self.expect(&[200])?;
        self.demand(self.has_schema(LIST_URN), format!("the list lacks the schema {LIST_URN}"))?;
        self.demand(self.total().is_some(), "`totalResults` is to be a number")?;
        match self.body.get("Resources") {
            Some(Value::Array(resources)) => Ok(resources),
            None if self.total() == Some(0) || self.has("/itemsPerPage", &0.into()).is_ok() => Ok(&[]),
            _ => Err(Halt::fault("`Resources` is to be a list", &self.exchange)),
        }
    }

    /// How many there are, whether or not they are on this page.
    pub(super) fn total(&self) -> Option<u64> {
        self.body.get("totalResults").and_then(Value::as_u64)
    }

    /// Demands that an attribute has a value.
    pub(super) fn has(&self, pointer: &str, wanted: &Value) -> Verdict {
        let got = self.body.pointer(pointer).unwrap_or(&Value::Null);
        let name = pointer.trim_start_matches('/').replace('/', ".");
        self.demand(got == wanted, format!("`{name}` is to be {wanted}, and is {got}"))
    }

    /// Demands one resource in a list: the one with this id.
    pub(super) fn lists_only(&self, id: &str) -> Verdict {
        let found = self.list()?;
        let ids: Vec<_> = found.iter().map(|one| one.get("id").and_then(Value::as_str)).collect();
        self.demand(ids == [Some(id)], format!("only {id} was to be found, and {} came", found.len()))
    }

    fn has_schema(&self, urn: &str) -> bool {
        let schemas = self.body.get("schemas").and_then(Value::as_array);
        schemas.is_some_and(|all| all.iter().any(|one| one == urn))
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue};
    use serde_json::json;

    use super::*;

    fn answer(status: u16, kind: &'static str, received: &str) -> Answer {
        let exchange = Exchange {
            method: "GET".to_owned(),
            url: "https://id.example.com/Users".to_owned(),
            sent: Value::Null,
            status: Some(status),
            received: received.to_owned(),
        };
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        let body = serde_json::from_str(received).unwrap_or_default();
        Answer { exchange: Box::new(exchange), status, headers, body }
    }

    fn json_answer(status: u16, body: &Value) -> Answer {
        answer(status, "application/scim+json", &body.to_string())
    }

    fn words<T>(verdict: Result<T, Halt>) -> String {
        match verdict {
            Ok(_) => String::new(),
            Err(Halt::Fault(fault)) => fault.words,
            Err(Halt::Skip(words)) => panic!("it was skipped: {words}"),
        }
    }

    #[test]
    fn a_page_for_people_is_told_from_json() {
        let page = answer(200, "text/html; charset=utf-8", "<html>");
        assert!(words(page.expect(&[200])).contains("no JSON came, but `text/html"));
        assert!(words(answer(200, "text/plain", "{}").expect(&[200])).contains("Content-Type"));
        assert_eq!(words(answer(204, "", "").expect(&[204])), "");
        assert_eq!(words(answer(404, "", "").expect(&[200, 204])), "200 or 204 was expected, 404 came");
    }

    #[test]
    fn a_refusal_is_worded_as_the_rfc_says() {
        let error =
            |status: Value| json!({"schemas": [ERROR_URN], "status": status, "scimType": "uniqueness"});
        assert_eq!(words(json_answer(409, &error("409".into())).refused(409, Some("uniqueness"))), "");
        assert!(words(json_answer(409, &error(409.into())).refused(409, None)).contains("the text \"409\""));
        let other = json_answer(409, &error("409".into()));
        assert!(words(other.refused(409, Some("mutability"))).contains("`mutability`"));
        assert!(words(json_answer(409, &json!({"status": "409"})).refused(409, None)).contains(ERROR_URN));
    }

    #[test]
    fn a_list_may_lack_resources_only_if_none_were_to_come() {
        let list = |total: u64| json!({"schemas": [LIST_URN], "totalResults": total});
        assert_eq!(words(json_answer(200, &list(0)).list()), "");
        assert!(words(json_answer(200, &list(1)).list()).contains("`Resources`"));
        assert!(words(json_answer(200, &json!({"totalResults": 0})).list()).contains(LIST_URN));
    }
}
