//! What is downloaded: a file or a part of it, piece by piece out of the database.

use std::ops::Range;

use bytes::Bytes;
use elder_access::{Access, Action, Event, Permission, Write};
use elder_kernel::{Id, Kind};
use futures_util::{Stream, stream};

use super::{Shelf, repository};
use crate::file::CHUNK;

/// A file that may be downloaded.
#[derive(Debug)]
pub struct File<K: Kind> {
    pub(crate) shelf: &'static Shelf,
    pub(crate) id: Id<K>,
    /// What it is called where it is stored.
    pub(crate) name: String,
    pub(crate) media_type: &'static str,
    /// What names this very state of it (RFC 9110 §8.8.3).
    pub(crate) tag: String,
    /// Bytes.
    pub(crate) size: u64,
}

impl<K: Kind> File<K> {
    /// The file of this SHA-256 and size, under this name.
    pub fn new(
        (shelf, id): (&'static Shelf, Id<K>),
        (name, media_type): (String, &'static str),
        (sha256, size): (&str, i64),
    ) -> Self {
        Self { shelf, id, name, media_type, tag: format!("\"{sha256}\""), size: size.unsigned_abs() }
    }

    /// The event that tells of the download of the whole or a part.
    pub fn read_by(&self, action: Action, part: Option<&Range<u64>>) -> Event {
        let event =
            Event::on(action, self.id).with("sha256", self.tag.trim_matches('"')).with("size", self.size);
        match part {
            Some(part) => event.with("part", format!("{}-{}", part.start, part.end.saturating_sub(1))),
            None => event,
        }
    }
}

/// Why a download breaks off: what is sent no longer is the file, and its reader can see that it ends too early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    /// The database.
    #[error(transparent)]
    Database(#[from] elder_access::DbError),
    /// There is no such file any more.
    #[error("the file was deleted while it was downloaded")]
    Gone,
}

/// Reads a part of a file for as long as the caller goes on.
pub(crate) fn pieces<P: Permission<Mode = Write>, K: Kind>(
    access: Access<P>,
    (shelf, id): (&'static Shelf, Id<K>),
    part: Range<u64>,
) -> impl Stream<Item = Result<Bytes, Broken>> {
    stream::try_unfold((access, part), move |(access, part)| async move {
        if part.is_empty() {
            return Ok(None);
        }
        let piece = piece(&access, (shelf, id), &part).await?;
        let rest = part.start + piece.len() as u64..part.end;
        Ok(Some((piece, (access, rest))))
    })
}

/// The bytes of one chunk that belong to the part, which begins in it.
async fn piece<P: Permission<Mode = Write>, K: Kind>(
    access: &Access<P>,
    (shelf, id): (&'static Shelf, Id<K>),
    part: &Range<u64>,
) -> Result<Bytes, Broken> {
    let tx = access.begin().await?;
    let (number, first) = (part.start / CHUNK as u64, part.start % CHUNK as u64);
    let number = i32::try_from(number).map_err(|_| Broken::Gone)?;
    let chunk = repository::chunk(&tx, shelf, (tx.tenant(), id), number).await?.ok_or(Broken::Gone)?;
    let last = (first + (part.end - part.start)).min(chunk.len() as u64);
    let place = |place: u64| usize::try_from(place).unwrap_or(usize::MAX);
    let bytes = chunk.get(place(first)..place(last)).filter(|bytes| !bytes.is_empty()).ok_or(Broken::Gone)?;
    Ok(Bytes::copy_from_slice(bytes))
}
