//! Callers that go away at any point: their connection must not carry anything to the next one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use elder_access::{Action, Event, Gatekeeper, Worker, work::Shell};
use elder_kernel::{Random, TenantId};
use elder_testkit::TestDatabase;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::{
    gate,
    proxy::{Delay, Proxy, part_of},
};

const ADD: &str = "insert into organizations (tenant_id, id, name, name_folded) values ($1, $2, $3, $3)";

/// How many call at once, and how often each tries in a round.
const CALLERS: usize = 6;
const TRIES: usize = 25;

pub(crate) const UP_TO_2_MS: Delay = Delay::UpTo(Duration::from_millis(2));

/// A gate behind a slow road, with two tenants.
pub(crate) struct Storm {
    pub(crate) superuser: Client,
    pub(crate) worker: Worker,
    pub(crate) tenants: [TenantId; 2],
    keeper: Gatekeeper,
    _proxy: Proxy,
    // The last field: it is dropped when nobody is connected any more.
    _database: TestDatabase,
}

impl Storm {
    pub(crate) async fn prepare(connections: usize, delay: Delay) -> Self {
        let database = TestDatabase::create().await;
        let superuser = database.superuser().await;
        let tenants = [gate::tenant(&superuser, "acme").await, gate::tenant(&superuser, "globex").await];
        let proxy = Proxy::before(&database.url("elder_app"), delay);
        let (app, platform) =
            (proxy.url(&database.url("elder_app")), proxy.url(&database.url("elder_platform")));
        let (keeper, worker) = gate::build(app, platform, connections);
        Self { superuser, worker, tenants, keeper, _proxy: proxy, _database: database }
    }

    /// Callers who each give up at a random moment, in the middle of whatever they do, until `cancelled` have done so
    /// and `finished` have not. How long they wait follows the machine's speed, so that both happen.
    async fn rage(&self, cancelled: usize, finished: usize) {
        let (mut sum, mut patience) = (Counts::default(), Duration::from_millis(16));
        while sum.cancelled < cancelled || sum.finished < finished {
            let round = self.round(patience).await;
            patience = if round.finished * 4 < round.cancelled { patience * 5 / 4 } else { patience * 4 / 5 };
            sum.finished += round.finished;
            sum.cancelled += round.cancelled;
        }
    }

    async fn round(&self, patience: Duration) -> Counts {
        let running: Vec<_> = (0..CALLERS)
            .map(|_| {
                let (worker, tenants) = (self.worker.clone(), self.tenants);
                elder_telemetry::spawn("caller", async move {
                    let (random, mut counts) = (Random::system(), Counts::default());
                    for _ in 0..TRIES {
                        let work = transaction(&worker, tenants, &random);
                        match tokio::time::timeout(part_of(patience, &random), work).await {
                            Ok(()) => counts.finished += 1,
                            Err(_) => counts.cancelled += 1,
                        }
                    }
                    counts
                })
            })
            .collect();
        let mut sum = Counts::default();
        for caller in running {
            let counts = caller.await.unwrap();
            sum.finished += counts.finished;
            sum.cancelled += counts.cancelled;
        }
        sum
    }
}

#[derive(Default)]
struct Counts {
    finished: usize,
    cancelled: usize,
}

/// One of a read, a change that is committed and a change that is dropped; each looks for foreign rows.
async fn transaction(worker: &Worker, tenants: [TenantId; 2], random: &Random) {
    let [which, what] = random.bytes::<2>();
    let tenant = tenants[usize::from(which % 2)];
    let Ok(tx) = worker.job::<Shell>().begin(tenant).await else { return };
    for row in tx.raw_rows("select tenant_id from organizations", []).await.unwrap() {
        assert_eq!(row.get::<i32>("tenant_id").unwrap(), tenant.0);
    }
    if what % 3 == 0 {
        return;
    }
    let id = Uuid::from_bytes(random.bytes());
    tx.run(ADD, [tenant.into(), id.into(), id.to_string().into()]).await.unwrap();
    if what % 3 == 1 {
        tx.commit(Event::about(Action::OrganizationCreated, id.to_string())).await.unwrap();
    }
}

