//! A road to PostgreSQL that comes to a halt at an edge of the commit of one event, so that who commits can be killed there.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use tempfile::TempDir;
use tokio::{
    net::{
        UnixListener, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::Notify,
};

use crate::halting_road::{Message, SOCKET, introduce};

/// Where nothing passes any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    /// The server has done everything before `COMMIT`, which it does not get.
    Before,
    /// The server has committed, and its client does not hear of it.
    Unheard,
    /// The client has heard that the server has committed.
    Heard,
}

/// Leads to a server for as long as it lives.
pub(crate) struct CommitRoad {
    directory: TempDir,
    watch: Arc<Watch>,
}

/// What is looked for on all ways.
#[derive(Default)]
struct Watch {
    /// The edge, and the action of the event whose commit it is of.
    sought: Mutex<Option<(Edge, &'static str)>>,
    reached: Notify,
}

/// What has passed on the way of one client. Each answer ends with the server's sign that it is ready.
struct Passed {
    /// Answers that the client awaits: the first is to its introduction.
    asked: usize,
    answered: usize,
    /// The edge, and with which answer it is reached.
    halt: Option<(Edge, usize)>,
}

impl CommitRoad {
    /// Leads to the server whose socket is in `server`.
    pub(crate) fn to(server: &Path) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(directory.path().join(SOCKET)).unwrap();
        let (server, watch) = (server.join(SOCKET), Arc::new(Watch::default()));
        elder_telemetry::spawn("commit road", accept(listener, server, watch.clone()));
        Self { directory, watch }
    }

    /// The directory that a client takes for the server's.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Halts the next transaction that writes an event of `action`, at this edge of its commit.
    pub(crate) fn halt_at(&self, edge: Edge, action: &'static str) {
        *self.watch.sought.lock().unwrap() = Some((edge, action));
    }

    /// Waits until it has come there.
    pub(crate) async fn reached(&self) {
        self.watch.reached.notified().await;
    }
}

async fn accept(listener: UnixListener, server: PathBuf, watch: Arc<Watch>) {
    while let Ok((client, _)) = listener.accept().await {
        let server = UnixStream::connect(&server).await.unwrap();
        let watch = watch.clone();
        elder_telemetry::spawn("road of one client", async move {
            let _ended = lead(client, server, &watch).await;
        });
    }
}

/// Hands on both ways until one side goes.
async fn lead(mut client: UnixStream, mut server: UnixStream, watch: &Watch) -> io::Result<()> {
    introduce(&mut client, &mut server).await?;
    let passed = Mutex::new(Passed { asked: 1, answered: 0, halt: None });
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    tokio::select! {
        ended = to_the_server(from_client, to_server, watch, &passed) => ended,
        ended = to_the_client(from_server, to_client, watch, &passed) => ended,
    }
}

/// Hands on what the client says, up to the edge; from then on only waits for its end.
async fn to_the_server(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    watch: &Watch,
    passed: &Mutex<Passed>,
) -> io::Result<()> {
    let mut tells = false;
    loop {
        let message = Message::read(&mut client).await?;
        if passed.lock().unwrap().halt.is_some() {
            continue;
        }
        tells |= message.0 == Some(b'B') && watch.is_sought_in(&message.1);
        let commits = message.0 == Some(b'Q') && message.1.starts_with(b"COMMIT");
        let edge = if commits && tells { watch.find() } else { None };
        if let Some(edge) = edge {
            let mut passed = passed.lock().unwrap();
            passed.halt = Some((edge, passed.asked + usize::from(edge != Edge::Before)));
            watch.look(&passed);
        }
        if edge == Some(Edge::Before) {
            continue;
        }
        if matches!(message.0, Some(b'Q' | b'S')) {
            passed.lock().unwrap().asked += 1;
        }
        tells &= !(commits || message.1.starts_with(b"ROLLBACK"));
        message.write(&mut server).await?;
    }
}

/// Hands on what the server says, but for what must not be heard.
async fn to_the_client(
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    watch: &Watch,
    passed: &Mutex<Passed>,
) -> io::Result<()> {
    loop {
        let message = Message::read(&mut server).await?;
        let is_ready = message.0 == Some(b'Z');
        let is_heard = {
            let passed = passed.lock().unwrap();
            passed.halt != Some((Edge::Unheard, passed.answered + 1))
        };
        if is_heard {
            message.write(&mut client).await?;
        }
        if is_ready {
            let mut passed = passed.lock().unwrap();
            passed.answered += 1;
            watch.look(&passed);
        }
    }
}

impl Watch {
    fn is_sought_in(&self, values: &[u8]) -> bool {
        let sought = self.sought.lock().unwrap();
        sought.is_some_and(|(_, action)| values.windows(action.len()).any(|some| some == action.as_bytes()))
    }

    /// The edge, once.
    fn find(&self) -> Option<Edge> {
        self.sought.lock().unwrap().take().map(|(edge, _)| edge)
    }

    fn look(&self, passed: &Passed) {
        if passed.halt.is_some_and(|(_, answer)| passed.answered == answer) {
            self.reached.notify_one();
        }
    }
}
