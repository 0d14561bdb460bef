//! Path and query parameters, with the problem documents of the API.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use elder_kernel::ErrorCode;
use garde::Validate;
use serde::de::DeserializeOwned;

use crate::Problem;

/// The ids in a path.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Path<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let parsed = web::Path::<T>::from_request(request, payload).into_inner();
        ready(match parsed {
            Ok(path) => Ok(Self(path.into_inner())),
            Err(error) => {
                Err(Problem::new(ErrorCode::InvalidId, format!("The path has an invalid id: {error}.")))
            }
        })
    }
}

/// The parameters of a query.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Validate<Context = ()>> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let refused = |detail: String| Problem::new(ErrorCode::InvalidParameter, detail);
        let query = request.query_string();
        if query.contains("%00") {
            return ready(Err(refused("A parameter may not hold the character U+0000.".to_owned())));
        }
        ready(
            web::Query::<T>::from_query(query)
                .map_err(|error| refused(format!("The query is not valid: {error}.")))
                .and_then(|query| match query.validate() {
                    Ok(()) => Ok(Self(query.into_inner())),
                    Err(report) => {
                        Err(refused(format!("The query is not valid: {report}").trim_end().to_owned()))
                    }
                }),
        )
    }
}
