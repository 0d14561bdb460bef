//! Gives the cluster its three roles and its database.

use std::path::Path;

use tokio_postgres::{Client, NoTls};

use super::{Error, cluster::SUPERUSER};

/// The same file an operator runs on a server of their own.
const ROLES: &str = include_str!("../../../../infrastructure/postgres/roles.sql");

/// No row: there is no database. As PostgreSQL makes it, a database lets everyone in.
const OPEN_TO_ALL: &str =
    "SELECT has_database_privilege('public', oid, 'CONNECT') FROM pg_database WHERE datname = 'elder'";

const CLOSE: &str = "REVOKE ALL ON DATABASE elder FROM PUBLIC; \
     GRANT CONNECT ON DATABASE elder TO elder_app, elder_platform";

/// Makes whatever is missing; a start that was cut short is completed by the next.
pub(super) fn ensure(socket: &Path) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime
        .map_err(|error| Error::io("starting the set-up", error))?
        .block_on(ensure_over(socket))
        .map_err(Error::from)
}

async fn ensure_over(socket: &Path) -> Result<(), tokio_postgres::Error> {
    let mut config = tokio_postgres::Config::new();
    config.host_path(socket).user(SUPERUSER).dbname("postgres");
    let (client, connection) = config.connect(NoTls).await?;
    let (made, ended) = tokio::join!(make_missing(client), connection);
    made.and(ended)
}

/// Takes the client, because the connection lasts until that is dropped.
async fn make_missing(client: Client) -> Result<(), tokio_postgres::Error> {
    client.batch_execute(ROLES).await?;
    let open_to_all = client.query_opt(OPEN_TO_ALL, &[]).await?.map(|row| row.get::<_, bool>(0));
    if open_to_all.is_none() {
        client.batch_execute("CREATE DATABASE elder OWNER elder_owner").await?;
    }
    if open_to_all.unwrap_or(true) {
        client.batch_execute(CLOSE).await?;
    }
    Ok(())
}
