//! Whether the process can do its work, and whether it wants to be given any.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::ConnectionType,
    middleware::Next,
    web::Data,
};
use elder_access::Gatekeeper;
use elder_api_types::{
    health::{Check, Checks, HealthReport, Status},
    license::LicensePhase,
};
use elder_limits::Link;
use nix::sys::statvfs::statvfs;
use tokio::{task::spawn_blocking, time::timeout};

/// How long all checks together may take.
const PATIENCE: Duration = Duration::from_secs(1);
/// Below this part of the disk, in percent, space is low.
const LOW_PERCENT: u64 = 5;

/// Whether this node takes traffic. The composition root raises it once the gate is open, and lets it fall before
/// anything else at shutdown.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// Takes traffic from now on.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Takes no new traffic from now on.
    pub fn fall(&self) {
        self.0.store(false, Ordering::Release);
    }

    /// Whether it takes traffic.
    pub fn is_ready(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Ends each connection with its next answer while the node takes no new traffic, so that whoever holds one open finds
/// another node before this one stops to listen (RFC 9112, 9.6).
///
/// # Errors
/// None of its own.
pub async fn part<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let stays = request.app_data::<Data<Readiness>>().is_none_or(|readiness| readiness.is_ready());
    let mut response = next.call(request).await?;
    if !stays {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

/// Without the database nothing is served; anything else can be done without for a while.
fn sum(checks: Checks) -> Status {
    let fine = |check| matches!(check, Check::Ok | Check::Disabled);
    match checks.database {
        Check::Ok if [checks.redis, checks.disk, checks.license].into_iter().all(fine) => Status::Healthy,
        Check::Ok => Status::Degraded,
        _ => Status::Unhealthy,
    }
}

/// What `/healthz` looks at.
#[derive(Clone)]
pub struct Health {
    keeper: Gatekeeper,
    version: &'static str,
    data_directory: Option<PathBuf>,
}

impl Health {
    /// Looks at the database of `keeper` and, if there is one, at the disk of the data directory.
    pub fn new(keeper: Gatekeeper, version: &'static str, data_directory: Option<PathBuf>) -> Self {
        Self { keeper, version, data_directory }
    }

    /// Whether requests that need the database can be answered.
    ///
    /// Who asks has little patience. A database that is merely busy does not count as away: a node that left for that would
    /// leave its load to the others.
    pub(crate) async fn can_serve(&self) -> bool {
        match timeout(PATIENCE / 2, self.keeper.ping()).await {
            Ok(answer) => answer.is_ok(),
            Err(_) => !self.keeper.is_silent(),
        }
    }

    /// Runs every check at once; what has not answered within a second is down.
    pub async fn report(&self) -> HealthReport {
        let database = async {
            match timeout(PATIENCE, self.keeper.ping()).await {
                Ok(Ok(())) => Check::Ok,
                Ok(Err(_)) | Err(_) => Check::Down,
            }
        };
        let disk = async {
            match &self.data_directory {
                None => Check::Disabled,
                Some(path) => disk(path.clone()).await,
            }
        };
        let (database, disk) = futures_util::join!(database, disk);
        let redis = match self.keeper.redis() {
            Link::Alone => Check::Disabled,
            Link::Up => Check::Ok,
            Link::Down => Check::Down,
        };
        let license = match self.keeper.entitlements().phase {
            LicensePhase::None => Check::Disabled,
            LicensePhase::Valid => Check::Ok,
            LicensePhase::Grace => Check::Low,
            LicensePhase::Lapsed => Check::Down,
        };
        let checks = Checks { database, redis, disk, license };
        HealthReport { status: sum(checks), version: self.version.to_owned(), checks }
    }
}

/// Whether the disk of a folder has room. A file system that hangs must not hang who asks.
pub async fn disk(path: PathBuf) -> Check {
    let found = timeout(PATIENCE, spawn_blocking(move || space(&path))).await;
    found.ok().and_then(Result::ok).unwrap_or(Check::Down)
}

fn space(path: &Path) -> Check {
    match statvfs(path) {
        Ok(disk) if disk.blocks_available() < disk.blocks() / 100 * LOW_PERCENT => Check::Low,
        Ok(_) => Check::Ok,
        Err(_) => Check::Down,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_database_makes_a_node_unhealthy() {
        let well =
            Checks { database: Check::Ok, redis: Check::Disabled, disk: Check::Ok, license: Check::Disabled };
        assert_eq!(sum(well), Status::Healthy);
        assert_eq!(sum(Checks { disk: Check::Low, ..well }), Status::Degraded);
        assert_eq!(sum(Checks { redis: Check::Down, ..well }), Status::Degraded);
        assert_eq!(sum(Checks { license: Check::Low, ..well }), Status::Degraded);
        assert_eq!(sum(Checks { license: Check::Down, ..well }), Status::Degraded);
        assert_eq!(sum(Checks { database: Check::Down, ..well }), Status::Unhealthy);
    }

    #[test]
    fn a_directory_that_is_gone_is_down() {
        assert_eq!(space(Path::new("/")), Check::Ok);
        assert_eq!(space(Path::new("/no/such/directory")), Check::Down);
    }
}
