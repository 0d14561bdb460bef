//! Asks a provider for JSON.

use chrono::{DateTime, Utc};
use elder_outbound::http::Outbound;
use http::{
    Method, Request, Response, StatusCode,
    header::{ACCEPT, AUTHORIZATION, DATE, HeaderValue},
};

use crate::{
    OidcError, Refusal,
    error::Step,
    json::{self, Object},
};

/// A JSON object, and when the provider says it has sent it.
pub(crate) struct Document {
    pub(crate) object: Object,
    pub(crate) date: Option<DateTime<Utc>>,
}

/// Asks for a JSON object.
pub(crate) async fn document(
    outbound: &Outbound,
    step: Step,
    url: &str,
    token: Option<&str>,
) -> Result<Document, OidcError> {
    let answer = answer(outbound, step, url, token).await?;
    let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
    let date = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok()).map(|date| date.to_utc());
    let object = json::object(answer.body()).map_err(|_| Refusal::AnswerNotJson)?;
    Ok(Document { object, date })
}

/// Asks, and takes no answer but a good one.
pub(crate) async fn answer(
    outbound: &Outbound,
    step: Step,
    url: &str,
    token: Option<&str>,
) -> Result<Response<Vec<u8>>, OidcError> {
    let mut request = Request::new(Vec::new());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = url.parse().map_err(|_| Refusal::DiscoveryIncomplete)?;
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(token) = token {
        let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| Refusal::TokenAnswer)?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
    }
    let answer = outbound.call(request).await.map_err(OidcError::call(step))?;
    if answer.status() != StatusCode::OK {
        return Err(Refusal::AnswerStatus.into());
    }
    Ok(answer)
}
