//! The buckets that all nodes share, in Redis, for as long as it answers.

use std::{
    fmt,
    num::NonZeroU32,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use elder_kernel::Secret;
use redis::{AsyncConnectionConfig, ConnectionAddr, ErrorKind, Script, aio::MultiplexedConnection};
use tokio::time::{sleep, timeout};

use crate::{
    bucket::{Bucket, Subject},
    fault::{InvalidUrl, Lost},
    place::Place,
    quota::Quota,
    verdict::Verdict,
};

/// How long a request waits for Redis.
const PATIENCE: Duration = Duration::from_millis(50);
/// How long a new connection may take.
const CONNECT_PATIENCE: Duration = Duration::from_secs(1);
/// Between two looks whether Redis answers.
const PAUSE: Duration = Duration::from_secs(1);

/// Whether Redis keeps the buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// No Redis is configured.
    Alone,
    /// It does.
    Up,
    /// It does not answer: every node keeps its own.
    Down,
}

/// A connection, and its number among all that there were.
#[derive(Clone)]
struct Connection {
    number: u64,
    address: ConnectionAddr,
    line: MultiplexedConnection,
}

/// Redis and whether it answers.
pub struct Shared {
    place: Place,
    script: Script,
    current: RwLock<Option<Connection>>,
    connections: AtomicU64,
}

impl Shared {
    /// Names a server. Nothing is connected yet.
    ///
    /// # Errors
    /// [`InvalidUrl`].
    pub fn at(url: &Secret<String>) -> Result<Self, InvalidUrl> {
        Ok(Self {
            place: Place::read(url)?,
            script: Script::new(include_str!("shared/take.lua")),
            current: RwLock::default(),
            connections: AtomicU64::default(),
        })
    }

    /// Whether Redis answered the last time.
    pub fn link(&self) -> Link {
        if self.current().is_some() { Link::Up } else { Link::Down }
    }

    /// Takes so many units of each bucket, or nothing of any, in one round trip. While Redis does not answer, none at
    /// once; nobody waits for a connection here.
    pub async fn take(&self, buckets: &[Bucket], units: u32) -> Option<(Verdict, i64)> {
        let Connection { number, line: mut connection, .. } = self.current()?;
        match self.ask(&mut connection, buckets, units, PATIENCE).await {
            Ok(answer) => Some(answer),
            Err(lost) => {
                self.lose(number, &lost);
                None
            }
        }
    }

    /// Looks once whether Redis answers, and connects if there is no connection.
    ///
    /// # Errors
    /// [`Lost`] if it does not.
    pub async fn look(&self) -> Result<(), Lost> {
        if let Some(Connection { number, address, line: mut connection }) = self.current() {
            let probed = self.ask(&mut connection, &[probe()], 1, CONNECT_PATIENCE).await;
            let probed = match probed {
                Ok(_) if self.place.has_left(&address).await => Err(Lost::Moved),
                probed => probed.map(drop),
            };
            return probed.inspect_err(|lost| self.lose(number, lost));
        }
        let client = self.place.find().await?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_PATIENCE))
            .set_response_timeout(Some(CONNECT_PATIENCE));
        let connecting = client.get_multiplexed_async_connection_with_config(&config);
        let connecting = timeout(CONNECT_PATIENCE, connecting);
        let mut connection = connecting.await.map_err(|_| Lost::Late(CONNECT_PATIENCE))??;
        // A server that only reads, or is full, connects well.
        self.ask(&mut connection, &[probe()], 1, CONNECT_PATIENCE).await?;
        self.found(connection, client.get_connection_info().addr().clone());
        Ok(())
    }

    /// Looks again and again, without end.
    pub async fn watch(&self) {
        loop {
            sleep(PAUSE).await;
            if let Err(lost) = self.look().await {
                tracing::debug!(%lost, "Redis does not answer");
            }
        }
    }

    async fn ask(
        &self,
        connection: &mut MultiplexedConnection,
        buckets: &[Bucket],
        units: u32,
        patience: Duration,
    ) -> Result<(Verdict, i64), Lost> {
        let mut call = self.script.prepare_invoke();
        for Bucket { quota, .. } in buckets {
            call.arg(quota.worth(units)).arg(quota.full());
        }
        for bucket in buckets {
            call.key(bucket.key());
        }
        let asked = timeout(patience, call.invoke_async::<Vec<i64>>(connection)).await;
        let answer = asked.map_err(|_| Lost::Late(patience))??;
        match answer.split_first() {
            Some((now, arrivals)) if arrivals.len() == buckets.len() => {
                Ok((Verdict::judge(buckets, units, arrivals, *now), *now))
            }
            _ => Err(Lost::Failed((ErrorKind::UnexpectedReturnType, "as many times as buckets").into())),
        }
    }

    fn current(&self) -> Option<Connection> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn found(&self, connection: MultiplexedConnection, address: ConnectionAddr) {
        let number = self.connections.fetch_add(1, Ordering::Relaxed);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) =
            Some(Connection { number, address, line: connection });
        tracing::info!("Redis answers: it keeps the rate limits");
    }

    /// Gives a connection up. Of all the requests that wait for it the first alone says so.
    fn lose(&self, number: u64, lost: &Lost) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_some_and(|current| current.number == number) {
            *current = None;
            tracing::warn!(%lost, "Redis is lost: this node goes on with rate limits of its own");
        }
    }
}

/// The bucket by which a node sees whether Redis can do what it is asked. Nobody is held back by it.
fn probe() -> Bucket {
    let quota = Quota { rate: NonZeroU32::MAX, window: Duration::from_secs(1), burst: NonZeroU32::MAX };
    Bucket::new("probe", Subject::Unknown, quota)
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("link", &self.link()).finish_non_exhaustive()
    }
}
