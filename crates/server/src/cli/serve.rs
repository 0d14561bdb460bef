//! `elder serve`: from exec to ready, and from a signal to the end.

use std::{io, net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use actix_web::{HttpServer, dev::Server, dev::ServerHandle};
use clap::Args;
use elder_access::{Gatekeeper, Worker};
use elder_audit::{Tail, Targets, Trip};
use elder_config::{Http, Settings, Webauthn};
use elder_crypto::{PasswordHasher, PasswordParams};
use elder_http::{PublicUrl, TrustedProxies};
use elder_licensing::state::service;
use elder_metrics::{Carried, Health, Metrics, Readiness, ScrapeToken};
use elder_mfa::webauthn::RelyingParty;
use elder_outbound::http::{AllowedHost, Outbound};
use elder_portal_users::risk::Places;
use elder_scim::Activity;
use elder_sso::Providers;
use elder_tenancy::platform::health::StartedAt;
use futures_util::FutureExt as _;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::oneshot,
};

use super::output::say;
use crate::{
    Application, AskedAbroad, Queue, copies, demo, failure::Failure, licensing, mail, site::Site, startup,
    worker,
};

const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Between two looks at the files of places.
const LOOK_AT_PLACES: Duration = Duration::from_mins(1);

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
    elder_telemetry::end_traces();
    site.close()?;
    outcome
}

async fn serve(site: &Site, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let (keeper, worker) = site.gate()?;
    let application = application(&site.settings, &keeper)?;
    application.metrics.watch(&keeper)?;
    serve_metrics(&site.settings.http, &application)?;
    elder_telemetry::spawn("files of places", keep_places(application.places.clone()));
    let (server, address) = listen(&site.settings.http, &application)?;
    let drain = Duration::from_secs(site.settings.http.drain_seconds);
    let stopping =
        elder_telemetry::spawn("signals", stop_on_signal(server.handle(), application.clone(), drain));
    let outbound = outbound(&site.settings.outbound, &keeper)?;
    let copies = copies::of(&site.settings, &outbound)?;
    let account = licensing::account(&site.settings, outbound)?;
    let opening = startup::Opening::of(site, address, arguments.demo, copies, account)?;
    let queue = Queue::new(site.database.platform.clone(), worker.clone(), mail::mailer(&site.settings)?);
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = stopped.map(drop).shared();
    let working = work(opening, keeper.clone(), worker, application, queue, stopped);
    let mut working = elder_telemetry::spawn("start and worker", working);
    let handle = server.handle();
    let mut server = std::pin::pin!(server);
    // The work ends by itself only when the start has failed.
    let outcome = tokio::select! {
        served = &mut server => {
            drop(stop);
            working.await??;
            served
        }
        ended = &mut working => {
            let ((), served) = tokio::join!(handle.stop(false), server);
            ended??;
            served
        }
    };
    stopping.abort();
    keeper.drain().await;
    keeper.close();
    outcome?;
    Ok(ExitCode::SUCCESS)
}

/// Reads the files of places again when they were replaced; it ends with the process.
async fn keep_places(places: Places) {
    loop {
        tokio::time::sleep(LOOK_AT_PLACES).await;
        let again = places.clone();
        match tokio::task::spawn_blocking(move || again.read_again()).await {
            Ok(Ok(false)) => {}
            Ok(Ok(true)) => tracing::info!("the files of places were replaced, and read again"),
            Ok(Err(error)) => tracing::warn!(%error, "the files of places are used as they were"),
            Err(error) => tracing::warn!(%error, "the files of places could not be looked at"),
        }
    }
}

fn listen(http: &Http, application: &Application) -> Result<(Server, SocketAddr), Failure> {
    let (bind, application) = (http.bind, application.clone());
    let mut server = HttpServer::new(move || application.app())
        .disable_signals()
        .shutdown_timeout(http.shutdown_timeout_seconds);
    if let Some(workers) = http.workers {
        server = server.workers(workers.get());
    }
    let refused = |error| format!("cannot listen on {bind} (`http.bind`): {error}");
    let server = server.bind(bind).map_err(refused)?;
    let address = server.addrs().first().copied().unwrap_or(bind);
    Ok((server.run(), address))
}

