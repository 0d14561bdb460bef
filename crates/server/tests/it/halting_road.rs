//! A road to PostgreSQL that comes to a halt behind a given statement, so that whoever sent it can be killed right there.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{
        UnixListener, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use crate::script;

/// Where a server listens in its directory.
pub(crate) const SOCKET: &str = ".s.PGSQL.5432";
/// What a client asks before anything else if it would rather speak TLS (PostgreSQL, Message Formats: `SSLRequest`).
const SSL_REQUEST: [u8; 4] = 80_877_103_u32.to_be_bytes();

/// Leads to a server for as long as it lives.
pub(crate) struct HaltingRoad {
    directory: TempDir,
    way: Arc<Way>,
}

/// What has passed. Ready is what the server says when it has answered everything up to a query's end or a `Sync`.
#[derive(Default)]
struct Way {
    /// The statement behind which nothing passes any more, counted from 1. 0: none.
    halt_behind: AtomicUsize,
    /// Statements on their way to the server, and those that it has completed.
    sent: AtomicUsize,
    completed: AtomicUsize,
    halted: AtomicUsize,
    /// Clients that have come. The statements of the first count: the migrator's own. The queue's tables are made on
    /// another connection, by its crate, whose migrations are transactions of their own.
    clients: AtomicUsize,
}

/// One message: its kind, none for the first, and its body.
pub(crate) struct Message(pub(crate) Option<u8>, pub(crate) Vec<u8>);

impl HaltingRoad {
    /// Leads to the server whose socket is in `server`.
    pub(crate) fn to(server: &Path) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(directory.path().join(SOCKET)).unwrap();
        let (server, way) = (server.join(SOCKET), Arc::new(Way::default()));
        elder_telemetry::spawn("halting road", accept(listener, server, way.clone()));
        Self { directory, way }
    }

    /// The directory that a client takes for the server's.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Begins to count anew, and lets nothing pass behind statement `number`, nor the answer to it; 0: everything.
    pub(crate) fn halt_behind(&self, number: usize) {
        for count in [&self.way.sent, &self.way.completed, &self.way.halted, &self.way.clients] {
            count.store(0, Ordering::SeqCst);
        }
        self.way.halt_behind.store(number, Ordering::SeqCst);
    }

    /// Whether the server has done the statement behind which nothing passes.
    pub(crate) fn has_halted(&self) -> bool {
        self.way.halted.load(Ordering::SeqCst) > 0
    }

    /// How many statements were sent, and how many the server says to have completed.
    pub(crate) fn statements(&self) -> (usize, usize) {
        (self.way.sent.load(Ordering::SeqCst), self.way.completed.load(Ordering::SeqCst))
    }
}

async fn accept(listener: UnixListener, server: PathBuf, way: Arc<Way>) {
    while let Ok((mut client, _)) = listener.accept().await {
        let mut server = UnixStream::connect(&server).await.unwrap();
        let way = way.clone();
        let counts = way.clients.fetch_add(1, Ordering::SeqCst) == 0;
        elder_telemetry::spawn("road of one client", async move {
            let _ended = if counts {
                lead(client, server, &way).await
            } else {
                copy_bidirectional(&mut client, &mut server).await.map(drop)
            };
        });
    }
}

/// Hands on both ways until one side goes.
async fn lead(mut client: UnixStream, mut server: UnixStream, way: &Way) -> io::Result<()> {
    introduce(&mut client, &mut server).await?;
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    // The client awaits this many signs of readiness; at the first it has sent nothing yet.
    let (asked, last) = (AtomicUsize::new(1), AtomicUsize::new(usize::MAX));
    tokio::select! {
        ended = to_the_server(from_client, to_server, way, (&asked, &last)) => ended,
        ended = to_the_client(from_server, to_client, way, &last) => ended,
    }
}

/// Hands on what a client says before anything else, and lets it speak in the clear.
pub(crate) async fn introduce(client: &mut UnixStream, server: &mut UnixStream) -> io::Result<()> {
    loop {
        let Message(_, body) = Message::read_first(client).await?;
        let is_last = body != SSL_REQUEST;
        Message(None, body).write(server).await?;
        if is_last {
            return Ok(());
        }
        let answer = server.read_u8().await?;
        client.write_u8(answer).await?;
    }
}

/// Hands statements on up to the one behind which nothing passes; from then on only waits for the client's end.
async fn to_the_server(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    way: &Way,
    (asked, last): (&AtomicUsize, &AtomicUsize),
) -> io::Result<()> {
    let mut is_last = false;
    loop {
        let mut message = Message::read(&mut client).await?;
        if last.load(Ordering::SeqCst) != usize::MAX {
            continue;
        }
        let sent = way.sent.load(Ordering::SeqCst);
        let left = way.halt_behind.load(Ordering::SeqCst).checked_sub(sent).filter(|left| *left > 0);
        let statements = message.cut_behind(left);
        way.sent.fetch_add(statements, Ordering::SeqCst);
        is_last |= statements > 0 && left == Some(statements);
        if matches!(message.0, Some(b'Q' | b'S')) {
            let answers = asked.fetch_add(1, Ordering::SeqCst) + 1;
            if is_last {
                last.store(answers, Ordering::SeqCst);
            }
        }
        message.write(&mut server).await?;
    }
}

/// Hands answers on, but for the one to the last statement.
async fn to_the_client(
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    way: &Way,
    last: &AtomicUsize,
) -> io::Result<()> {
    let mut ready = 0;
    loop {
        let message = Message::read(&mut server).await?;
        way.completed.fetch_add(usize::from(message.0 == Some(b'C')), Ordering::SeqCst);
        ready += usize::from(message.0 == Some(b'Z'));
        if ready == last.load(Ordering::SeqCst) {
            way.halted.store(1, Ordering::SeqCst);
        }
        if ready + 1 < last.load(Ordering::SeqCst) || last.load(Ordering::SeqCst) == usize::MAX {
            message.write(&mut client).await?;
        }
    }
}

impl Message {
    async fn read_first(from: &mut UnixStream) -> io::Result<Self> {
        let length = from.read_u32().await?;
        let mut body = vec![0; length as usize - 4];
        from.read_exact(&mut body).await?;
        Ok(Self(None, body))
    }

    pub(crate) async fn read(from: &mut OwnedReadHalf) -> io::Result<Self> {
        let kind = from.read_u8().await?;
        let length = from.read_u32().await?;
        let mut body = vec![0; length as usize - 4];
        from.read_exact(&mut body).await?;
        Ok(Self(Some(kind), body))
    }

    pub(crate) async fn write(self, to: &mut (impl tokio::io::AsyncWrite + Unpin)) -> io::Result<()> {
        let length = u32::try_from(self.1.len() + 4).unwrap().to_be_bytes();
        to.write_all(&[self.0.as_slice(), &length, &self.1].concat()).await
    }

    /// Takes away what a script has behind its first `most` statements; gives how many are left.
    fn cut_behind(&mut self, most: Option<usize>) -> usize {
        match self.0 {
            Some(b'E') => 1,
            Some(b'Q') => {
                let text = str::from_utf8(&self.1).unwrap().trim_end_matches('\0');
                let ends = script::ends(text);
                let count = ends.len().min(most.unwrap_or(usize::MAX));
                if count < ends.len() {
                    self.1 = format!("{}\0", &text[..ends[count - 1]]).into_bytes();
                }
                count
            }
            _ => 0,
        }
    }
}
