//! Paging by keyset: the next page begins after the last row of this one, so page 10,000 costs what page 1 costs.

use actix_web::{HttpResponse, http::header};
use elder_crypto::Cursors;
use elder_http::{Address, ListQuery, Problem};
use elder_kernel::{
    Coded, ErrorCode, Page,
    collection::{Collection, Operand, Selection},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    doors::{Access, Myself, Operator, Own},
    listing::Found,
    permissions::Permission,
};

/// Reads and makes the cursors of one list. They are sealed and bound to tenant, path, filter and order.
pub struct Pager<'a> {
    cursors: &'a Cursors,
    scope: String,
    address: &'a Address,
    selection: Selection,
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

impl<'a> Pager<'a> {
    fn new<C: Collection, M>(
        cursors: &'a Cursors,
        whose: &str,
        query: &'a ListQuery<C, M>,
    ) -> Result<Self, InvalidCursor> {
        let (address, mut selection) = (query.address(), query.selection.clone());
        let scope = format!("{whose}|{}", address.scope());
        if let Some(cursor) = &query.cursor {
            let place: Vec<Operand> = cursors.decode(&scope, cursor).map_err(|_| InvalidCursor)?;
            if !selection.continue_behind(place) {
                return Err(InvalidCursor);
            }
        }
        Ok(Self { cursors, scope, address, selection })
    }

    /// What the page is to have.
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// The answer: the page, with a `Link` header (RFC 8288) to the next one.
    ///
    /// # Errors
    /// `internal_error` if a resource has no JSON form: a defect of ours.
    pub fn answer<T: Serialize>(&self, found: Found<T>) -> Result<HttpResponse, Problem> {
        let Found { rows, next, total } = found;
        let next_cursor = next.map(|place| self.cursors.encode(&self.scope, &place)).transpose();
        let next_cursor = next_cursor.map_err(|_| InvalidCursor)?;
        let mut answer = HttpResponse::Ok();
        if let Some(cursor) = &next_cursor {
            answer.insert_header((header::LINK, format!("<{}>; rel=\"next\"", self.address.at(cursor))));
        }
        let Some(fields) = &self.selection.fields else {
            return Ok(answer.json(Page { data: rows, next_cursor, total }));
        };
        let data: Result<Vec<_>, _> = rows.iter().map(|row| thinned(row, fields)).collect();
        let unreadable = |error: serde_json::Error| Problem::new(ErrorCode::InternalError, error.to_string());
        Ok(answer.json(Page { data: data.map_err(unreadable)?, next_cursor, total }))
    }
}

/// A resource with these fields alone.
fn thinned<T: Serialize>(resource: &T, fields: &[&str]) -> Result<Value, serde_json::Error> {
    let mut resource = serde_json::to_value(resource)?;
    if let Value::Object(all) = &mut resource {
        all.retain(|name, _| fields.contains(&name.as_str()));
    }
    Ok(resource)
}

impl<P: Permission> Access<P> {
    /// The place that a cursor of `list` leads to: for a list whose protocol has a page of its own. Cursors are bound to
    /// the tenant, and to whatever else the name of the list says.
    ///
    /// # Errors
    /// [`InvalidCursor`].
    pub fn place<T: DeserializeOwned>(&self, list: &str, cursor: &str) -> Result<T, InvalidCursor> {
        self.cursors().decode(&self.scope_of(list), cursor).map_err(|_| InvalidCursor)
    }

    /// The cursor that leads to a place of `list`.
    ///
    /// # Errors
    /// [`InvalidCursor`] if the place is too long for one.
    pub fn cursor<T: Serialize>(&self, list: &str, place: &T) -> Result<String, InvalidCursor> {
        self.cursors().encode(&self.scope_of(list), place).map_err(|_| InvalidCursor)
    }

    fn scope_of(&self, list: &str) -> String {
        format!("{}|{list}", self.tenant())
    }

    /// The pager of a list of this tenant.
    ///
    /// # Errors
    /// [`InvalidCursor`].
    pub fn pager<'a, C: Collection, M>(
        &'a self,
        query: &'a ListQuery<C, M>,
    ) -> Result<Pager<'a>, InvalidCursor> {
        Pager::new(self.cursors(), &self.tenant().to_string(), query)
    }
}

impl<A: Own> Myself<A> {
    /// The pager of a list of one's own.
    ///
    /// # Errors
    /// [`InvalidCursor`].
    pub fn pager<'a, C: Collection, M>(
        &'a self,
        query: &'a ListQuery<C, M>,
    ) -> Result<Pager<'a>, InvalidCursor> {
        Pager::new(self.cursors(), &format!("{}|{}", self.tenant(), self.user()), query)
    }
}

impl<P: Permission> Operator<P> {
    /// The pager of a list over all tenants.
    ///
    /// # Errors
    /// [`InvalidCursor`].
    pub fn pager<'a, C: Collection, M>(
        &'a self,
        query: &'a ListQuery<C, M>,
    ) -> Result<Pager<'a>, InvalidCursor> {
        Pager::new(self.cursors(), "platform", query)
    }
}