async fn assert_calm(storm: &Storm) {
    assert_eq!(gate::left_in_transaction(&storm.superuser).await, 0);
    // Each committed change has its audit event, and no other has one.
    let odd = "select count(*) from organizations o
        full join audit_logs a on a.tenant_id = o.tenant_id and a.resource_id = o.name
        where (o.id is null and a.action = 'organization.created') or (a.event_id is null and o.name like '%-%')";
    assert_eq!(storm.superuser.query_one(odd, &[]).await.unwrap().get::<_, i64>(0), 0);
    let status = storm.keeper.pools()[0];
    for tenant in storm.tenants.repeat(status.size.max(1) * 2) {
        let tx = storm.worker.job::<Shell>().begin(tenant).await.unwrap();
        let rows = tx.raw_rows("select tenant_id from organizations", []).await.unwrap();
        assert!(!rows.is_empty(), "the rows of {tenant} are gone");
        assert!(rows.iter().all(|row| row.get::<i32>("tenant_id").unwrap() == tenant.0));
    }
}

async fn storm_of(connections: usize) {
    let storm = Storm::prepare(connections, UP_TO_2_MS).await;
    let calm = storm.worker.job::<Shell>().begin(storm.tenants[0]).await.unwrap();
    assert_eq!(
        calm.raw_rows("select from organizations", []).await.unwrap().len(),
        1,
        "undisturbed, it works"
    );
    drop(calm);
    storm.rage(2_000, 100).await;
    assert_calm(&storm).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t_09_two_thousand_callers_who_go_away_leave_one_connection_clean() {
    storm_of(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t_09_two_thousand_callers_who_go_away_leave_two_connections_clean() {
    storm_of(2).await;
}

/// The backends of the application's role.
async fn backends(superuser: &Client) -> Vec<i32> {
    let list =
        "select pid from pg_stat_activity where datname = current_database() and usename = 'elder_app'";
    superuser.query(list, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// Every caller gives up after 1 ms, on a road that takes 5 ms each way: no answer is ever waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t_09_ten_thousand_callers_who_give_up_after_a_millisecond_leave_one_connection_clean() {
    let storm = Storm::prepare(1, Delay::Of(Duration::from_millis(5))).await;
    let acme = storm.tenants[0];
    let job = storm.worker.job::<Shell>();
    let work = async |write: bool| {
        let tx = job.begin(acme).await.unwrap();
        if write {
            let id = Uuid::from_u128(1);
            tx.run(ADD, [acme.into(), id.into(), "never".to_owned().into()]).await.unwrap();
        }
        tx.raw_rows("select tenant_id from organizations", []).await.unwrap().len()
    };
    assert_eq!((work(false).await, work(true).await), (1, 2), "undisturbed, both work");
    assert_eq!(gate::left_in_transaction(&storm.superuser).await, 0);
    let lent = backends(&storm.superuser).await;
    assert_eq!(lent.len(), 1);
    let mut cancelled = 0;
    for number in 0..10_000 {
        let outcome = tokio::time::timeout(Duration::from_millis(1), work(number % 2 == 1)).await;
        cancelled += usize::from(outcome.is_err());
    }
    assert!(cancelled > 9_900, "{cancelled} of 10,000 were cancelled");
    assert_calm(&storm).await;
    assert_eq!(gate::left_in_transaction(&storm.superuser).await, 0);
    assert_eq!(backends(&storm.superuser).await, lent, "it was the same connection all the time");
}

/// The answer to `COMMIT` is under way when the caller goes: the node must hear it all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_goes_away_during_the_commit_keeps_nobody_from_hearing_of_the_change() {
    let storm = Storm::prepare(1, Delay::Of(Duration::from_millis(50))).await;
    let heard = Arc::new(AtomicUsize::new(0));
    storm.keeper.observe({
        let heard = heard.clone();
        move |_| {
            heard.fetch_add(1, Ordering::Relaxed);
        }
    });
    let acme = storm.tenants[0];
    let change = async |number: u128| {
        let tx = storm.worker.job::<Shell>().begin(acme).await.unwrap();
        let id = Uuid::from_u128(number);
        tx.run(ADD, [acme.into(), id.into(), format!("change {number}").into()]).await.unwrap();
        tx
    };
    let event = || Event::new(Action::OrganizationCreated);
    change(1).await.commit(event()).await.unwrap();
    assert_eq!(heard.load(Ordering::Relaxed), 1, "undisturbed");
    let commit = change(2).await.commit(event());
    tokio::time::timeout(Duration::from_millis(20), commit).await.unwrap_err();
    for _ in 0..100 {
        if heard.load(Ordering::Relaxed) == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(heard.load(Ordering::Relaxed), 2, "the change was committed and nobody heard of it");
    let both = "select count(*) from organizations where name like 'change %'";
    assert_eq!(storm.superuser.query_one(both, &[]).await.unwrap().get::<_, i64>(0), 2);
}
