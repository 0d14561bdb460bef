//! The end of an operation, told in every answer of it: `Deprecation` (RFC 9745) and `Sunset` (RFC 8594).

use std::time::SystemTime;

use actix_web::{
    Error, Route,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap, HeaderName, HeaderValue, HttpDate},
    middleware::{Next, from_fn},
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde_json::{Value, json};

/// Since when an operation should not be used, and until when it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deprecation {
    /// The day since which it is deprecated.
    pub since: NaiveDate,
    /// The day on which it goes away, if that is settled.
    pub sunset: Option<NaiveDate>,
    /// The page that says what to use instead.
    pub link: &'static str,
}

impl Deprecation {
    /// A day of the calendar. In a constant, one that does not exist does not compile.
    pub const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        let found = NaiveDate::from_ymd_opt(year, month, day);
        assert!(found.is_some(), "there is no such day");
        match found {
            Some(day) => day,
            None => NaiveDate::MIN,
        }
    }

    /// Puts the headers into every answer of a route, refusals too.
    pub(crate) fn announced_by(self, route: Route) -> Route {
        route.wrap(from_fn(move |request, next| announce(self, request, next)))
    }

    /// What the API's document says of it beside `deprecated`.
    pub(crate) fn description(self) -> Value {
        json!({ "since": self.since, "sunset": self.sunset, "link": self.link })
    }

    fn write(self, headers: &mut HeaderMap) {
        let since = format!("@{}", midnight(self.since).timestamp());
        let sunset = self.sunset.map(|day| HttpDate::from(SystemTime::from(midnight(day))).to_string());
        let link = format!("<{}>; rel=\"deprecation\"; type=\"text/html\"", self.link);
        let lines = [
            (HeaderName::from_static("deprecation"), Some(since)),
            (HeaderName::from_static("sunset"), sunset),
            (header::LINK, Some(link)),
        ];
        for (name, text) in lines {
            if let Some(Ok(value)) = text.as_deref().map(HeaderValue::from_str) {
                // A list has a `Link` of its own.
                headers.append(name, value);
            }
        }
    }
}

async fn announce<B: MessageBody + 'static>(
    deprecation: Deprecation,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = next.call(request).await?.map_into_boxed_body();
    deprecation.write(response.headers_mut());
    Ok(response)
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headers_have_the_forms_of_their_rfcs() {
        let day = |month| Deprecation::day(2027, month, 1);
        let mut headers = HeaderMap::new();
        headers.append(header::LINK, HeaderValue::from_static("</next>; rel=\"next\""));
        Deprecation { since: day(1), sunset: Some(day(7)), link: "/docs/old" }.write(&mut headers);
        assert_eq!(headers.get("deprecation").unwrap(), "@1798761600");
        assert_eq!(headers.get("sunset").unwrap(), "Thu, 01 Jul 2027 00:00:00 GMT");
        let links: Vec<_> = headers.get_all(header::LINK).collect();
        assert_eq!(links, ["</next>; rel=\"next\"", "</docs/old>; rel=\"deprecation\"; type=\"text/html\""]);
        let mut headers = HeaderMap::new();
        Deprecation { since: day(1), sunset: None, link: "/docs/old" }.write(&mut headers);
        assert!(!headers.contains_key("sunset"));
    }
}
