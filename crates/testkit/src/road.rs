//! A road to PostgreSQL on which the statements that pass are counted.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{
        UnixListener, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// Where a server listens in its directory.
const SOCKET: &str = ".s.PGSQL.5432";
/// What a client asks before anything else if it would rather speak TLS (PostgreSQL, Message Formats: `SSLRequest`).
const SSL_REQUEST: [u8; 4] = 80_877_103_u32.to_be_bytes();

/// Stands before a server for as long as the process lives.
pub(crate) struct Road(TempDir);

impl Road {
    /// Leads to the server whose socket is in `server`.
    pub(crate) fn to(server: &str, statements: &Arc<AtomicUsize>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(directory.path().join(SOCKET)).unwrap();
        let (server, statements) = (Path::new(server).join(SOCKET), statements.clone());
        elder_telemetry::spawn("road", async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(&server).await.unwrap();
                let (from_client, mut to_client) = client.into_split();
                let (mut from_server, to_server) = server.into_split();
                let statements = statements.clone();
                elder_telemetry::spawn("to server", async move {
                    let _ended = count(from_client, to_server, &statements).await;
                });
                elder_telemetry::spawn("to client", async move {
                    let _ended = tokio::io::copy(&mut from_server, &mut to_client).await;
                });
            }
        });
        Self(directory)
    }

    /// The directory that a client takes for the server's.
    pub(crate) fn directory(&self) -> String {
        self.0.path().display().to_string()
    }
}

/// Hands messages on and counts those that make the server execute something, until one side ends.
async fn count(
    client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    statements: &AtomicUsize,
) -> io::Result<()> {
    let (mut client, mut has_begun) = (BufReader::new(client), false);
    loop {
        let mut message = Vec::new();
        if has_begun {
            message.push(client.read_u8().await?);
        }
        let length = client.read_u32().await?;
        message.extend(length.to_be_bytes());
        let head = message.len();
        message.resize(head + length as usize - 4, 0);
        client.read_exact(&mut message[head..]).await?;
        if has_begun && matches!(message[0], b'E' | b'Q') {
            statements.fetch_add(1, Ordering::Relaxed);
        }
        has_begun |= message[head..] != SSL_REQUEST;
        server.write_all(&message).await?;
    }
}
