//! A connection that exists only inside a transaction whose tenant is set, under sea-orm's entities.

use std::{
    marker::PhantomData,
    sync::{Mutex as SyncMutex, PoisonError},
};

use futures_util::{FutureExt as _, future::join_all, join};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, FromQueryResult, ProxyExecResult, QueryResult, Statement,
    Value, Values,
};
use sea_query_postgres::{PostgresValue, PostgresValues};
use tokio::sync::{Mutex, MutexGuard};
use tracing::Instrument as _;

use super::{DbError, Pool, Row, lending::Lent, progress::Progress, row, statement};
use elder_kernel::TenantId;

/// For a statement that comes once.
const PLAN_FOR_VALUES: &str = "SET LOCAL plan_cache_mode = force_custom_plan";

/// Marks a connection of the application role: one tenant.
#[derive(Debug)]
pub enum Tenant {}
/// Marks a connection of the platform role: all tenants.
#[derive(Debug)]
pub enum Platform {}

/// One of the two database roles.
pub trait Side: Send + Sync + 'static {}
impl Side for Tenant {}
impl Side for Platform {}

/// A connection inside a transaction. Only the gate makes one.
///
/// A reading one sends `BEGIN READ ONLY; SET LOCAL …`, the query and `COMMIT` in one flush for every query: one round
/// trip, nothing stays open, and READ COMMITTED gives each query a snapshot of its own anyway. A writing one begins
/// with its first statement and is ended by `commit` or by being dropped.
pub struct Conn<S: Side> {
    client: Option<Lent>,
    opening: Opening,
    progress: Mutex<Progress>,
    /// What goes out with `COMMIT`.
    last: SyncMutex<Vec<(&'static str, PostgresValues)>>,
    side: PhantomData<fn() -> S>,
}

/// Sees one tenant.
pub type TenantConn = Conn<Tenant>;
/// Sees every tenant.
pub type PlatformConn = Conn<Platform>;

/// How a transaction begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Opening {
    pub(crate) tenant: Option<TenantId>,
    pub(crate) writes: bool,
}

impl Opening {
    /// The tenant is a number of ours, so the text cannot be bent.
    pub(super) fn sql(self) -> String {
        let begin = if self.writes { "BEGIN" } else { "BEGIN READ ONLY" };
        match self.tenant {
            Some(TenantId(tenant)) => format!("{begin}; SET LOCAL app.current_tenant_id = '{tenant}'"),
            None => begin.to_owned(),
        }
    }
}

impl<S: Side> Conn<S> {
    pub(crate) async fn take(pool: &Pool, opening: Opening) -> Result<Self, DbError> {
        let client = Some(pool.get().await?);
        Ok(Self {
            client,
            opening,
            progress: Mutex::default(),
            last: SyncMutex::default(),
            side: PhantomData,
        })
    }

