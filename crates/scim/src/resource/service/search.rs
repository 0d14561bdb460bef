//! Finding resources: from an index where the query allows it, else by reading the directory.

use std::collections::HashMap;

use elder_access::TenantConn;
use elder_kernel::{Id, ScimGroup, User, filter::Filter};
use elder_scim_protocol::{
    error::{ScimError, ScimType},
    filter::{Asked, Lookup, lookup, matches},
    list::PageRequest,
    order::{Order, SortKey},
    query::Query as Question,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{complete, fill, repository};
use crate::{
    Error,
    resource::{Pushable, Pushed, Within},
};

/// How many resources are read at a time where no index helps.
const BATCH: u64 = 500;
/// Most resources that a filter or an order without an index is put to.
const MOST_READ: u64 = 100_000;
/// Most resources of one `externalId`, and most groups of one member, that a filter is put to.
const MOST_ALIKE: u64 = 1_000;

/// Where resources are read, and how they are shown.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) conn: &'a TenantConn,
    pub(crate) within: Within,
    pub(crate) base_url: &'a str,
}

/// Which of the matches are asked for.
#[derive(Debug, Clone)]
pub(crate) enum Window {
    /// Those from this number on (from 0), so many at most.
    From(u64, u64),
    /// Those behind this place, so many at most; from the first, if there is none.
    Behind(Option<Place>, u64),
}

/// Where a page ends: the last resource, by what it is sorted by and by its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    key: SortKey,
    id: Uuid,
}

/// A page.
pub(crate) struct Found {
    pub(crate) resources: Vec<Value>,
    /// How many matches there are, where that is known without counting for it.
    pub(crate) total: Option<u64>,
    /// Where the next page begins, if there is one.
    pub(crate) next: Option<Place>,
}

impl From<PageRequest> for Window {
    fn from(page: PageRequest) -> Self {
        Self::From(page.start_index - 1, page.count)
    }
}

/// The matches of a question about resources of one kind, as far as the window shows them.
pub(crate) async fn find<K: Pushable>(
    reader: Reader<'_>,
    question: &Question,
    window: Window,
) -> Result<Found, Error> {
    let is_in_order = question.order.as_ref().is_none_or(Order::is_by_name);
    let page = match &question.filter {
        None if is_in_order => straight::<K>(reader, question, window).await?,
        filter => searched::<K>(reader, question, (filter.as_ref(), window)).await?,
    };
    let Page { mut rows, total, next } = page;
    complete(reader.conn, reader.within, (reader.base_url, &question.projection), &mut rows).await?;
    let resources = rows.iter().map(|row| question.projection.project(&row.shown(reader.base_url))).collect();
    Ok(Found { resources, total, next })
}

/// A page of rows.
struct Page<K> {
    rows: Vec<Pushed<K>>,
    total: Option<u64>,
    next: Option<Place>,
}

/// All resources in the order of an index: nothing is read but the page.
async fn straight<K: Pushable>(
    reader: Reader<'_>,
    question: &Question,
    window: Window,
) -> Result<Page<K>, Error> {
    let (conn, within) = (reader.conn, reader.within);
    let read = async |place: Option<Place>, offset, most| match &question.order {
        None => repository::after_id(conn, within, (place.map(|place| place.id), offset, most)).await,
        Some(order) => {
            let name = place.and_then(|place| match place.key {
                SortKey::Text(name) => Some(name),
                _ => None,
            });
            let behind = (order.is_descending, name, offset, most);
            repository::in_order_of_names(conn, within, behind).await
        }
    };
    match window {
        Window::From(skip, count) => {
            let rows: Vec<_> = if count == 0 { Vec::new() } else { read(None, skip, count).await? };
            let seen = size(&rows);
            // Where the list ends within the page, its length is known.
            let ends = seen < count && (seen > 0 || skip == 0);
            let total = if ends { skip + seen } else { repository::count::<K>(conn, within).await? };
            Ok(Page { rows, total: Some(total), next: None })
        }
        Window::Behind(place, count) => {
            let mut rows: Vec<_> = read(place, 0, count.saturating_add(1)).await?;
            let goes_on = size(&rows) > count;
            rows.truncate(usize::try_from(count).unwrap_or(usize::MAX));
            let next = rows.last().filter(|_| goes_on).map(|row| place_of(row, question, reader.base_url));
            Ok(Page { rows, total: None, next })
        }
    }
}

fn place_of<K: Pushable>(row: &Pushed<K>, question: &Question, base_url: &str) -> Place {
    let key = question.order.as_ref().map(|order| order.key(&row.shown(base_url)));
    Place { key: key.unwrap_or(SortKey::Nothing), id: row.id.uuid() }
}