/// Serves `/metrics` where that has an address of its own; it ends with the process.
fn serve_metrics(http: &Http, application: &Application) -> Result<(), Failure> {
    let Some(bind) = http.admin_bind else { return Ok(()) };
    let application = application.clone();
    let server = HttpServer::new(move || application.metrics_app()).workers(1).disable_signals();
    let refused = |error| format!("cannot listen on {bind} (`http.admin_bind`): {error}");
    let server = server.bind(bind).map_err(refused)?.run();
    elder_telemetry::spawn("metrics server", async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "the server of the metrics ended");
        }
    });
    Ok(())
}

fn application(settings: &Settings, keeper: &Gatekeeper) -> Result<Application, Failure> {
    let cost = &settings.passwords;
    let params = PasswordParams::new(cost.memory_kib, cost.iterations, cost.parallelism)?;
    let mut hasher = PasswordHasher::start(&params, cost.hashing_threads, cost.queue, &keeper.seam().random)?;
    let metrics = Metrics::new(VERSION, settings.metrics.max_tenants.get())?;
    if let Some(url) = &cost.range_url {
        let ranges = AskedAbroad::new(&url.to_string(), &keeper.seam().clock, Some(metrics.clone()))?;
        hasher = hasher.knowing(Arc::new(ranges));
    }
    let hasher = Arc::new(hasher);
    let queue = hasher.clone();
    metrics.watch_password_queue(move || queue.queue_depth())?;
    let public_url = PublicUrl(settings.public_url());
    let providers = Providers::new(outbound(&settings.outbound, keeper)?, &public_url);
    let targets = targets(settings, keeper, &metrics)?;
    Ok(Application {
        keeper: keeper.clone(),
        hasher,
        public_url,
        relying_party: relying_party(settings)?,
        places: Places::read(&settings.geoip.files)?,
        proxies: TrustedProxies(settings.http.trusted_proxies.iter().map(|network| network.get()).collect()),
        body_limit: settings.http.body_limit_bytes.get(),
        metrics,
        activity: Activity::default(),
        tail: Tail::default(),
        targets,
        health: Health::new(keeper.clone(), VERSION, Some(settings.data.dir.clone())),
        readiness: Readiness::default(),
        scrape_token: settings.http.metrics_token.clone().map(ScrapeToken),
        resolver: startup::resolver(settings)?,
        licensing: licensing::of(settings, keeper)?,
        providers,
        started_at: StartedAt(keeper.seam().now()),
        metrics_apart: settings.http.admin_bind.is_some(),
        docs: settings.http.docs,
    })
}

/// The way to what tenants configure.
pub(super) fn outbound(settings: &elder_config::Outbound, keeper: &Gatekeeper) -> Result<Outbound, Failure> {
    let allowed =
        |host: &elder_config::AllowedHost| AllowedHost { host: host.host().to_owned(), port: host.port() };
    let hosts = settings.allow_hosts.iter().map(allowed).collect();
    Ok(Outbound::new(hosts, settings.ca_file.as_deref(), &keeper.seam().clock)?)
}

/// The ways to where streams of audit logs lead. What goes there is counted.
fn targets(settings: &Settings, keeper: &Gatekeeper, metrics: &Metrics) -> Result<Targets, Failure> {
    let (outbound, metrics) = (outbound(&settings.outbound, keeper)?, metrics.clone());
    let targets = Targets::new(outbound, settings.audit.stream_folder.clone());
    Ok(targets.telling(move |&Trip { kind, events, has_arrived, took }| {
        metrics.count_carried(&Carried { connector: kind, entities: events as u64, has_arrived, took });
    }))
}

/// Who asks for passkeys: as it is set, or else the public URL.
fn relying_party(settings: &Settings) -> Result<RelyingParty, Failure> {
    let Webauthn { rp_id, origins } = &settings.webauthn;
    let origins: Vec<_> = origins.iter().map(ToString::to_string).collect();
    let party = RelyingParty::new(&settings.public_url(), rp_id.as_deref(), &origins);
    party.map_err(|error| format!("`webauthn`: {error}").into())
}

