//! `elder serve`: from exec to ready, and from a signal to the end.

use std::{process::ExitCode, sync::Arc};

use actix_web::{HttpServer, dev::ServerHandle};
use clap::Args;
use elder_access::{Gatekeeper, Worker};
use elder_config::Settings;
use elder_crypto::{PasswordHasher, PasswordParams};
use elder_http::TrustedProxies;
use elder_metrics::{Metrics, Readiness};
use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, output::say};
use crate::{Application, demo, site::Site, startup, worker};

/// What `elder serve` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Load demonstration data into an empty platform, and print how to try it
    #[arg(long)]
    demo: bool,
}

pub(super) fn run(settings: Settings, arguments: &Arguments) -> Result<ExitCode, Failure> {
    // The private PostgreSQL lives as long as the thread that started it: this one.
    let site = Site::serve(settings)?;
    let outcome = actix_web::rt::System::new().block_on(serve(&site, arguments));
    site.close()?;
    outcome
}

async fn serve(site: &Site, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let settings = &site.settings;
    let (keeper, worker) = site.gate()?;
    let application = application(settings, &keeper)?;
    let (hasher, metrics) = (application.hasher.clone(), application.metrics.clone());
    let readiness = application.readiness.clone();
    let bind = settings.http.bind;
    let mut server = HttpServer::new(move || application.app())
        .disable_signals()
        .shutdown_timeout(settings.http.shutdown_timeout_seconds);
    if let Some(workers) = settings.http.workers {
        server = server.workers(workers.get());
    }
    let server =
        server.bind(bind).map_err(|error| format!("cannot listen on {bind} (`http.bind`): {error}"))?;
    let address = server.addrs().first().copied().unwrap_or(bind);
    let server = server.run();
    let stopping = elder_telemetry::spawn("signals", stop_on_signal(server.handle(), readiness.clone()));
    let starting = {
        let (handle, worker, keeper) = (server.handle(), worker.clone(), keeper.clone());
        let opening = startup::Opening::of(site, address, arguments.demo);
        elder_telemetry::spawn("start", async move {
            let opened = open(&opening, &keeper, &worker, &hasher, &readiness).await;
            match opened {
                Ok(()) => worker::run(worker, metrics).await,
                Err(failure) => {
                    handle.stop(false).await;
                    return Err(failure);
                }
            }
            Ok(())
        })
    };
    server.await?;
    stopping.abort();
    keeper.close();
    if starting.is_finished() {
        starting.await??;
    }
    Ok(ExitCode::SUCCESS)
}

fn application(settings: &Settings, keeper: &Gatekeeper) -> Result<Application, Failure> {
    let cost = &settings.passwords;
    let params = PasswordParams::new(cost.memory_kib, cost.iterations, cost.parallelism)?;
    let hasher = PasswordHasher::start(&params, cost.hashing_threads, cost.queue, &keeper.seam().random)?;
    let proxies = settings.http.trusted_proxies.iter().map(|network| network.to_string().parse());
    Ok(Application {
        keeper: keeper.clone(),
        hasher: Arc::new(hasher),
        proxies: TrustedProxies(proxies.collect::<Result<_, _>>()?),
        body_limit: settings.http.body_limit_bytes.get(),
        metrics: Metrics::new(settings.metrics.max_tenants)?,
        readiness: Readiness::default(),
        resolver: startup::resolver(settings)?,
    })
}

/// Makes the platform usable: schema, keys, owner, demonstration data. Then says where it is.
async fn open(
    opening: &startup::Opening,
    keeper: &Gatekeeper,
    worker: &Worker,
    hasher: &PasswordHasher,
    readiness: &Readiness,
) -> Result<(), Failure> {
    startup::wait_for_database(opening, keeper, worker).await?;
    readiness.rise();
    say(&opening.greeting())?;
    if opening.demo {
        say(&demo::load(opening, worker, hasher).await?)?;
    } else if let Some(text) = startup::first_owner(opening, worker, hasher).await? {
        say(&text)?;
    }
    Ok(())
}

/// SIGTERM and Ctrl-C let requests in flight finish; a second one does not wait for them.
async fn stop_on_signal(handle: ServerHandle, readiness: Readiness) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let asked = async |terminate: &mut tokio::signal::unix::Signal,
                       interrupt: &mut tokio::signal::unix::Signal| {
        tokio::select! { _ = terminate.recv() => (), _ = interrupt.recv() => () }
    };
    asked(&mut terminate, &mut interrupt).await;
    tracing::info!("stopping: requests in flight are finished");
    readiness.fall();
    let graceful = handle.stop(true);
    tokio::select! {
        () = graceful => (),
        () = asked(&mut terminate, &mut interrupt) => handle.stop(false).await,
    }
    Ok(())
}
