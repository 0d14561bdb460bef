//! How to call every route: one line an endpoint. A route that is missing here fails the guards of the whole system.

use serde_json::{Value, json};

/// One endpoint, and a call of it that succeeds in a fresh [`crate::Fixture`].
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The method.
    pub method: &'static str,
    /// The pattern, as the route has it.
    pub path: &'static str,
    /// A query to go with it, with parameters in braces.
    pub query: &'static str,
    /// A good body; `$name` stands for a value of the fixture.
    pub body: Option<Value>,
    /// What the good call is answered with.
    pub status: u16,
    /// A call that is no GET and yet changes nothing.
    pub reads: bool,
    /// The path's parameters are the same for every tenant (a schema's name, a built-in role).
    pub ids_are_public: bool,
    /// The good call needs more than a fixture, and has a test of its own.
    pub own_test: bool,
}

const fn endpoint(method: &'static str, path: &'static str, status: u16) -> Endpoint {
    Endpoint {
        method,
        path,
        query: "",
        body: None,
        status,
        reads: false,
        ids_are_public: false,
        own_test: false,
    }
}

fn with(mut endpoint: Endpoint, body: Value) -> Endpoint {
    endpoint.body = Some(body);
    endpoint
}

fn get(path: &'static str) -> Endpoint {
    endpoint("GET", path, 200)
}

/// Every endpoint, by domain.
pub fn catalogue() -> Vec<Endpoint> {
    [organizations(), users()].concat()
}

fn organizations() -> Vec<Endpoint> {
    vec![
        get("/api/v2/organizations"),
        with(endpoint("POST", "/api/v2/organizations", 201), json!({ "name": "New" })),
    ]
}

fn users() -> Vec<Endpoint> {
    vec![get("/api/v2/users")]
}
