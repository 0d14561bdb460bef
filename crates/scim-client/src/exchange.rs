//! One question to a SCIM server, and what came back.

use std::{error::Error as _, time::Duration};

use elder_kernel::Secret;
use elder_scim_protocol::MEDIA_TYPE;
use reqwest::{
    Method, Response,
    header::{ACCEPT, CONTENT_TYPE, HeaderMap},
    redirect::Policy,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{AGENT, BaseUrl};

/// The longest answer that is read; a list of schemas has some hundred thousand bytes.
const MOST_BYTES: usize = 4 << 20;

/// What was asked and answered, with the secrets blanked.
#[derive(Debug, Clone, Serialize)]
pub struct Exchange {
    /// The method.
    pub method: String,
    /// The address.
    pub url: String,
    /// The body that was sent, if there was one.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub sent: Value,
    /// The status, if an answer came.
    pub status: Option<u16>,
    /// The body that came, or why none did.
    pub received: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) exchange: Box<Exchange>,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The body as JSON; null if it is none.
    pub(crate) body: Value,
}

/// Asks one server with one token.
pub(crate) struct Client {
    http: reqwest::Client,
    base: BaseUrl,
    token: Secret<String>,
}

impl Client {
    /// A client that follows no redirect: the token is for this server alone.
    pub(crate) fn new(
        base: BaseUrl,
        token: Secret<String>,
        timeout: Duration,
    ) -> Result<Self, reqwest::Error> {
        let http =
            reqwest::Client::builder().timeout(timeout).redirect(Policy::none()).user_agent(AGENT).build()?;
        Ok(Self { http, base, token })
    }

    /// The same server, asked with another token.
    pub(crate) fn with_token(&self, token: Secret<String>) -> Self {
        Self { http: self.http.clone(), base: self.base.clone(), token }
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Box<Exchange>> {
        self.ask(Method::GET, path, Value::Null, None).await
    }

    /// Any question; what is not answered comes back as the exchange that failed.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Value,
        if_match: Option<&str>,
    ) -> Result<Answer, Box<Exchange>> {
        let url = self.base.at(path);
        let mut request = self.http.request(method.clone(), &url).bearer_auth(self.token.expose());
        request = request.header(ACCEPT, MEDIA_TYPE);
        if !body.is_null() {
            request = request.header(CONTENT_TYPE, MEDIA_TYPE).body(body.to_string());
        }
        if let Some(tag) = if_match {
            request = request.header("if-match", tag);
        }
        let mut exchange = Box::new(Exchange {
            method: method.to_string(),
            url,
            sent: blanked(body),
            status: None,
            received: String::new(),
        });
        match request.send().await {
            Ok(response) => self.read(response, exchange).await,
            Err(error) => {
                exchange.received = causes(&error);
                Err(exchange)
            }
        }
    }

    async fn read(
        &self,
        mut response: Response,
        mut exchange: Box<Exchange>,
    ) -> Result<Answer, Box<Exchange>> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        exchange.status = Some(status);
        let mut bytes = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() <= MOST_BYTES => {
                    bytes.extend_from_slice(&chunk);
                }
                Ok(Some(_)) => {
                    exchange.received = format!("more than {MOST_BYTES} bytes");
                    return Err(exchange);
                }
                Ok(None) => break,
                Err(error) => {
                    exchange.received = causes(&error);
                    return Err(exchange);
                }
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        // Some servers show what they were sent.
        exchange.received = text.replace(self.token.expose().as_str(), "[token]");
        let body = serde_json::from_str(&text).unwrap_or_default();
        Ok(Answer { exchange, status, headers, body })
    }
}

/// The chain of what went wrong: a refused connection and a wrong certificate stand at its end.
fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// A body as it may be shown.
fn blanked(mut body: Value) -> Value {
    if let Some(password) = body.get_mut("password") {
        *password = json!("[password]");
    }
    body
}
