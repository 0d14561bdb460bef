//! One user by name, beside the bare SELECT.

use std::time::{Duration, Instant};

use tokio_postgres::{Client, NoTls, Statement, types::ToSql};

use super::{
    directory::Directory,
    requests::{expect, found},
};
use crate::{
    cluster::Cluster, data, fault::Fault, http::Connection, server::Server, sql, statistics::percentile_ms,
};

/// How often each is asked in a round.
const TIMES: usize = 2_000;

/// Milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) bare_p50: f64,
    pub(crate) bare_p99: f64,
}

/// Asks for both in turn, so that what changes on the machine meets each.
pub(crate) fn cost(
    cluster: &Cluster,
    elder: &Server,
    directory: &Directory,
    users: usize,
) -> Result<Cost, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (client, statement) = runtime.block_on(connect(cluster))?;
    let mut connection = Connection::open(elder.address)?;
    let (mut taken, mut bare) = (Vec::with_capacity(TIMES), Vec::with_capacity(TIMES));
    for number in 0..TIMES {
        let name = format!("import{}@example.org", number.wrapping_mul(7_919) % users);
        let request = directory.place().look_up(&name);
        let begin = Instant::now();
        let answer = connection.exchange(&request)?;
        taken.push(begin.elapsed());
        if found(&expect(&answer, 200)?) != 1 {
            return Err(Fault::broken(format!("{name} is not found")));
        }
        bare.push(runtime.block_on(read(&client, &statement, (directory.id, &name)))?);
    }
    taken.sort_unstable();
    bare.sort_unstable();
    Ok(Cost {
        p50: percentile_ms(&taken, 50),
        p99: percentile_ms(&taken, 99),
        bare_p50: percentile_ms(&bare, 50),
        bare_p99: percentile_ms(&bare, 99),
    })
}

async fn connect(cluster: &Cluster) -> Result<(Client, Statement), Fault> {
    let (client, connection) = tokio_postgres::connect(&cluster.url("elder_app"), NoTls).await?;
    elder_telemetry::spawn("bare connection", connection);
    let statement = client.prepare(sql::BY_USER_NAME).await?;
    Ok((client, statement))
}

/// A read-only transaction in one flush.
async fn read(
    client: &Client,
    statement: &Statement,
    (directory, name): (uuid::Uuid, &str),
) -> Result<Duration, Fault> {
    let begin_read = format!("BEGIN READ ONLY; SET LOCAL app.current_tenant_id = '{}'", data::TENANT);
    let values: [&(dyn ToSql + Sync); 3] = [&data::TENANT, &directory, &name];
    let begin = Instant::now();
    let (begun, row, ended) = futures_util::join!(
        client.batch_execute(&begin_read),
        client.query_one(statement, &values),
        client.batch_execute("COMMIT"),
    );
    begun.and(ended)?;
    row?;
    Ok(begin.elapsed())
}
