//! Lists as the database gives them: a checked selection becomes one statement over declared columns.

mod statement;

use elder_kernel::collection::{Kind, Operand, Order, Picked, Selection};
use sea_orm::Value;
use serde_json::{Map, Value as Json};
use tokio_postgres::types::FromSql;
use uuid::Uuid;

use crate::database::{Conn, DbError, Row, Side};

/// Where a collection's rows lie.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    /// The table.
    pub table: &'static str,
    /// Other tables that the columns need.
    pub joins: &'static [Join],
    /// What is read of each row.
    pub columns: &'static str,
    /// The fields that are not compared by a column of their own name.
    pub stored: &'static [(&'static str, Stored)],
}

impl Source {
    /// The statement of a page with every value spelled out, for `EXPLAIN`. Lists run with parameters.
    pub fn spelled_out(&self, scope: &Scope, selection: &Selection) -> String {
        statement::spelled_out(self, scope, selection)
    }
}

/// A table beside the first one.
#[derive(Debug, Clone, Copy)]
pub struct Join {
    /// The table.
    pub table: &'static str,
    /// Which row of it belongs.
    pub on: &'static str,
    /// Whether a row without a partner is kept.
    pub is_optional: bool,
}

/// How a field is compared.
#[derive(Debug, Clone, Copy)]
pub enum Stored {
    /// By this expression.
    As(&'static str),
    /// By whether there is a row in `rows` whose `column` compares so.
    Among {
        /// The other rows: `table t where t.user_id = users.id`.
        rows: &'static str,
        /// What is compared.
        column: &'static str,
    },
}

/// Which rows of a table may be listed at all: a condition with its values.
#[derive(Debug, Clone)]
pub struct Scope {
    sql: &'static str,
    values: Vec<Value>,
}

impl Scope {
    /// The rows that fulfil `sql`, whose `$1`… are `values`.
    pub fn of(sql: &'static str, values: impl IntoIterator<Item = Value>) -> Self {
        Self { sql, values: values.into_iter().collect() }
    }

    /// Every row.
    pub fn everything() -> Self {
        Self::of("true", [])
    }
}

/// What a list has found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<T> {
    /// The rows of the page.
    pub rows: Vec<T>,
    /// Where the next page begins; none on the last one.
    pub next: Option<Vec<Operand>>,
    /// How many rows there are on all pages, if that was asked.
    pub total: Option<u64>,
}

impl<T> Found<T> {
    /// The page of a collection that lies in memory; `shown` is how a row looks in JSON.
    pub fn in_memory(selection: &Selection, rows: Vec<T>, shown: impl Fn(&T) -> Map<String, Json>) -> Self {
        let Picked { rows, total } = selection.pick(rows, &shown);
        let (rows, last) = cut(rows, selection);
        let next = last.and_then(|at| rows.get(at)).map(|row| selection.place(&shown(row)));
        Self { rows, next, total }
    }

    /// The same page with each row turned into something else.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Found<U> {
        Found { rows: self.rows.into_iter().map(turn).collect(), next: self.next, total: self.total }
    }
}

/// Takes away the one row that is read beyond the page, and says which row is then the last, if there was one.
fn cut<T>(mut rows: Vec<T>, selection: &Selection) -> (Vec<T>, Option<usize>) {
    let size = usize::try_from(selection.limit.get()).unwrap_or(usize::MAX);
    let last = (rows.len() > size).then(|| size.saturating_sub(1));
    rows.truncate(size);
    (rows, last)
}

impl<S: Side> Conn<S> {
    /// Lists what `selection` asks for among the rows of `scope`; `read` makes a resource of a row.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn list<T>(
        &self,
        source: &Source,
        scope: &Scope,
        selection: &Selection,
        read: impl Fn(&Row) -> Result<T, DbError>,
    ) -> Result<Found<T>, DbError> {
        let total = if selection.include_total {
            let (sql, values) = statement::count(source, scope, selection);
            let row = self.once(&sql, values).await?.into_iter().next();
            row.map(|row| row.get::<i64>("total")).transpose()?.map(i64::unsigned_abs)
        } else {
            None
        };
        let (sql, values) = statement::page(source, scope, selection);
        let rows = if selection.is_plain() {
            self.repeated(&sql, values).await?
        } else {
            self.once(&sql, values).await?
        };
        let (rows, last) = cut(rows, selection);
        let next = last.and_then(|at| rows.get(at)).map(|row| place(row, selection)).transpose()?;
        Ok(Found { rows: rows.iter().map(read).collect::<Result<_, _>>()?, next, total })
    }
}

/// A row's values of the order's keys.
fn place(row: &Row, selection: &Selection) -> Result<Vec<Operand>, DbError> {
    selection.order.keys().iter().enumerate().map(|(index, key)| operand(row, index, key)).collect()
}

fn operand(row: &Row, index: usize, key: &Order) -> Result<Operand, DbError> {
    fn read<'a, T: FromSql<'a>>(row: &'a Row, index: usize) -> Result<T, DbError> {
        row.get(&statement::key_name(index))
    }
    if key.field.has_gaps() {
        return Ok(read::<Option<_>>(row, index)?.map_or(Operand::Null, Operand::Time));
    }
    Ok(match key.field.kind {
        Kind::Bool => Operand::Bool(read(row, index)?),
        Kind::Integer => Operand::Integer(read(row, index)?),
        Kind::Time => Operand::Time(read(row, index)?),
        Kind::Id(..) => Operand::Id(read::<Uuid>(row, index)?),
        Kind::Text | Kind::Folded | Kind::Word(_) | Kind::Opaque => Operand::Text(read(row, index)?),
    })
}