/// The matches of a filter, or of all resources those in an order that no index has. What is found is kept as keys, so
/// that a large directory takes little memory, and its page is read again.
async fn searched<K: Pushable>(
    reader: Reader<'_>,
    question: &Question,
    (filter, window): (Option<&Filter>, Window),
) -> Result<Page<K>, Error> {
    let mut at_hand = HashMap::new();
    let mut hits = Vec::new();
    match indexed::<K>(reader, filter).await? {
        Some(mut candidates) => {
            hits = hits_among(reader, question, &mut candidates).await?;
            at_hand.extend(candidates.into_iter().map(|row| (row.id.uuid(), row)));
        }
        None => walk::<K>(reader, question, &mut hits).await?,
    }
    let is_descending = question.order.as_ref().is_some_and(|order| order.is_descending);
    let by_key = |a: &Place, b: &Place| {
        let by_key = a.key.cmp(&b.key);
        if is_descending { by_key.reverse() } else { by_key }.then(a.id.cmp(&b.id))
    };
    hits.sort_by(by_key);
    let (skip, count) = match &window {
        Window::From(skip, count) => (*skip, *count),
        Window::Behind(None, count) => (0, *count),
        Window::Behind(Some(place), count) => {
            (size_of(hits.partition_point(|hit| by_key(hit, place).is_le())), *count)
        }
    };
    let total = size(&hits);
    let goes_on = matches!(window, Window::Behind(..)) && total > skip.saturating_add(count);
    let shown = hits.into_iter().skip(index(skip)).take(index(count)).collect::<Vec<_>>();
    let ids: Vec<_> = shown.iter().map(|place| place.id).collect();
    let missing: Vec<_> = ids.iter().filter(|id| !at_hand.contains_key(*id)).copied().collect();
    if !missing.is_empty() {
        let read = repository::by_ids::<K>(reader.conn, reader.within, &missing).await?;
        at_hand.extend(read.into_iter().map(|row| (row.id.uuid(), row)));
    }
    let rows = ids.iter().filter_map(|id| at_hand.remove(id)).collect();
    Ok(Page { rows, total: Some(total), next: shown.into_iter().last().filter(|_| goes_on) })
}

/// Those of the resources that match.
async fn hits_among<K: Pushable>(
    reader: Reader<'_>,
    question: &Question,
    rows: &mut [Pushed<K>],
) -> Result<Vec<Place>, Error> {
    if let Some(filter) = &question.filter {
        let asked = Asked::of(filter, K::TYPE, K::LIST);
        fill(reader.conn, reader.within, reader.base_url, (rows, &asked)).await?;
    }
    let hit = |row: &Pushed<K>| {
        let shown = row.shown(reader.base_url);
        let matches = question.filter.as_ref().is_none_or(|filter| matches(filter, &shown));
        matches.then(|| place_of(row, question, reader.base_url))
    };
    Ok(rows.iter().filter_map(hit).collect())
}

/// The resources among which all matches of a filter are, if an index gives them.
async fn indexed<K: Pushable>(
    reader: Reader<'_>,
    filter: Option<&Filter>,
) -> Result<Option<Vec<Pushed<K>>>, Error> {
    let (conn, within) = (reader.conn, reader.within);
    let Some(key) = filter.and_then(|filter| lookup(filter, K::TYPE)) else { return Ok(None) };
    let found = match (key, K::READS.by_listed) {
        (Lookup::Name(name), _) => repository::by_name(conn, within, &name).await?,
        (Lookup::Id(id), _) => match id.parse::<Id<K>>() {
            Ok(id) => repository::find(conn, within, id).await?.into_iter().collect(),
            Err(_) => Vec::new(),
        },
        (Lookup::ExternalId(id), _) => {
            repository::by_external_id(conn, within, (&id, MOST_ALIKE + 1)).await?
        }
        (Lookup::Listed(key), Some(sql)) => match member(&key) {
            Some(key) => repository::by_listed(conn, (sql, within), (key, MOST_ALIKE + 1)).await?,
            None => Vec::new(),
        },
        (Lookup::Listed(_), None) => return Ok(None),
    };
    if size(&found) > MOST_ALIKE { Err(too_many(MOST_ALIKE)) } else { Ok(Some(found)) }
}

/// The key of a member: the id of a user or of a group.
fn member(key: &str) -> Option<Uuid> {
    let user = key.parse::<Id<User>>().map(Id::uuid);
    user.or_else(|_| key.parse::<Id<ScimGroup>>().map(Id::uuid)).ok()
}

async fn walk<K: Pushable>(
    reader: Reader<'_>,
    question: &Question,
    hits: &mut Vec<Place>,
) -> Result<(), Error> {
    let (mut after, mut read) = (None, 0);
    loop {
        let mut batch: Vec<Pushed<K>> =
            repository::after_id(reader.conn, reader.within, (after, 0, BATCH)).await?;
        hits.extend(hits_among(reader, question, &mut batch).await?);
        read += size(&batch);
        if size(&batch) < BATCH {
            return Ok(());
        }
        if read >= MOST_READ {
            return Err(too_many(MOST_READ));
        }
        after = batch.last().map(|row| row.id.uuid());
    }
}

fn too_many(bound: u64) -> Error {
    let detail =
        format!("more than {bound} resources would have to be read: ask for a name or an externalId");
    ScimError::new(ScimType::TooMany, detail).into()
}

fn size<T>(list: &[T]) -> u64 {
    size_of(list.len())
}

fn size_of(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
