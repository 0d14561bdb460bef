//! The line to PostgreSQL below a client: hands messages on, and hangs up when a transaction is not where it should be.

use std::{future::poll_fn, pin::Pin};

use deadpool_postgres::Connect;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::JoinHandle,
};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Error, error::SqlState};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Warnings that a statement stands outside of the transaction it was meant for, so that its setting holds nobody,
/// or within one that somebody else has left open. To PostgreSQL they are words; to us the tenant is in doubt.
const ASTRAY: [SqlState; 2] = [SqlState::NO_ACTIVE_SQL_TRANSACTION, SqlState::ACTIVE_SQL_TRANSACTION];

/// Makes the lines of a pool.
pub(super) struct Lines {
    pub(super) tls: MakeRustlsConnect,
}

type Connecting<'a> = Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), Error>> + Send + 'a>>;

impl Connect for Lines {
    fn connect(&self, config: &Config) -> Connecting<'_> {
        let (tls, config) = (self.tls.clone(), config.clone());
        Box::pin(async move {
            let (client, connection) = config.connect(tls).await?;
            Ok((client, elder_telemetry::spawn("database connection", attend(connection))))
        })
    }
}

/// Hangs up with the connection, before the answer behind the warning: whoever waits for one gets an error, PostgreSQL
/// rolls back, and nobody is lent this connection again.
async fn attend<S, T>(mut connection: Connection<S, T>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
        match message {
            Ok(AsyncMessage::Notice(notice)) if ASTRAY.contains(notice.code()) => {
                tracing::error!(code = notice.code().code(), %notice, "a connection is closed: its transaction went astray");
                break;
            }
            Ok(AsyncMessage::Notice(notice)) => tracing::info!(%notice, "PostgreSQL says"),
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "a connection to the database broke");
                break;
            }
        }
    }
}
