//! Which part of a file a request asks for (RFC 9110 §14), so that a download that broke off can go on.

use std::{
    future::{Ready, ready},
    ops::Range,
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, Header as _, HeaderName},
};
use elder_http::Problem;
use elder_kernel::Kind;

use crate::{Error, file::File};

/// What `Range` and `If-Range` say.
#[derive(Debug, Default)]
pub struct Wanted {
    range: Option<header::Range>,
    only_of: Option<String>,
}

/// There is no byte at the place where the part would begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Beyond;

impl Wanted {
    /// The bytes of a file to answer with; none for the whole of it.
    ///
    /// # Errors
    /// [`Error::Beyond`] if the part begins behind the end.
    pub fn part_of<K: Kind>(&self, file: &File<K>) -> Result<Option<Range<u64>>, Error> {
        self.of(&file.tag, file.size).map_err(|Beyond| Error::Beyond(file.size))
    }

    /// The bytes to answer with; none for the whole file. A range that cannot be read, or of several parts, or of another
    /// state of the file, is not heeded: RFC 9110 §14.2 leaves that open, and the whole is what it is about.
    ///
    /// # Errors
    /// [`Beyond`] if the range begins behind the end.
    fn of(&self, tag: &str, size: u64) -> Result<Option<Range<u64>>, Beyond> {
        if self.only_of.as_ref().is_some_and(|only| only != tag) {
            return Ok(None);
        }
        match &self.range {
            Some(header::Range::Bytes(ranges)) => match ranges.as_slice() {
                [range] => {
                    let (first, last) = range.to_satisfiable_range(size).ok_or(Beyond)?;
                    Ok(Some(first..last + 1))
                }
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }
}

impl FromRequest for Wanted {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = |name: HeaderName| {
            request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let range = request.headers().contains_key(header::RANGE);
        let range = range.then(|| header::Range::parse(request).ok()).flatten();
        ready(Ok(Self { range, only_of: text(header::IF_RANGE) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(range: &str, only_of: Option<&str>) -> Result<Option<Range<u64>>, Beyond> {
        let range = range.parse().ok();
        Wanted { range, only_of: only_of.map(str::to_owned) }.of("\"a\"", 10)
    }

    #[test]
    fn one_range_is_a_part_and_what_is_none_is_the_whole() {
        assert_eq!(wanted("bytes=0-3", None), Ok(Some(0..4)));
        assert_eq!(wanted("bytes=4-", None), Ok(Some(4..10)));
        assert_eq!(wanted("bytes=-3", None), Ok(Some(7..10)));
        assert_eq!(wanted("bytes=8-99", None), Ok(Some(8..10)));
        for whole in ["bytes=0-1,4-5", "lines=0-1", "bytes=x"] {
            assert_eq!(wanted(whole, None), Ok(None), "{whole}");
        }
    }

    #[test]
    fn a_range_behind_the_end_is_none_and_of_another_state_it_is_not_heeded() {
        assert_eq!(wanted("bytes=10-", None), Err(Beyond));
        assert_eq!(wanted("bytes=2-", Some("\"a\"")), Ok(Some(2..10)));
        assert_eq!(wanted("bytes=2-", Some("\"b\"")), Ok(None));
        assert_eq!(wanted("bytes=10-", Some("\"b\"")), Ok(None));
    }
}
