//! Which statements may travel through a transaction: those that read or change rows, and no other.
//!
//! Whatever else PostgreSQL knows would make the transaction another tenant's or outlive it in its connection, which
//! the next tenant borrows: a setting, a role, a savepoint under either, a temporary table, a cursor `WITH HOLD`,
//! `LISTEN`, a session's advisory lock. None of them gets out, so nothing has to be cleaned up behind it.

use std::sync::Arc;

use tokio_postgres::{Statement, types::Type};

use super::{DbError, lending::Lent};

/// What a statement on rows begins with.
const ON_ROWS: [&str; 5] = ["select", "insert", "update", "delete", "with"];

/// Functions that such a statement could call and that do more.
const BEYOND: [&str; 3] = ["set_config", "pg_advisory_lock", "pg_try_advisory_lock"];

/// A statement of ours that is none on rows: a defect.
#[derive(Debug, thiserror::Error)]
#[error("a transaction carries statements on rows alone, and not: {0}")]
struct NotOnRows(String);

/// Prepares a statement, or finds it prepared. A connection knows few, so that each is looked at once.
pub(super) async fn prepare(client: &Lent, sql: &str, types: &[Type]) -> Result<Statement, DbError> {
    let known = client.statement_cache.size();
    let statement = client.prepare_typed_cached(sql, types).await?;
    if client.statement_cache.size() > known && !is_on_rows(sql) {
        client.statement_cache.remove(sql, types);
        return Err(DbError::Driver(Arc::new(NotOnRows(sql.to_owned()))));
    }
    Ok(statement)
}

fn is_on_rows(sql: &str) -> bool {
    // The first of several queries may stand in parentheses.
    let start = sql.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '(');
    let first = start.split(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default();
    ON_ROWS.iter().any(|word| word.eq_ignore_ascii_case(first)) && !BEYOND.iter().any(|name| calls(sql, name))
}

/// Whether the name is there, in whatever case.
fn calls(sql: &str, name: &str) -> bool {
    sql.as_bytes().windows(name.len()).any(|part| part.eq_ignore_ascii_case(name.as_bytes()))
}

#[cfg(test)]
mod tests;