/// Opens the platform, then does the worker's rounds and the queue's jobs until it is told to stop.
async fn work(
    opening: startup::Opening,
    keeper: Gatekeeper,
    worker: Worker,
    application: Application,
    queue: Queue,
    stopped: impl Future<Output = ()> + Clone + Send + 'static,
) -> Result<(), Failure> {
    tokio::select! {
        opened = open(&opening, &keeper, &worker, &application) => opened?,
        () = stopped.clone() => return Ok(()),
    }
    let licensing = application.licensing;
    let metrics = application.metrics.clone();
    tokio::select! {
        () = worker::run(worker.clone(), application.metrics, application.activity, opening.key_age) => (),
        () = service::follow(licensing.clone(), worker.clone()) => (),
        () = worker::count_usage(licensing.clone(), worker.clone()) => (),
        () = elder_licensing::keep_alive(licensing, worker.clone(), opening.account) => (),
        () = worker::follow_keys(worker.clone()) => (),
        () = worker::follow_providers(worker.clone(), application.providers) => (),
        () = worker::follow_domains(worker.clone(), application.resolver) => (),
        () = worker::seal_audit(worker.clone(), opening.audit_origin) => (),
        () = worker::carry_audit(worker.clone(), application.targets.clone()) => (),
        () = worker::watch_audit(worker.clone(), application.targets.clone()) => (),
        () = worker::report(worker.clone(), application.targets, application.public_url.0) => (),
        // It ends first at a stop, and the queue must not end with it.
        () = application.tail.follow(worker.clone()).then(|()| std::future::pending()) => (),
        () = worker::copy_checkpoints(worker.clone(), opening.copies, metrics) => (),
        () = worker::keep_register(worker.clone(), opening.settings.audit.erasure_register.clone()) => (),
        () = worker::archive_audit(worker, opening.archive) => (),
        () = queue.run(stopped) => (),
    }
    Ok(())
}

/// Makes the platform usable: schema, keys, owner, demonstration data. Then says where it is.
async fn open(
    opening: &startup::Opening,
    keeper: &Gatekeeper,
    worker: &Worker,
    application: &Application,
) -> Result<(), Failure> {
    startup::wait_for_database(opening, keeper, worker).await?;
    erase_again(&opening.settings, worker).await?;
    licensing::open(&opening.settings, &application.licensing, worker).await;
    keeper.join_redis().await;
    if opening.demo {
        let tour = demo::load(opening, worker, &application.hasher).await?;
        application.readiness.raise();
        say(&format!("{}\n{tour}", opening.greeting(keeper.redis())))?;
        return Ok(());
    }
    let invitation = startup::first_owner(opening, worker, &application.hasher).await?;
    application.readiness.raise();
    say(&opening.greeting(keeper.redis()))?;
    if let Some(invitation) = invitation {
        say(&invitation)?;
    }
    Ok(())
}

/// Erases again who was erased before, where the database was restored to an earlier moment. Before anybody is served.
async fn erase_again(settings: &Settings, worker: &Worker) -> Result<(), Failure> {
    let Some(register) = &settings.audit.erasure_register else { return Ok(()) };
    let count = elder_privacy::erase_again(worker, register).await?;
    if count > 0 {
        tracing::warn!(
            count,
            "erased people again whom the register of erasures names: this database was restored"
        );
    }
    Ok(())
}

/// SIGTERM lets load balancers find another node first; it and Ctrl-C let requests in flight finish. A second one waits
/// for neither.
async fn stop_on_signal(handle: ServerHandle, application: Application, drain: Duration) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let drain = tokio::select! { _ = terminate.recv() => drain, _ = interrupt.recv() => Duration::ZERO };
    application.readiness.fall();
    let graceful = async {
        if !drain.is_zero() {
            tracing::info!(
                seconds = drain.as_secs(),
                "stopping: whoever asks whether this node is ready hears no"
            );
            tokio::time::sleep(drain).await;
        }
        tracing::info!("stopping: requests in flight are finished");
        application.tail.close();
        handle.stop(true).await;
    };
    tokio::select! {
        () = graceful => (),
        () = asked(&mut terminate, &mut interrupt) => handle.stop(false).await,
    }
    Ok(())
}

async fn asked(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! { _ = terminate.recv() => (), _ = interrupt.recv() => () }
}
