//! Paging by keyset: the next page begins after the last row of this one, so page 10,000 costs what page 1 costs.

use elder_crypto::Cursors;
use elder_kernel::{Coded, ErrorCode, Limit, Page};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    doors::{Access, Myself, Operator},
    permissions::Permission,
};

/// Reads and makes the cursors of one list. They are sealed and bound to tenant, list and filter.
pub struct Pager<'a> {
    cursors: &'a Cursors,
    scope: String,
    limit: Limit,
}

/// A cursor that was altered, or belongs to another list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor does not belong to this list: start again without one")]
pub struct InvalidCursor;

impl Coded for InvalidCursor {
    fn code(&self) -> ErrorCode {
        ErrorCode::InvalidCursor
    }
}

impl Pager<'_> {
    /// Where the page begins; none for the first.
    ///
    /// # Errors
    /// [`InvalidCursor`].
    pub fn after<C: DeserializeOwned>(&self, cursor: Option<&str>) -> Result<Option<C>, InvalidCursor> {
        cursor.map(|cursor| self.cursors.decode(&self.scope, cursor).map_err(|_| InvalidCursor)).transpose()
    }

    /// How many rows to ask for: one more than the page holds, to see whether there is another.
    pub fn rows(&self) -> u64 {
        self.limit.get() + 1
    }

    /// Makes the page of the rows that were found; `key` is what [`Self::after`] gives back.
    ///
    /// # Errors
    /// [`InvalidCursor`] if a key has no JSON form.
    pub fn page<T, C: Serialize>(
        &self,
        mut rows: Vec<T>,
        key: impl Fn(&T) -> C,
    ) -> Result<Page<T>, InvalidCursor> {
        let size = usize::try_from(self.limit.get()).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        let last = rows.last().filter(|_| more);
        let next = last.map(|last| self.cursors.encode(&self.scope, &key(last)));
        Ok(Page { next_cursor: next.transpose().map_err(|_| InvalidCursor)?, data: rows })
    }
}

impl<P: Permission> Access<P> {
    /// The pager of a list of this tenant; `filter` is whatever else decides which rows it has.
    pub fn pager(&self, list: &str, filter: &str, limit: Option<Limit>) -> Pager<'_> {
        let scope = format!("{}|{list}|{filter}", self.tenant());
        Pager { cursors: self.cursors(), scope, limit: limit.unwrap_or_default() }
    }
}

impl Myself {
    /// The pager of a list of one's own.
    pub fn pager(&self, list: &str, limit: Option<Limit>) -> Pager<'_> {
        let scope = format!("{}|{}|{list}", self.tenant(), self.user());
        Pager { cursors: self.cursors(), scope, limit: limit.unwrap_or_default() }
    }
}

impl<P: Permission> Operator<P> {
    /// The pager of a list over all tenants.
    pub fn pager(&self, list: &str, filter: &str, limit: Option<Limit>) -> Pager<'_> {
        let scope = format!("platform|{list}|{filter}");
        Pager { cursors: self.cursors(), scope, limit: limit.unwrap_or_default() }
    }
}
