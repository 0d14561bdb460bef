//! JSON bodies: read within a limit, parsed with faults that name their place.

use std::{future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::Payload,
    http::header,
    web::{BytesMut, Data},
};
use elder_kernel::{ErrorCode, FieldFault, Objects};
use futures_util::StreamExt as _;
use garde::Validate;
use serde::de::DeserializeOwned;
use serde_json::{error::Category, value::RawValue};
use utoipa::ToSchema;

use crate::{Problem, Repeatable, SentBody, described, is_json, strict_json::StrictJson};

/// Bytes that a JSON body may have if nothing else is configured: 1 MiB.
pub const DEFAULT_BODY_LIMIT: usize = 1 << 20;

/// A JSON body that is of the right type and passed its rules.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// What a body may carry: it can be read, has rules, and is described.
pub trait Body: DeserializeOwned + Validate<Context = ()> + ToSchema + 'static {}

impl<T: DeserializeOwned + Validate<Context = ()> + ToSchema + 'static> Body for T {}

impl<T: Body> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            checked(text(&read_json_body(&request, &mut payload, body_limit(&request)).await?)?).map(Self)
        })
    }
}

/// Reads a JSON body of at most `limit` bytes that is of the right type. Its rules are not looked at.
///
/// # Errors
/// `unsupported_media_type`, `payload_too_large`, `malformed_json`, `unknown_field`, `validation_failed`.
pub async fn read_json<T: DeserializeOwned>(
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
) -> Result<T, Problem> {
    typed(text(&read_json_body(request, payload, limit).await?)?)
}

/// Reads a part of a body that was read before. Its rules are not looked at; pointers of faults begin at the part.
///
/// # Errors
/// As for the body itself.
pub fn read_part<T: DeserializeOwned>(part: &RawValue) -> Result<T, Problem> {
    typed(part.get())
}

/// Reads a part of a body that was read before, with its rules. The pointers of its faults begin at the part.
///
/// # Errors
/// As for the body itself, with every fault.
pub fn checked_part<T: Body>(part: &RawValue) -> Result<T, Problem> {
    checked(part.get())
}

/// Reads what has the right type and passes its rules; else names every fault.
fn checked<T: Body>(text: &str) -> Result<T, Problem> {
    let value = typed::<T>(text).map_err(|problem| described::with_all_faults::<T>(problem, text))?;
    value.validate().map_err(|report| invalid(&report))?;
    Ok(value)
}

async fn read_json_body(
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
) -> Result<BytesMut, Problem> {
    if !is_json(request.content_type()) {
        let what = "Send the body as `Content-Type: application/json`.";
        return Err(Problem::new(ErrorCode::UnsupportedMediaType, what));
    }
    read_up_to(request, payload, limit).await
}

/// Reads a whole body of at most the configured size.
///
/// # Errors
/// `unsupported_media_type` if it is compressed, `payload_too_large` past the limit, `malformed_json` if the client breaks off.
pub async fn read_body(request: &HttpRequest, payload: &mut Payload) -> Result<BytesMut, Problem> {
    read_up_to(request, payload, body_limit(request)).await
}

/// How many bytes a JSON body may have.
pub fn body_limit(request: &HttpRequest) -> usize {
    request.app_data::<Data<BodyLimit>>().map_or(DEFAULT_BODY_LIMIT, |limit| limit.0)
}

async fn read_up_to(request: &HttpRequest, payload: &mut Payload, limit: usize) -> Result<BytesMut, Problem> {
    let too_large =
        || Problem::new(ErrorCode::PayloadTooLarge, format!("A body may have at most {limit} bytes."));
    refuse_encoded(request)?;
    let declared =
        request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: usize| length > limit) {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Problem::new(ErrorCode::MalformedJson, error.to_string()))?;
        if body.len() + chunk.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Repeatable::note_body(request, &body);
    SentBody::note(request, &body);
    Ok(body)
}

/// A body is taken as it is (RFC 9110 §8.4): what unpacks to any size would get round the limit.
fn refuse_encoded(request: &HttpRequest) -> Result<(), Problem> {
    let mut encodings = request.headers().get_all(header::CONTENT_ENCODING);
    if encodings.all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Ok(());
    }
    let what = "Send the body as it is, without `Content-Encoding`.";
    Err(Problem::new(ErrorCode::UnsupportedMediaType, what))
}

