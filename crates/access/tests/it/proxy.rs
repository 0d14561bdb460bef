//! A slow road to PostgreSQL: hands bytes on after a delay, so that a cancellation finds every point.

use std::{path::PathBuf, sync::Arc, time::Duration};

use elder_kernel::Random;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        UnixListener, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// How long each piece of data is on its way.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Delay {
    /// Always this long.
    Of(Duration),
    /// At random, at most this long.
    UpTo(Duration),
}

impl Delay {
    fn draw(self, random: &Random) -> Duration {
        match self {
            Self::Of(time) => time,
            Self::UpTo(longest) => part_of(longest, random),
        }
    }
}

/// Listens in a directory of its own for as long as it lives.
pub(crate) struct Proxy {
    directory: tempfile::TempDir,
    _listening: Guard,
}

struct Guard(tokio::task::JoinHandle<()>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Proxy {
    /// Stands before the server whose socket is in the directory that `url` names.
    pub(crate) fn before(url: &str, delay: Delay) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(directory.path().join(".s.PGSQL.5432")).unwrap();
        let server = PathBuf::from(host(url)).join(".s.PGSQL.5432");
        let random = Arc::new(Random::system());
        let listening = elder_telemetry::spawn("slow proxy", async move {
            while let Ok((client, _)) = listener.accept().await {
                // Many tests at once fill the server's queue for a moment.
                let server = loop {
                    match UnixStream::connect(&server).await {
                        Ok(server) => break server,
                        Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                    }
                };
                let ((from_client, to_client), (from_server, to_server)) =
                    (client.into_split(), server.into_split());
                elder_telemetry::spawn("to server", hand_on(from_client, to_server, delay, random.clone()));
                elder_telemetry::spawn("to client", hand_on(from_server, to_client, delay, random.clone()));
            }
        });
        Self { directory, _listening: Guard(listening) }
    }

    /// The URL that goes through the proxy instead.
    pub(crate) fn url(&self, url: &str) -> String {
        url.replace(host(url), &self.directory.path().display().to_string())
    }
}

fn host(url: &str) -> &str {
    url.split(' ').find_map(|pair| pair.strip_prefix("host=")).unwrap()
}

async fn hand_on(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, delay: Delay, random: Arc<Random>) {
    let mut buffer = [0; 8192];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        tokio::time::sleep(delay.draw(&random)).await;
        if to.write_all(&buffer[..read]).await.is_err() {
            break;
        }
    }
}

/// A random part of a time.
pub(crate) fn part_of(longest: Duration, random: &Random) -> Duration {
    longest * u32::from(random.bytes::<1>()[0]) / 255
}