    /// Runs a query of our own and reads the rows into `T` by column name.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn rows<T: FromQueryResult>(
        &self,
        sql: &'static str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<T>, DbError> {
        let rows = self.query(sql, params(values)).await?;
        rows.iter().map(|row| Ok(T::from_query_result(&row::query_result(row)?, "")?)).collect()
    }

    /// Like [`Self::rows`], for at most one row.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn row<T: FromQueryResult>(
        &self,
        sql: &'static str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<T>, DbError> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Runs a query of our own for its first row, without an entity: for the hottest look-ups.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn raw_row(
        &self,
        sql: &'static str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<Row>, DbError> {
        Ok(self.raw_rows(sql, values).await?.into_iter().next())
    }

    /// Like [`Self::raw_row`], for every row.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn raw_rows(
        &self,
        sql: &'static str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<Row>, DbError> {
        Ok(self.query(sql, params(values)).await?.into_iter().map(Row).collect())
    }

    /// Runs a statement that will come again in the same words: it stays prepared.
    pub(crate) async fn repeated(&self, sql: &str, values: Vec<Value>) -> Result<Vec<Row>, DbError> {
        Ok(self.query(sql, params(values)).await?.into_iter().map(Row).collect())
    }

    /// Runs a statement that a caller's filter has worded. It is planned for its values, and not kept: neither side
    /// would have an end of them.
    pub(crate) async fn once(&self, sql: &str, values: Vec<Value>) -> Result<Vec<Row>, DbError> {
        let (client, mut progress) = self.turn().await?;
        let values = params(values);
        let (types, params) = (values.as_types(), values.as_params());
        let typed: Vec<_> = params.into_iter().zip(types).collect();
        let ahead = progress.go_on(self.opening).map(|ahead| format!("{ahead}; "));
        let ahead = format!("{}{PLAN_FOR_VALUES}", ahead.unwrap_or_default());
        let ending =
            async { if self.opening.writes { Ok(()) } else { client.batch_execute("COMMIT").await } };
        let asked = async { join!(client.batch_execute(&ahead), client.query_typed(sql, &typed), ending) };
        let (begun, rows, ended) = asked.instrument(elder_telemetry::statement_span(sql)).await;
        begun?;
        let rows = rows?;
        ended?;
        client.heard();
        if !self.opening.writes {
            *progress = Progress::default();
        }
        Ok(rows.into_iter().map(Row).collect())
    }

    /// Runs a statement of our own and says how many rows it touched.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn run(
        &self,
        sql: &'static str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<u64, DbError> {
        self.execute(sql, params(values)).await
    }

    /// Runs a statement in the flush of `COMMIT`, and so without a round trip of its own: for a change that nothing else
    /// in the transaction reads, and of which nobody asks what it did. If it fails, so does the commit.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn run_last(
        &self,
        sql: &'static str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<(), DbError> {
        // One of several operations may be undone alone, and what has not been sent could not be.
        if self.progress.lock().await.has_savepoint() {
            return self.run(sql, values).await.map(drop);
        }
        self.last.lock().unwrap_or_else(PoisonError::into_inner).push((sql, params(values)));
        Ok(())
    }

    /// Runs the last statements and `COMMIT` in one flush.
    pub(crate) async fn finish(
        mut self,
        sql: &'static str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<(), DbError> {
        let mut last = std::mem::take(self.last.get_mut().unwrap_or_else(PoisonError::into_inner));
        last.push((sql, params(values)));
        let client = self.client.as_ref().ok_or_else(gone)?;
        let progress = self.progress.get_mut();
        if progress.owes_savepoint() {
            // Where a statement has failed, none can be prepared.
            send(client, progress.go_on(self.opening)).await?;
        }
        let mut prepared = Vec::with_capacity(last.len());
        for (sql, values) in &last {
            prepared.push((statement::prepare(client, sql, &values.as_types()).await?, values.as_params()));
        }
        let statements = prepared.iter().zip(&last).map(|((statement, params), (sql, _))| {
            client.execute(statement, params).instrument(elder_telemetry::statement_span(sql))
        });
        // `COMMIT` goes out with the rest, and ends the transaction whatever becomes of that.
        let ahead = std::mem::take(progress).go_on(self.opening);
        let (begun, done, committed) =
            join!(send(client, ahead), join_all(statements), client.batch_execute("COMMIT"));
        begun?;
        // Behind the first that fails PostgreSQL refuses the others, and `COMMIT` takes all back.
        done.into_iter().collect::<Result<Vec<_>, _>>()?;
        committed?;
        client.heard();
        Ok(())
    }

    async fn query(&self, sql: &str, values: PostgresValues) -> Result<Vec<tokio_postgres::Row>, DbError> {
        let (client, mut progress) = self.turn().await?;
        let (types, params) = (values.as_types(), values.as_params());
        if self.opening.writes {
            let ahead = progress.go_on(self.opening);
            return in_order(client, ahead, async {
                let statement = statement::prepare(client, sql, &types).await?;
                Ok(client.query(&statement, &params).await?)
            })
            .instrument(elder_telemetry::statement_span(sql))
            .await;
        }
        let statement = statement::prepare(client, sql, &types).await?;
        let opening = self.opening.sql();
        let asked = async {
            join!(
                client.batch_execute(&opening),
                client.query(&statement, &params),
                client.batch_execute("COMMIT"),
            )
        };
        let (begun, rows, ended) = asked.instrument(elder_telemetry::statement_span(sql)).await;
        begun?;
        let rows = rows?;
        ended?;
        client.heard();
        Ok(rows)
    }

    async fn execute(&self, sql: &str, values: PostgresValues) -> Result<u64, DbError> {
        let (client, mut progress) = self.turn().await?;
        let ahead = progress.go_on(self.opening);
        in_order(client, ahead, async {
            let statement = statement::prepare(client, sql, &values.as_types()).await?;
            Ok(client.execute(&statement, &values.as_params()).await?)
        })
        .instrument(elder_telemetry::statement_span(sql))
        .await
    }

    /// Sets a savepoint before the next statement, in its flush; the one before it is given up.
    pub(crate) async fn set_savepoint(&self) {
        self.progress.lock().await.set_savepoint();
    }

    /// Undoes what was done since the savepoint, before the next statement and in its flush.
    pub(crate) async fn return_to_savepoint(&self) {
        self.progress.lock().await.return_to_savepoint();
    }

    /// One statement at a time.
    async fn turn(&self) -> Result<(&Lent, MutexGuard<'_, Progress>), DbError> {
        let progress = self.progress.lock().await;
        Ok((self.client.as_ref().ok_or_else(gone)?, progress))
    }
}