/// The limit that the server was configured with.
pub struct BodyLimit(pub usize);

/// The text of a body whose JSON leaves nothing to choose.
fn text(body: &[u8]) -> Result<&str, Problem> {
    // RFC 8259 §8.1: UTF-8, from the first byte to the last, whatever the type would say before.
    let text = str::from_utf8(body)
        .map_err(|error| Problem::new(ErrorCode::MalformedJson, format!("The body is no UTF-8: {error}.")))?;
    if serde_json::from_str::<StrictJson>(text).is_err() {
        // To keep track of the place costs, so it is looked for only where there is a fault.
        typed::<StrictJson>(text)?;
    }
    Ok(text)
}

fn typed<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(Objects(&mut json)).map_err(|error| {
        let pointer = pointer(error.path());
        fault(&error.into_inner(), pointer)
    })?;
    json.end().map_err(|error| fault(&error, String::new()))?;
    Ok(value)
}

fn fault(error: &serde_json::Error, pointer: String) -> Problem {
    let text = error.to_string();
    match error.classify() {
        Category::Data if text.starts_with("unknown field") => {
            Problem::new(ErrorCode::UnknownField, format!("The body has an {text}."))
                .with_faults(vec![FieldFault::new(pointer, "unknown_field", text)])
        }
        Category::Data => {
            Problem::new(ErrorCode::ValidationFailed, "A value of the body has the wrong type or form.")
                .with_faults(vec![FieldFault::new(pointer, "invalid_type", text)])
        }
        _ => Problem::new(ErrorCode::MalformedJson, format!("The body is no JSON: {text}.")),
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let escape = |text: &str| text.replace('~', "~0").replace('/', "~1");
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escape(key)),
            Segment::Enum { variant } => format!("/{}", escape(variant)),
            Segment::Unknown => String::new(),
        })
        .collect()
}

fn invalid(report: &garde::Report) -> Problem {
    let faults = report
        .iter()
        .map(|(path, error)| {
            let pointer = format!("/{}", path.to_string().replace(['.', '['], "/").replace(']', ""));
            FieldFault::new(pointer, "invalid_value", error.message())
        })
        .collect();
    Problem::new(ErrorCode::ValidationFailed, "Some values break a rule; `errors` names each.")
        .with_faults(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize, Validate, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        #[garde(length(min = 1))]
        name: String,
        #[garde(range(max = 9))]
        size: u8,
    }

    fn parse(body: &[u8]) -> Result<Thing, Problem> {
        checked(text(body)?)
    }

    fn refused(body: impl AsRef<[u8]>) -> (&'static str, Vec<String>) {
        let problem = parse(body.as_ref()).unwrap_err();
        (problem.code().slug(), problem.faults().iter().map(|fault| fault.pointer.clone()).collect())
    }

    #[test]
    fn a_good_body_is_taken() {
        let body = parse(br#"{"name":"a","size":1}"#).unwrap();
        assert_eq!((body.name.as_str(), body.size), ("a", 1));
    }

    #[test]
    fn each_fault_has_its_code_and_place() {
        let none = Vec::<String>::new;
        assert_eq!(refused("{"), ("malformed_json", none()));
        assert_eq!(refused(b"{\"other\":\"\xff\"}"), ("malformed_json", none()));
        assert_eq!(refused(r#"{"name":"a","size":1} x"#), ("malformed_json", none()));
        assert_eq!(refused(r#"{"name":"a","size":"1"}"#), ("validation_failed", vec!["/size".into()]));
        assert_eq!(refused(r#"{"name":"a","size":1,"is_admin":true}"#).0, "unknown_field");
        assert_eq!(refused(r#"["a",1]"#), ("validation_failed", vec![String::new()]));
        assert_eq!(refused(r#"{"name":"","size":10}"#).1, ["/name", "/size"]);
        assert_eq!(refused(r#"{"name":"a\u0000","size":1}"#), ("validation_failed", vec!["/name".into()]));
        assert_eq!(refused(r#"{"name":"a","size":1,"name":"b"}"#).0, "validation_failed");
        assert_eq!(refused(r#"{"name":"a","size":1,"other":[{"x":1,"\u0078":2}]}"#).0, "validation_failed");
    }
}
