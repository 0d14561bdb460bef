//! Okta's management API: asks, waits as it is told to, and says each call.

use std::time::Duration;

use elder_kernel::Clock;
use reqwest::{Method, Response, StatusCode, redirect::Policy};
use serde_json::Value;

use super::{OktaError, Wish};
use crate::AGENT;

/// How often one call is tried.
const TRIES: u32 = 4;
/// The first pause after a failure of Okta's; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest wait for a rate limit: Okta's windows have a minute.
const LONGEST_WAIT: i64 = 70;

/// One org, asked with one token.
pub(super) struct Api<'a> {
    http: reqwest::Client,
    wish: &'a Wish,
    clock: &'a Clock,
    say: &'a mut dyn FnMut(&str),
}

impl<'a> Api<'a> {
    pub(super) fn new(
        wish: &'a Wish,
        clock: &'a Clock,
        say: &'a mut dyn FnMut(&str),
    ) -> Result<Self, OktaError> {
        let builder = reqwest::Client::builder().timeout(wish.timeout).redirect(Policy::none());
        Ok(Self { http: builder.user_agent(AGENT).build()?, wish, clock, say })
    }

    pub(super) fn say(&mut self, words: &str) {
        (self.say)(words);
    }

    /// A path of the application.
    pub(super) fn app_path(&self, rest: &str) -> String {
        format!("/api/v1/apps/{}{rest}", self.wish.app)
    }

    /// Whether nothing can be asked, so that an absence says nothing.
    pub(super) fn is_blind(&self) -> bool {
        self.wish.api_token.is_none()
    }

    /// Reads something. None if it is not there, or if there is no token to ask with. Okta answers 400 for what an
    /// application has only once it provisions.
    pub(super) async fn find(&mut self, path: &str) -> Result<Option<Value>, OktaError> {
        if self.is_blind() {
            let url = self.wish.org.at(path);
            self.say(&format!("GET {url} (not asked: no token)"));
            return Ok(None);
        }
        match self.call(&Method::GET, path, &Value::Null).await {
            Ok(found) => Ok(Some(found)),
            Err(OktaError::Refused { status: 404, .. }) => Ok(None),
            Err(OktaError::Refused { status: 400, .. }) if self.wish.dry_run => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Changes something; in a dry run only says so, and gives nothing.
    pub(super) async fn change(
        &mut self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<Option<Value>, OktaError> {
        let shown = body.to_string().replace(self.wish.scim_token.expose().as_str(), "[token]");
        if self.wish.dry_run {
            let url = self.wish.org.at(path);
            self.say(&format!("{method} {url} (dry run)\n  {shown}"));
            return Ok(None);
        }
        self.call(&method, path, body).await.map(Some)
    }

    /// One call, tried again where that may help: each of these calls may be repeated without harm.
    async fn call(&mut self, method: &Method, path: &str, body: &Value) -> Result<Value, OktaError> {
        let url = self.wish.org.at(path);
        let mut tries = 1;
        loop {
            let answer = self.send(method, &url, body).await;
            let status =
                answer.as_ref().map_or_else(|_| "no answer".to_owned(), |got| got.status().to_string());
            self.say(&format!("{method} {url}: {status}"));
            let Some(pause) = self.pause(&answer, tries) else {
                return finish(method, url, answer).await;
            };
            self.say(&format!("  again in {} ms", pause.as_millis()));
            tokio::time::sleep(pause).await;
            tries += 1;
        }
    }

    async fn send(&self, method: &Method, url: &str, body: &Value) -> Result<Response, reqwest::Error> {
        let mut request = self.http.request(method.clone(), url).header("accept", "application/json");
        if let Some(token) = &self.wish.api_token {
            request = request.header("authorization", format!("SSWS {}", token.expose()));
        }
        if !body.is_null() {
            request = request.json(body);
        }
        request.send().await
    }

    /// How long to wait before the next try, if one is of use.
    fn pause(&self, answer: &Result<Response, reqwest::Error>, tries: u32) -> Option<Duration> {
        let grown = PAUSE * 2_u32.pow(tries - 1);
        let pause = match answer {
            Ok(answer) if answer.status() == StatusCode::TOO_MANY_REQUESTS => self.until_reset(answer)?,
            Ok(answer) if answer.status().is_server_error() => grown,
            Err(error) if error.is_connect() || error.is_timeout() => grown,
            _ => return None,
        };
        (tries < TRIES).then_some(pause)
    }

    /// Okta says in `X-Rate-Limit-Reset` when it counts anew: seconds since 1970.
    fn until_reset(&self, answer: &Response) -> Option<Duration> {
        let reset = answer.headers().get("x-rate-limit-reset").and_then(|reset| reset.to_str().ok());
        let reset = reset.and_then(|reset| reset.trim().parse::<i64>().ok());
        let seconds = reset.map_or(1, |reset| reset - self.clock.now().timestamp() + 1).max(1);
        let seconds = u64::try_from(seconds).ok().filter(|_| seconds <= LONGEST_WAIT)?;
        Some(Duration::from_secs(seconds))
    }
}

/// The body of a success; the words of a refusal.
async fn finish(
    method: &Method,
    url: String,
    answer: Result<Response, reqwest::Error>,
) -> Result<Value, OktaError> {
    let unanswered =
        |url: &str, source| OktaError::Unanswered { method: method.to_string(), url: url.to_owned(), source };
    let answer = answer.map_err(|source| unanswered(&url, source))?;
    let status = answer.status();
    let text = answer.text().await.map_err(|source| unanswered(&url, source))?;
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    if status.is_success() {
        return Ok(body);
    }
    let (method, status, words) = (method.to_string(), status.as_u16(), summary(&body));
    Err(OktaError::Refused { method, url, status, words })
}

/// What Okta says of an error: `errorSummary`, and each of `errorCauses`.
fn summary(body: &Value) -> String {
    let of = |error: &Value| error.get("errorSummary").and_then(Value::as_str).map(str::to_owned);
    let causes = body.get("errorCauses").and_then(Value::as_array).into_iter().flatten().filter_map(of);
    let words: Vec<_> = of(body).into_iter().chain(causes).collect();
    if words.is_empty() { "no words came with it".to_owned() } else { words.join("; ") }
}
