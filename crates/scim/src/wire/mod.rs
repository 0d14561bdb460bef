//! What the SCIM routes have in common on the wire: base URL, media types, entity tags, error bodies.

pub(crate) mod document;

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError as _,
    dev::Payload,
    http::header::{self, HeaderName},
    web::{Data, Query},
};
use elder_http::{Problem, ProblemStyle, PublicUrl, body_limit};
use elder_kernel::{Directory, ErrorCode, Id, Kind};
use elder_scim_protocol::{
    MEDIA_TYPE,
    error::{ScimError, ScimType},
    query::Query as Question,
    schema::ResourceType,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Where SCIM lives.
pub(crate) const ROOT: &str = "/scim/v2";

/// Most results in one page.
pub(crate) const MAX_RESULTS: u64 = 200;

/// How problems are worded under `/scim/`: as RFC 7644 §3.12 has it.
pub const PROBLEMS: ProblemStyle = ProblemStyle {
    applies: |request| request.path().starts_with("/scim/"),
    answer: |_, problem, _| {
        HttpResponse::build(problem.status_code()).content_type(MEDIA_TYPE).json(error_of(problem))
    },
};

/// A JSON body as it comes; the protocol engine reads it.
#[derive(Debug, Deserialize, garde::Validate, utoipa::ToSchema)]
#[schema(value_type = Object)]
pub(crate) struct Document(#[garde(skip)] pub(crate) Value);

/// What a request says beside its body, and how its answer is written.
pub(crate) struct Call {
    base_url: String,
    resource: String,
    parameters: Vec<(String, String)>,
    media_type: &'static str,
    request: HttpRequest,
    if_match: Option<String>,
    if_none_match: Option<String>,
}

impl Call {
    fn read(request: &HttpRequest) -> Result<Self, Problem> {
        let public = request.app_data::<Data<PublicUrl>>().map_or("", |url| url.0.as_str());
        let base_url = match request.match_info().get("dir_id") {
            None => format!("{public}{ROOT}"),
            Some(named) => {
                let directory: Id<Directory> = named.parse().map_err(|_| Problem::not_found())?;
                format!("{public}{ROOT}/{directory}")
            }
        };
        let Query(parameters) = Query::from_query(request.query_string()).map_err(|error| {
            Problem::new(ErrorCode::InvalidParameter, format!("The query is not valid: {error}."))
        })?;
        let text = |name: HeaderName| {
            request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        // RFC 7644 §3.8: plain JSON for who asks for it by name.
        let accept = text(header::ACCEPT).unwrap_or_default().to_ascii_lowercase();
        let is_plain = accept.contains("application/json") && !accept.contains(MEDIA_TYPE);
        Ok(Self {
            base_url,
            parameters,
            resource: request.match_info().get("id").unwrap_or_default().to_owned(),
            media_type: if is_plain { "application/json" } else { MEDIA_TYPE },
            request: request.clone(),
            if_match: text(header::IF_MATCH),
            if_none_match: text(header::IF_NONE_MATCH),
        })
    }

    /// The base URL as the client knows it.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The last part of the path.
    pub(crate) fn resource(&self) -> &str {
        &self.resource
    }

    /// What the query asks for.
    pub(crate) fn question(&self, kind: &'static ResourceType) -> Result<Question, crate::Error> {
        let parameters = self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Ok(Question::from_parameters(kind, parameters, MAX_RESULTS)?)
    }

    /// Discovery documents are not filtered (RFC 7644 §4).
    pub(crate) fn refuse_filter(&self) -> Result<(), Problem> {
        if self.parameters.iter().any(|(name, _)| name == "filter") {
            return Err(Problem::new(ErrorCode::PermissionDenied, "This endpoint takes no filter."));
        }
        Ok(())
    }

    /// The resource that the path names. Whatever is no id of its kind is the id of none.
    pub(crate) fn id<K: Kind>(&self) -> Result<Id<K>, crate::Error> {
        self.resource.parse().map_err(|_| crate::Error::NotFound)
    }

    /// The request, for what the gate does with it.
    pub(crate) fn request(&self) -> &HttpRequest {
        &self.request
    }

    /// How many bytes a body may have.
    pub(crate) fn body_limit(&self) -> u64 {
        u64::try_from(body_limit(&self.request)).unwrap_or(u64::MAX)
    }

    /// Which versions may be changed; any, if none.
    pub(crate) fn if_match(&self) -> Option<&str> {
        self.if_match.as_deref()
    }

    /// Whether the client has this version already.
    pub(crate) fn knows(&self, etag: &str) -> bool {
        self.if_none_match.as_deref().is_some_and(|list| names_version(list, etag))
    }

    /// A document in the media type that the client asks for.
    pub(crate) fn answer(&self, mut status: HttpResponseBuilder, body: &impl Serialize) -> HttpResponse {
        status.insert_header((header::CONTENT_TYPE, self.media_type)).json(body)
    }
}

impl FromRequest for Call {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::read(request))
    }
}

/// Whether a list of entity tags, or `*`, names one; weakly compared (RFC 9110 §8.8.3.2).
pub(crate) fn names_version(list: &str, etag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    list.trim() == "*" || list.split(',').any(|tag| bare(tag) == bare(etag))
}

/// The body of RFC 7644 §3.12 for a problem.
pub(crate) fn error_of(problem: &Problem) -> Value {
    let code = problem.code();
    let kind = match code {
        ErrorCode::MalformedJson => Some(ScimType::InvalidSyntax.name()),
        ErrorCode::InvalidFilter => Some(ScimType::InvalidFilter.name()),
        ErrorCode::AlreadyExists => Some(ScimType::Uniqueness.name()),
        ErrorCode::InvalidCursor => Some(ScimType::InvalidCursor.name()),
        code if code.status() == 400 => Some(ScimType::InvalidValue.name()),
        _ => None,
    };
    let mut body = json!(ScimError::of_status(code.status(), problem.detail()));
    if let (Some(kind), Value::Object(body)) = (problem.protocol_kind().or(kind), &mut body) {
        body.insert("scimType".to_owned(), kind.into());
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn etg_5_a_list_of_tags_names_a_version_weak_or_strong() {
        for list in ["*", r#"W/"3""#, r#""3""#, r#"W/"1", W/"3""#] {
            assert!(names_version(list, r#"W/"3""#), "{list}");
        }
        for list in ["", r#"W/"33""#, r#""1","2""#] {
            assert!(!names_version(list, r#"W/"3""#), "{list}");
        }
    }

    #[test]
    fn err_1_err_6_a_problem_of_any_part_becomes_an_error_body() {
        let problem = Problem::new(ErrorCode::Unauthenticated, "Send a token.");
        let expected = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "401", "detail": "Send a token.",
        });
        assert_eq!(error_of(&problem), expected);
        let kind = |code| error_of(&Problem::new(code, ""))["scimType"].clone();
        assert_eq!(kind(ErrorCode::MalformedJson), "invalidSyntax");
        assert_eq!(kind(ErrorCode::ValidationFailed), "invalidValue");
        assert_eq!(kind(ErrorCode::AlreadyExists), "uniqueness");
        assert_eq!(kind(ErrorCode::LastAdmin), Value::Null);
    }
}
