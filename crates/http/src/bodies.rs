//! Bodies that may be kept: of which routes, in which form, and the copy of what was sent.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, OnceLock},
};

use actix_web::{HttpMessage as _, HttpRequest};
use bytes::Bytes;
use serde_json::{Value, json};
use utoipa::openapi::{RefOr, Schema, path::Operation};

use crate::{RouteTable, form::Form};

/// Bytes of a body that is copied at all: what is longer is not looked at.
pub const MOST_COPIED: usize = 64 << 10;
/// What may be kept of a problem (RFC 9457), and of an error as SCIM words it: not what it says in words, which may
/// repeat what was sent.
const PROBLEM: &[&str] = &["type", "title", "code", "instance", "request_id", "scimType", "pointer"];

/// The forms of the bodies of every route that may keep some.
///
/// Only what stands behind a permission does. Where people prove who they are, and at their own accounts, passwords, factors
/// and tokens come and go; there nothing is kept, whatever a schema says.
#[derive(Clone, Default)]
pub struct BodyForms(Arc<Inner>);

#[derive(Default)]
struct Inner {
    routes: HashMap<String, Described>,
    schemas: BTreeMap<String, RefOr<Schema>>,
}

/// A route as the document describes it. Its forms are made when they are first asked for.
struct Described {
    operation: Operation,
    forms: OnceLock<RouteForms>,
}

struct RouteForms {
    request: Option<Form>,
    answers: BTreeMap<String, Form>,
    problem: Form,
}

impl BodyForms {
    /// The forms of the routes of a table.
    pub fn of(table: &RouteTable) -> Self {
        let kept = table.routes().iter().filter(|route| route.gate.kind.ends_with("permission"));
        let described =
            |operation: &Operation| Described { operation: operation.clone(), forms: OnceLock::new() };
        let routes =
            kept.map(|route| (name_of(route.method.as_str(), &route.path), described(&route.operation)));
        Self(Arc::new(Inner { routes: routes.collect(), schemas: table.schemas().clone() }))
    }

    /// Whether bodies of a route (`PATCH /api/v2/users/{user_id}`) may be kept.
    pub fn cover(&self, route: &str) -> bool {
        self.0.routes.contains_key(route)
    }

    /// The form of what is sent to a route; none if that is not described.
    pub fn request(&self, route: &str) -> Option<&Form> {
        self.forms(route)?.request.as_ref()
    }

    /// The form of what a route answers with this status; none if that is not described.
    pub fn answer(&self, route: &str, status: u16) -> Option<&Form> {
        let forms = self.forms(route)?;
        if status >= 400 { Some(&forms.problem) } else { forms.answers.get(&status.to_string()) }
    }

    fn forms(&self, route: &str) -> Option<&RouteForms> {
        let Described { operation, forms } = self.0.routes.get(route)?;
        Some(forms.get_or_init(|| self.made(operation)))
    }

    fn made(&self, operation: &Operation) -> RouteForms {
        let operation = json!(operation);
        let form = |of: &Value| {
            let content = of["content"].as_object()?;
            let (_, content) = content.iter().find(|(kind, _)| is_json(kind))?;
            content
                .get("schema")
                .map(|schema| Form::read(schema, &|name| Some(json!(self.0.schemas.get(name)?))))
        };
        let answers = operation.get("responses").and_then(Value::as_object).into_iter().flatten();
        RouteForms {
            request: operation.get("requestBody").and_then(form),
            answers: answers.filter_map(|(status, answer)| Some((status.clone(), form(answer)?))).collect(),
            problem: problem(),
        }
    }
}

/// By which name a route is known here and in the log.
pub fn name_of(method: &str, pattern: &str) -> String {
    format!("{method} {pattern}")
}

/// JSON by its own name or by its suffix (RFC 6839 §3.1), such as `merge-patch+json` and `scim+json`.
pub fn is_json(content_type: &str) -> bool {
    let content_type = content_type.to_ascii_lowercase();
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    kind.strip_prefix("application/").is_some_and(|kind| kind == "json" || kind.ends_with("+json"))
}

fn problem() -> Form {
    let texts = PROBLEM.iter().map(|name| ((*name).to_owned(), json!({ "type": "string" })));
    let mut properties: serde_json::Map<_, _> = texts.collect();
    let fault = json!({ "type": "object", "properties": properties.clone() });
    properties.insert("errors".to_owned(), json!({ "type": "array", "items": fault }));
    properties.insert("status".to_owned(), json!({ "type": ["integer", "string"] }));
    Form::read(&json!({ "type": "object", "properties": properties }), &|_| None)
}

/// The copy of what was sent, for who has put it among the extensions of a request before that is read.
#[derive(Debug, Clone, Default)]
pub struct SentBody(Arc<OnceLock<Sent>>);

/// What was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// How many bytes.
    pub bytes: u64,
    /// They themselves, if they are not too many.
    pub text: Option<Bytes>,
}

impl SentBody {
    /// What was read of the request, once its handler has.
    pub fn sent(&self) -> Option<&Sent> {
        self.0.get()
    }

    /// Takes a copy, if somebody wants one.
    pub(crate) fn note(request: &HttpRequest, body: &[u8]) {
        if let Some(wanted) = request.extensions().get::<Self>() {
            let bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
            let text = (body.len() <= MOST_COPIED).then(|| Bytes::copy_from_slice(body));
            wanted.0.get_or_init(|| Sent { bytes, text });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_known_by_its_name_or_suffix_and_whatever_comes_behind() {
        for kind in ["application/json", "Application/JSON; charset=utf-8", "application/scim+json"] {
            assert!(is_json(kind), "{kind}");
        }
        for kind in ["", "text/json", "application/jsonp", "application/x-www-form-urlencoded"] {
            assert!(!is_json(kind), "{kind}");
        }
    }

    #[test]
    fn of_a_problem_its_code_and_places_are_kept_and_not_its_words() {
        let told = json!({ "type": "t", "status": 400, "detail": "invalid value: \"hunter2\"", "code": "c",
            "errors": [{ "pointer": "/a", "code": "c", "detail": "hunter2" }] });
        let kept =
            json!({ "type": "t", "status": 400, "code": "c", "errors": [{ "pointer": "/a", "code": "c" }] });
        assert_eq!(problem().kept(told), kept);
    }
}
