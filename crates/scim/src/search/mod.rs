//! Searching all types of resources at once (RFC 7644 §3.4.2.1): first the users, then the groups.

pub(crate) mod routes;

use elder_kernel::{ScimGroup, User};
use elder_scim_protocol::{list::PageRequest, query::Query as Question};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Error,
    resource::service::{Found, Place, Reader, Window, find},
};

/// Where a page ends: in which type, and behind which of its resources; before the first, if there is none.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Across {
    kind: usize,
    place: Option<Place>,
}

/// A page by index, with the number of all matches.
async fn page(
    reader: Reader<'_>,
    questions: &[Question],
    page: PageRequest,
) -> Result<(Vec<Value>, u64), Error> {
    let (mut resources, mut total) = (Vec::new(), 0);
    let (mut skip, mut left) = (page.start_index - 1, page.count);
    for (kind, question) in questions.iter().enumerate() {
        let found = of_kind(reader, (kind, question), Window::From(skip, left)).await?;
        let matches = found.total.unwrap_or_default();
        total += matches;
        skip = skip.saturating_sub(matches);
        left = left.saturating_sub(size(&found.resources));
        resources.extend(found.resources);
    }
    Ok((resources, total))
}

/// A page behind a cursor, and where the next one begins.
async fn behind(
    reader: Reader<'_>,
    questions: &[Question],
    (from, count): (Across, u64),
) -> Result<(Vec<Value>, Option<Across>), Error> {
    let (mut resources, mut place, mut left) = (Vec::new(), from.place, count);
    for (kind, question) in questions.iter().enumerate().skip(from.kind) {
        let found = of_kind(reader, (kind, question), Window::Behind(place.take(), left)).await?;
        left = left.saturating_sub(size(&found.resources));
        resources.extend(found.resources);
        let next = match found.next {
            Some(place) => Some(Across { kind, place: Some(place) }),
            None => {
                (left == 0 && kind + 1 < questions.len()).then_some(Across { kind: kind + 1, place: None })
            }
        };
        if next.is_some() {
            return Ok((resources, next));
        }
    }
    Ok((resources, None))
}

async fn of_kind(
    reader: Reader<'_>,
    (kind, question): (usize, &Question),
    window: Window,
) -> Result<Found, Error> {
    match kind {
        0 => find::<User>(reader, question, window).await,
        _ => find::<ScimGroup>(reader, question, window).await,
    }
}

fn size(list: &[Value]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}
