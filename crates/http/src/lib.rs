#![doc = include_str!("../README.md")]

mod answer;
mod body;
mod deprecation;
mod envelope;
mod parameters;
mod problem;
mod request;
mod routing;

pub use answer::{created, listed, no_content};
pub use body::{BodyLimit, DEFAULT_BODY_LIMIT, Json, read_body};
pub use deprecation::Deprecation;
pub use envelope::{ProblemStyle, envelope};
pub use parameters::{Path, Query};
pub use problem::{Problem, ProblemDocument};
pub use request::{PublicUrl, RequestMeta, TrustedProxies};
pub use routing::{Gate, Gated, Public, Route, RouteTable, malformed_route};
