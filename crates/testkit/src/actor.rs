//! Somebody who calls the application over HTTP.

use elder_kernel::{Id, TenantId, User};
use reqwest::{Client, Method, header::HeaderMap};
use serde_json::Value;

/// A caller with one credential, or none.
#[derive(Clone)]
pub struct Actor {
    client: Client,
    base: String,
    /// The tenant of the credential.
    pub tenant: TenantId,
    /// The account, if it is a person.
    pub user: Option<Id<User>>,
    /// The credential.
    pub token: Option<String>,
    headers: Vec<(&'static str, String)>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; null if it is empty or none.
    pub body: Value,
    /// The body as text.
    pub text: String,
    /// What was asked, for messages.
    pub asked: String,
}

impl Actor {
    pub(crate) fn new(client: Client, base: String, tenant: TenantId) -> Self {
        Self { client, base, tenant, user: None, token: None, headers: Vec::new() }
    }

    /// The same caller with another token.
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    pub(crate) fn at(&self, base: String) -> Self {
        Self { base, ..self.clone() }
    }

    pub(crate) fn as_user(&self, user: Id<User>) -> Self {
        Self { user: Some(user), ..self.clone() }
    }

    /// The same caller who sends one more header.
    pub fn with_header(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut other = self.clone();
        other.headers.push((name, value.into()));
        other
    }

    /// The account's id; panics for who has none.
    pub fn id(&self) -> String {
        self.user.expect("this actor is a person").to_string()
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// PUT with a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// Any method.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let bytes = body.map(|body| serde_json::to_vec(&body).unwrap());
        let kind = if path.starts_with("/scim/") { "application/scim+json" } else { "application/json" };
        self.send_bytes(method, path, kind, bytes).await
    }

    /// GET of an answer that does not end by itself.
    pub async fn open(&self, path: &str) -> reqwest::Response {
        let mut request = self.client.get(format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        request.send().await.unwrap()
    }

    /// Any method with any bytes.
    pub async fn send_bytes(&self, method: Method, path: &str, kind: &str, body: Option<Vec<u8>>) -> Answer {
        let asked = format!("{method} {path}");
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header("content-type", kind).body(body);
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("{asked}: {error:?}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, headers, body, text, asked }
    }
}

impl Answer {
    /// Demands a status; gives the body.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        self.body
    }

    /// Demands a problem document with this status and code; gives it.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Value {
        assert_eq!(
            (self.status, self.body["code"].as_str()),
            (status, Some(code)),
            "{}: {}",
            self.asked,
            self.text
        );
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.asked);
        self.body
    }

    /// A header's text; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}
