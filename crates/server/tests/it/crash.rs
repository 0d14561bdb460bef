//! Killed at any moment, the server loses nothing that it acknowledged and leaves nothing half done.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use elder_testkit::TestDatabase;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::process::{OWNER, PASSWORD, Process, data_directory};

const ROUNDS: usize = 200;
const WRITERS: usize = 4;
/// Within what time a node that was killed is ready again, also in an unoptimised build beside other tests.
const READY: Duration = Duration::from_secs(5);

pub(crate) async fn sign_in(client: &Client, url: &str) -> String {
    let body = json!({ "email": OWNER, "password": PASSWORD });
    let answer = client.post(format!("{url}/api/v2/auth/login")).json(&body).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

/// Creates a user under a key; gives the id, if an answer comes.
async fn create(client: &Client, url: &str, token: &str, name: &str) -> Option<String> {
    let body = json!({ "email": format!("{name}@example.com"), "full_name": "Written under fire" });
    let request = client.post(format!("{url}/api/v2/users")).bearer_auth(token).json(&body);
    let response = request.header("idempotency-key", name).send().await.ok()?;
    assert_eq!(response.status(), 201, "{name}");
    Some(response.json::<Value>().await.ok()?["id"].as_str().unwrap().to_owned())
}

/// Creates users until the server is gone, and keeps the ids that were acknowledged. Begins with the one of which the
/// writer before it does not know whether it was made, and gives such a one back.
async fn write(
    client: Client,
    url: String,
    token: String,
    name: String,
    unsure: Option<String>,
    acknowledged: Arc<Mutex<HashSet<String>>>,
) -> Option<String> {
    for name in unsure.into_iter().chain((0..).map(|number| format!("{name}-{number}"))) {
        let Some(id) = create(&client, &url, &token, &name).await else { return Some(name) };
        acknowledged.lock().await.insert(id);
    }
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_06_r_01_w_09_after_200_kills_every_acknowledged_change_is_there_once_and_every_retry_is_answered()
{
    let database = TestDatabase::create().await;
    let data = data_directory();
    let acknowledged = Arc::new(Mutex::new(HashSet::new()));
    let (mut token, mut unsure) = (None, vec![None; WRITERS]);
    let mut starts = Vec::new();
    for round in 0..ROUNDS {
        let started = Instant::now();
        let process = Process::start(data.path(), Some(&database));
        starts.push(started.elapsed());
        let client = Client::builder().timeout(Duration::from_secs(10)).build().unwrap();
        if token.is_none() {
            token = Some(sign_in(&client, &process.url).await);
        }
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let name = format!("r{round}-w{writer}");
                let (url, token) = (process.url.clone(), token.clone().unwrap());
                elder_telemetry::spawn(
                    "writer",
                    write(client.clone(), url, token, name, unsure[writer].take(), acknowledged.clone()),
                )
            })
            .collect();
        // Another moment each round, from before the first answer to well into the load.
        let enough = acknowledged.lock().await.len() + round % 12;
        while acknowledged.lock().await.len() < enough {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        tokio::time::sleep(Duration::from_micros(137 * (round as u64 % 40))).await;
        process.kill();
        for (writer, unsure) in writers.into_iter().zip(&mut unsure) {
            *unsure = writer.await.unwrap();
        }
    }
    starts.sort();
    let most = starts[ROUNDS * 9 / 10];
    assert!(most < READY, "nine starts of ten were ready within {most:?}");
    let superuser = database.superuser().await;
    let acknowledged = acknowledged.lock().await;
    assert!(acknowledged.len() > ROUNDS, "too little load: {} changes", acknowledged.len());
    let rows = superuser
        .query(
            "select u.full_name = 'Written under fire' as ours,
                    coalesce(array_agg(a.resource_id) filter (where a.resource_id is not null), '{}') as events,
                    (select count(*) from outbox o where o.subject = min(a.resource_id)
                       and o.type = 'elder.portal_user.created') as outbox
             from portal_users u left join audit_logs a
               on a.tenant_id = u.tenant_id and a.action = 'portal_user.created'
              and split_part(a.changes #>> '{email,after}', ':', 2) = replace(u.id::text, '-', '')
             where u.full_name = 'Written under fire' group by u.tenant_id, u.id, u.full_name",
            &[],
        )
        .await
        .unwrap();
    let mut found = HashSet::new();
    for row in &rows {
        let events: Vec<String> = row.get("events");
        assert_eq!(events.len(), 1, "a user has {} audit events", events.len());
        assert_eq!(row.get::<_, i64>("outbox"), 1, "{events:?}");
        found.extend(events);
    }
    let lost: Vec<_> = acknowledged.difference(&found).collect();
    assert!(lost.is_empty(), "{} acknowledged changes are lost: {lost:?}", lost.len());
    assert_eq!(orphans(&superuser).await, 0, "events without their change");
}

/// How many events tell of a user who is not there.
async fn orphans(superuser: &tokio_postgres::Client) -> i64 {
    let orphans = "select count(*) from audit_logs a where action = 'portal_user.created'
        and not exists (select from portal_users u where u.tenant_id = a.tenant_id
            and replace(u.id::text, '-', '') = split_part(a.changes #>> '{email,after}', ':', 2))";
    superuser.query_one(orphans, &[]).await.unwrap().get(0)
}

const BATCHES: usize = 60;
const OPERATIONS: i64 = 100;

/// Sends one batch; says whether it was acknowledged.
async fn write_batch(client: Client, url: String, token: String, name: String, is_atomic: bool) -> bool {
    let user = |number| json!({ "email": format!("{number}@{name}.example.com"), "full_name": "In a batch" });
    let operations: Vec<_> =
        (0..OPERATIONS).map(|number| json!({ "op": "create", "data": user(number) })).collect();
    let body = json!({ "atomic": is_atomic, "operations": operations });
    let request = client.post(format!("{url}/api/v2/users/batch")).bearer_auth(token).json(&body);
    let Ok(response) = request.send().await else { return false };
    assert_eq!(response.status(), 200);
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w_08_a_batch_in_which_the_server_is_killed_is_there_whole_or_not_at_all() {
    let database = TestDatabase::create().await;
    let data = data_directory();
    let client = Client::builder().timeout(Duration::from_secs(10)).build().unwrap();
    let (mut token, mut acknowledged) = (None, HashSet::new());
    for round in 0..BATCHES {
        let process = Process::start(data.path(), Some(&database));
        if token.is_none() {
            token = Some(sign_in(&client, &process.url).await);
        }
        let name = format!("batch{round}");
        let (url, token) = (process.url.clone(), token.clone().unwrap());
        let batch = write_batch(client.clone(), url, token, name.clone(), round % 2 == 0);
        let batch = elder_telemetry::spawn("batch", batch);
        // From before the first statement to after the answer.
        tokio::time::sleep(Duration::from_millis(15 * round as u64)).await;
        process.kill();
        if batch.await.unwrap() {
            acknowledged.insert(name);
        }
    }
    let superuser = database.superuser().await;
    let found =
        "select split_part(split_part(u.email, '@', 2), '.', 1) as batch, count(distinct u.id) as users,
            count(distinct a.event_id) as events, count(distinct o.id) as told
        from portal_users u
        left join audit_logs a on a.tenant_id = u.tenant_id and a.action = 'portal_user.created'
         and split_part(a.changes #>> '{email,after}', ':', 2) = replace(u.id::text, '-', '')
        left join outbox o on o.tenant_id = u.tenant_id and o.subject = a.resource_id
        where u.full_name = 'In a batch' group by 1";
    let mut whole = HashSet::new();
    for row in superuser.query(found, &[]).await.unwrap() {
        let name: String = row.get("batch");
        for column in ["users", "events", "told"] {
            assert_eq!(row.get::<_, i64>(column), OPERATIONS, "{column} of {name}");
        }
        whole.insert(name);
    }
    assert!(whole.is_superset(&acknowledged), "acknowledged and lost: {acknowledged:?}, {whole:?}");
    assert!((1..BATCHES).contains(&whole.len()), "{} of {BATCHES}: no kill came in the middle", whole.len());
}

const BULKS: usize = 30;

/// A directory of the owner's tenant; gives its token.
pub(crate) async fn directory(client: &Client, url: &str) -> String {
    let token = sign_in(client, url).await;
    let create = async |path: &str, body: Value| {
        let request = client.post(format!("{url}/api/v2/directories{path}")).bearer_auth(&token).json(&body);
        request.send().await.unwrap().json::<Value>().await.unwrap()
    };
    let made = create("", json!({ "name": "Staff" })).await;
    let issued = create(&format!("/{}/tokens", made["id"].as_str().unwrap()), json!({ "name": "t" })).await;
    issued["token"].as_str().unwrap_or_else(|| panic!("{issued}")).to_owned()
}

/// Sends a group of users who are created in the same request; says whether it was acknowledged.
async fn write_bulk(client: Client, url: String, token: String, round: usize) -> bool {
    let post = |path: &str, name: &str, data: Value| json!({ "method": "POST", "path": path, "bulkId": name, "data": data });
    let schema = |name: &str| json!([format!("urn:ietf:params:scim:schemas:core:2.0:{name}")]);
    let users = (0..40).map(|number| {
        let name = format!("u{number}@bulk{round}.example.com");
        post("/Users", &format!("u{number}"), json!({ "schemas": schema("User"), "userName": name }))
    });
    let members: Vec<_> = (0..40).map(|number| json!({ "value": format!("bulkId:u{number}") })).collect();
    let group =
        json!({ "schemas": schema("Group"), "displayName": format!("bulk{round}"), "members": members });
    let operations: Vec<_> = users.chain([post("/Groups", "g", group)]).collect();
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations,
    });
    let request = client.post(format!("{url}/scim/v2/Bulk")).bearer_auth(token).json(&body);
    let Ok(response) = request.send().await else { return false };
    assert_eq!(response.status(), 200);
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blk_1_of_a_bulk_request_in_which_the_server_is_killed_each_operation_is_there_whole_or_not_at_all() {
    let (database, data) = (TestDatabase::create().await, data_directory());
    let client = Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
    let (mut token, mut acknowledged) = (None, 0);
    for round in 0..BULKS {
        let process = Process::start(data.path(), Some(&database));
        if token.is_none() {
            token = Some(directory(&client, &process.url).await);
        }
        let bulk = write_bulk(client.clone(), process.url.clone(), token.clone().unwrap(), round);
        let bulk = elder_telemetry::spawn("bulk", bulk);
        tokio::time::sleep(Duration::from_millis(15 * round as u64)).await;
        process.kill();
        acknowledged += i64::from(bulk.await.unwrap());
    }
    let superuser = database.superuser().await;
    let number = async |sql: &str| superuser.query_one(sql, &[]).await.unwrap().get::<_, i64>(0);
    let (users, groups) =
        (number("select count(*) from scim_users").await, number("select count(*) from scim_groups").await);
    for (kind, times) in [("user", users), ("group", groups)] {
        let events = format!("select count(*) from audit_logs where action = 'scim.{kind}.created'");
        let told = format!("select count(*) from outbox where type = 'elder.scim.{kind}.created'");
        assert_eq!((number(&events).await, number(&told).await), (times, times), "{kind}");
    }
    let accounts = "select count(*) from portal_users where managed_by is not null";
    let members = "select count(*) from scim_group_members";
    assert_eq!((number(accounts).await, number(members).await), (users, 40 * groups));
    assert!(groups >= acknowledged, "{acknowledged} were acknowledged, {groups} are there");
    assert!(users > 40 * groups, "no kill came in the middle");
}

#[tokio::test]
async fn with_its_private_database_a_killed_server_starts_again_by_itself() {
    let data = data_directory();
    let client = Client::new();
    let mut token = None;
    let mut acknowledged = Vec::new();
    for round in 0..5 {
        let process = Process::start(data.path(), None);
        if token.is_none() {
            token = Some(sign_in(&client, &process.url).await);
        }
        for number in 0..5 {
            let body = json!({ "email": format!("u{round}-{number}@example.com"), "full_name": "" });
            let request =
                client.post(format!("{}/api/v2/users", process.url)).bearer_auth(token.as_ref().unwrap());
            let user: Value = request.json(&body).send().await.unwrap().json().await.unwrap();
            acknowledged.push(user["id"].as_str().unwrap_or_else(|| panic!("{user}")).to_owned());
        }
        process.kill();
    }
    let process = Process::start(data.path(), None);
    for id in acknowledged {
        let request =
            client.get(format!("{}/api/v2/users/{id}", process.url)).bearer_auth(token.as_ref().unwrap());
        assert_eq!(request.send().await.unwrap().status(), 200, "{id}");
    }
}
