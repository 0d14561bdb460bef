//! The one error answer: a problem document (RFC 9457), filled in by `envelope` before it leaves.

use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use elder_kernel::{Coded, ErrorCode, FieldFault};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What every 5xx says; the log has the rest.
const INTERNAL: &str = "The request id finds the cause in Elder's log.";

/// An answer that is an error.
#[derive(Debug, Clone)]
pub struct Problem(Box<Parts>);

/// Boxed, because every handler's result has room for a problem.
#[derive(Debug, Clone)]
struct Parts {
    code: ErrorCode,
    detail: String,
    faults: Vec<FieldFault>,
    retry_after: Option<u32>,
    protocol_kind: Option<&'static str>,
    causes: Vec<String>,
    members: Map<String, Value>,
}

impl Problem {
    /// A problem with a detail that says what was wrong and what would be right.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            code,
            detail: detail.into(),
            faults: Vec::new(),
            retry_after: None,
            protocol_kind: None,
            causes: Vec::new(),
            members: Map::new(),
        }))
    }

    /// The same 404 for what is not there and for what the caller may not know of.
    pub fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, "No resource with this id can be reached with this credential.")
    }

    /// Adds faults of single fields.
    #[must_use]
    pub fn with_faults(mut self, faults: Vec<FieldFault>) -> Self {
        self.0.faults = faults;
        self
    }

    /// Says where in the body that lies which the faults point into.
    #[must_use]
    pub fn within(mut self, place: &str) -> Self {
        for fault in &mut self.0.faults {
            fault.pointer.insert_str(0, place);
        }
        self
    }

    /// Says after how many seconds a retry may succeed.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// Adds a member of its own (RFC 9457 §3.2).
    #[must_use]
    pub fn with_member(mut self, name: &str, value: impl Serialize) -> Self {
        self.0.members.insert(name.to_owned(), json!(value));
        self
    }

    /// Whether the cause lies with Elder or with what it needs.
    pub fn is_fault_of_server(&self) -> bool {
        self.0.code.status() >= 500
    }

    /// The code.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// What was wrong, as the client may see it.
    pub fn detail(&self) -> &str {
        if self.is_internal() { INTERNAL } else { &self.0.detail }
    }

    /// The faults of single fields.
    pub fn faults(&self) -> &[FieldFault] {
        &self.0.faults
    }

    /// After how many seconds a retry may succeed.
    pub fn retry_after(&self) -> Option<u32> {
        self.0.retry_after
    }

    /// What the protocol of the route calls it, where that tells more than the code.
    pub fn protocol_kind(&self) -> Option<&'static str> {
        self.0.protocol_kind
    }

    /// The error and its causes, outermost first, for the log alone.
    pub fn causes(&self) -> &[String] {
        &self.0.causes
    }

    /// The document, without what only the envelope knows (`instance`, `request_id`).
    pub fn document(&self) -> Map<String, Value> {
        let fields = [
            ("type", json!(self.0.code.page())),
            ("title", json!(self.0.code.title())),
            ("status", json!(self.0.code.status())),
            ("detail", json!(self.detail())),
            ("code", json!(self.0.code.slug())),
        ];
        let errors = (!self.0.faults.is_empty()).then(|| ("errors", json!(self.0.faults)));
        let own = fields.into_iter().chain(errors).map(|(name, value)| (name.to_owned(), value));
        self.0.members.clone().into_iter().chain(own).collect()
    }

    fn is_internal(&self) -> bool {
        matches!(self.0.code, ErrorCode::InternalError | ErrorCode::Unavailable)
    }
}

impl<E: Coded + 'static> From<E> for Problem {
    fn from(error: E) -> Self {
        let mut causes = vec![error.to_string()];
        let mut source = error.source();
        while let Some(cause) = source {
            causes.push(cause.to_string());
            source = cause.source();
        }
        Self(Box::new(Parts {
            code: error.code(),
            detail: error.to_string(),
            faults: error.faults(),
            retry_after: error.retry_after(),
            protocol_kind: error.protocol_kind(),
            causes,
            members: Map::new(),
        }))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code.slug(), self.0.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let response = HttpResponse::new(self.status_code());
        let (mut head, body) = response.into_parts();
        head.extensions_mut().insert(self.clone());
        head.set_body(body)
    }
}
