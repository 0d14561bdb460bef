#![doc = include_str!("../README.md")]

mod answer;
mod bodies;
mod body;
mod browser_cookie;
mod deprecation;
mod described;
mod envelope;
mod form;
mod listing;
mod parameters;
mod problem;
mod repeat;
mod request;
mod routing;
mod strict_json;
mod url_encoded;

pub use answer::{accepted, created, no_content, shown};
pub use bodies::{BodyForms, MOST_COPIED, Sent, SentBody, is_json, name_of};
pub use body::{
    Body, BodyLimit, DEFAULT_BODY_LIMIT, Json, body_limit, checked_part, read_body, read_json, read_part,
};
pub use browser_cookie::BrowserCookie;
pub use deprecation::Deprecation;
pub use envelope::{ProblemStyle, ProblemStyles, envelope};
pub use form::{Form, LEFT_OUT, REDACTED};
pub use listing::{Address, ListQuery, NoMore};
pub use parameters::{Path, Query};
pub use problem::Problem;
pub use repeat::{KeptAnswer, NotKept, Repeatable, Repeated};
pub use request::{PublicUrl, RequestMeta, TrustedProxies};
pub use routing::{Gate, Gated, Public, Route, RouteTable, malformed_route};
pub use url_encoded::{UrlEncoded, fields, read_fields};
