//! Lists of a large tenant: the last page beside the first, and one user by address beside the bare SELECT and beside
//! the floor, which asks it over HTTP.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use futures_util::join;
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, Statement, types::ToSql};

use crate::{
    cluster::Cluster,
    data,
    fault::Fault,
    http::Connection,
    operation::{self, PAGE},
    server::Server,
    sql,
    statistics::percentile_ms,
};

/// How often each is asked in a round.
const TIMES: u64 = 300;

/// Median milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) first: f64,
    pub(crate) last: f64,
    pub(crate) by_address: f64,
    /// The same row over HTTP, from the floor.
    pub(crate) floor: f64,
    /// The same row read over a connection of its own: the limit.
    pub(crate) bare: f64,
}

/// Somebody who reads the users of the large tenant, and has gone through all of them once.
pub(crate) struct Reader {
    address: SocketAddr,
    floor: SocketAddr,
    bearer: String,
    /// The path of the last page.
    last: String,
    /// How many users there are.
    pub(crate) users: u64,
    /// How many pages they fill.
    pub(crate) pages: u64,
    bare: Bare,
}

/// A connection to the database with nothing around it.
struct Bare {
    runtime: Runtime,
    client: Client,
    statement: Statement,
}

impl Reader {
    /// Signs in and goes through all `users`, page by page.
    pub(crate) fn walk(
        cluster: &Cluster,
        server: &Server,
        floor: &Server,
        users: u64,
    ) -> Result<Self, Fault> {
        let mut connection = Connection::open(server.address)?;
        let login = operation::login_to(&data::slug(data::LARGE_TENANT), &data::large_email(1));
        let body: Value = json(connection.exchange(&login)?.body);
        let token = body.get("access_token").and_then(Value::as_str).unwrap_or_default();
        let bearer = format!("Authorization: Bearer {token}\r\n");
        let bare = Bare::open(&cluster.url("elder_app"))?;
        let first = format!("/api/v2/users?limit={PAGE}");
        let (mut seen, mut pages, mut last) = (0, 0, first.clone());
        loop {
            let page = json(connection.exchange(&operation::get(&last, &bearer))?.body);
            seen += page.get("data").and_then(Value::as_array).map_or(0, |rows| rows.len() as u64);
            pages += 1;
            let Some(cursor) = page.get("next_cursor").and_then(Value::as_str) else { break };
            last = format!("{first}&cursor={cursor}");
        }
        if seen != users {
            return Err(Fault::broken(format!("all pages together show {seen} of {users} users")));
        }
        Ok(Self { address: server.address, floor: floor.address, bearer, last, users, pages, bare })
    }

    /// Asks for all in turn, so that what changes on the machine meets each.
    pub(crate) fn cost(&self) -> Result<Cost, Fault> {
        // The server ends a connection that nobody uses for a while.
        let (mut elder, mut floor) = (Connection::open(self.address)?, Connection::open(self.floor)?);
        let mut taken = [const { Vec::new() }; 5];
        for number in 0..TIMES {
            // Whoever asks first for a row brings it into memory: each asks for a user of their own.
            let email = |asker: u64| data::large_email((number * 3 + asker) * 7_919 % self.users + 1);
            let by_address = |asker| format!("/api/v2/users?filter=email%20eq%20%22{}%22", email(asker));
            let first = format!("/api/v2/users?limit={PAGE}");
            let times = [
                self.ask(&mut elder, &first, PAGE)?,
                self.ask(&mut elder, &self.last, PAGE)?,
                self.ask(&mut elder, &by_address(0), 1)?,
                self.ask(&mut floor, &by_address(1), 1)?,
                self.bare.read(&email(2))?,
            ];
            taken.iter_mut().zip(times).for_each(|(all, one)| all.push(one));
        }
        let [first, last, by_address, floor, bare] = taken.map(|mut all| {
            all.sort_unstable();
            percentile_ms(&all, 50)
        });
        Ok(Cost { first, last, by_address, floor, bare })
    }

    fn ask(&self, connection: &mut Connection, path: &str, rows: usize) -> Result<Duration, Fault> {
        let request = operation::get(path, &self.bearer);
        let begin = Instant::now();
        let answer = connection.exchange(&request)?;
        let taken = begin.elapsed();
        let body = json(answer.body);
        if body.get("data").and_then(Value::as_array).is_some_and(|data| data.len() == rows) {
            return Ok(taken);
        }
        Err(Fault::broken(format!("{path} does not show {rows} users: {body}")))
    }
}

impl Bare {
    fn open(database: &str) -> Result<Self, Fault> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (client, statement) = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(database, NoTls).await?;
            elder_telemetry::spawn("bare connection", connection);
            let statement = client.prepare(sql::BY_ADDRESS).await?;
            Ok::<_, Fault>((client, statement))
        })?;
        Ok(Self { runtime, client, statement })
    }

    /// A read-only transaction in one flush.
    fn read(&self, email: &str) -> Result<Duration, Fault> {
        let begin_read =
            format!("BEGIN READ ONLY; SET LOCAL app.current_tenant_id = '{}'", data::LARGE_TENANT);
        let values: [&(dyn ToSql + Sync); 2] = [&data::LARGE_TENANT, &email];
        let begin = Instant::now();
        let (begun, row, ended) = self.runtime.block_on(async {
            join!(
                self.client.batch_execute(&begin_read),
                self.client.query_one(&self.statement, &values),
                self.client.batch_execute("COMMIT"),
            )
        });
        begun.and(ended)?;
        row?;
        Ok(begin.elapsed())
    }
}

fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}