/// Sends what has to go before a statement.
async fn send(client: &Lent, ahead: Option<String>) -> Result<(), tokio_postgres::Error> {
    match ahead {
        Some(ahead) => client.batch_execute(&ahead).await,
        None => Ok(()),
    }
}

/// Sends both in one flush. What goes ahead may be what lets the statement be prepared at all.
async fn in_order<T>(
    client: &Lent,
    ahead: Option<String>,
    statement: impl Future<Output = Result<T, DbError>>,
) -> Result<T, DbError> {
    let (ahead, done) = join!(send(client, ahead), statement);
    ahead?;
    if done.is_ok() {
        client.heard();
    }
    done
}

/// The client is there until the connection is dropped.
fn gone() -> DbError {
    DbError::unavailable(std::io::Error::from(std::io::ErrorKind::NotConnected))
}

fn params(values: impl IntoIterator<Item = Value>) -> PostgresValues {
    PostgresValues(values.into_iter().map(PostgresValue).collect())
}

impl<S: Side> Drop for Conn<S> {
    /// Puts `ROLLBACK` into the connection's queue before anyone else can: it is answered before the next borrower's
    /// first statement. One poll sends it; the answer is nobody's.
    fn drop(&mut self) {
        let open = self.progress.get_mut().is_open();
        if let Some(client) = self.client.take()
            && open
            && client.batch_execute("ROLLBACK").now_or_never().is_some_and(|sent| sent.is_err())
        {
            // It could not be sent: the connection is broken and must not be lent again.
            client.discard();
        }
    }
}

fn split(statement: Statement) -> (String, PostgresValues) {
    let Values(values) = statement.values.unwrap_or(Values(Vec::new()));
    (statement.sql, params(values))
}

#[async_trait::async_trait]
impl<S: Side> ConnectionTrait for Conn<S> {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let (sql, values) = split(statement);
        let rows_affected = self.execute(&sql, values).await?;
        Ok(ProxyExecResult { last_insert_id: 0, rows_affected }.into())
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let rows_affected = self.execute(sql, PostgresValues(Vec::new())).await?;
        Ok(ProxyExecResult { last_insert_id: 0, rows_affected }.into())
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let (sql, values) = split(statement);
        self.query(&sql, values).await?.iter().map(row::query_result).collect()
    }
}
