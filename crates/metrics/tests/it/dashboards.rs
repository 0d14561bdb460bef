//! The dashboards and rules of the repository: each of their expressions gets data from a real Prometheus that scrapes
//! a real Elder, so that none names what is not there.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use elder_access::{Action, Event, Outcome, work::Shell};
use elder_metrics::{Carried, refresh};
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

use crate::server::Prometheus;

const INFRASTRUCTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infrastructure");
/// How long Prometheus may take until everything has been seen twice and judged; it takes about five seconds.
const PATIENCE: Duration = Duration::from_secs(30);

fn dashboards() -> Vec<(PathBuf, Value)> {
    let mut files: Vec<_> = fs::read_dir(Path::new(INFRASTRUCTURE).join("grafana/dashboards"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|file| (file.clone(), serde_json::from_slice(&fs::read(&file).unwrap()).unwrap()))
        .collect()
}

/// What the panels and the variables of a dashboard ask, with Grafana's own words filled in.
fn queries(dashboard: &Value) -> Vec<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let panels = list(&dashboard["panels"]).into_iter().flat_map(|panel| list(&panel["targets"]));
    let panels = panels.map(|target| target["expr"].as_str().unwrap().to_owned());
    let variables = list(&dashboard["templating"]["list"]).into_iter().map(|variable| {
        let query = variable["query"]["query"].as_str().unwrap();
        let inner = query.strip_prefix("label_values(").unwrap();
        inner.rsplit_once(", ").unwrap().0.to_owned()
    });
    panels.chain(variables).map(|query| filled_in(&query)).collect()
}

fn filled_in(query: &str) -> String {
    let mut query = query.replace("$__rate_interval", "1m").replace("$__range", "1m");
    for variable in ["$tenant", "$endpoint", "$provider"] {
        query = query.replace(variable, ".*");
    }
    query
}

/// The selectors of an expression. One that lists actions becomes one for each of them.
fn selectors(expression: &str) -> Vec<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let (mut found, mut rest) = (Vec::new(), expression);
    while let Some(begin) = rest.find(|c: char| is_word(c) || c == '"' || c == '{') {
        rest = &rest[begin..];
        let end = match rest.chars().next() {
            Some('"') => rest[1..].find('"').unwrap() + 2,
            Some('{') => rest.find('}').unwrap() + 1,
            _ => rest.find(|c: char| !is_word(c)).unwrap_or(rest.len()),
        };
        let (word, behind) = rest.split_at(end);
        let is_metric = word == "up"
            || word.contains(':') && word.starts_with(|c: char| c.is_ascii_lowercase())
            || ["http_", "elder_", "process_"].iter().any(|prefix| word.starts_with(prefix));
        let labels = if behind.starts_with('{') { &behind[..=behind.find('}').unwrap()] } else { "" };
        if is_metric {
            found.extend(by_action(word, labels));
        }
        rest = behind;
    }
    found
}

fn by_action(metric: &str, labels: &str) -> Vec<String> {
    let Some((before, (actions, after))) =
        labels.split_once("action=~\"").and_then(|(before, rest)| Some((before, rest.split_once('"')?)))
    else {
        return vec![format!("{metric}{labels}")];
    };
    if actions.contains('(') {
        return vec![format!("{metric}{labels}")];
    }
    actions.split('|').map(|action| format!("{metric}{before}action=~\"{action}\"{after}")).collect()
}

const STREAM: &str = "
    insert into audit_streams (tenant_id, id, name, name_folded, target, is_active, cursor, next_try_at, created_at, updated_at)
    values ($1, gen_random_uuid(), 's', 's', '{\"kind\": \"file\"}', true, 0, now(), now(), now())";

/// Everything that is ever counted happens once.
async fn live(app: &TestApp) {
    let jobs = app.worker.job::<Shell>();
    for action in Action::ALL {
        let mut event = Event::new(*action);
        if *action == Action::SignInFailed {
            event = event.ended(Outcome::Failure, "wrong password");
        }
        jobs.begin(app.acme.id).await.unwrap().commit(event).await.unwrap();
    }
    let (_, directory) = app.directory().await;
    directory.with_token("not a token").get("/scim/v2/Users").await.expect(401);
    app.guest().get("/api/v2/me").await.expect(401);
    let maintenance = "update platform_settings set maintenance = $1::text::jsonb";
    let message = json!({ "message": "m", "retry_after_seconds": 9 }).to_string();
    app.superuser.execute(maintenance, &[&message]).await.unwrap();
    app.clock.advance(chrono::Duration::seconds(2));
    app.guest().get("/api/v2/me").await.expect_problem(503, "maintenance");
    app.superuser.execute("update platform_settings set maintenance = null", &[]).await.unwrap();
    app.clock.advance(chrono::Duration::seconds(2));
    app.superuser.execute("select graphile_worker.add_job('send_mail', '{}'::json)", &[]).await.unwrap();
    app.superuser.execute(STREAM, &[&app.acme.id.0]).await.unwrap();
    refresh(&app.worker, &app.metrics).await.unwrap();
    app.metrics.show_copies_missed([("file", 2)]).unwrap();
    carry(app);
}

/// A batch arrives and another does not.
fn carry(app: &TestApp) {
    for has_arrived in [true, false] {
        let took = Duration::from_millis(9);
        app.metrics.count_carried(&Carried { connector: "webhook", entities: 5, has_arrived, took });
    }
}

/// Every family that was promised, with its labels.
const PROMISED: [(&str, &[&str]); 28] = [
    ("http_requests_total", &["endpoint", "method", "status"]),
    ("http_request_duration_seconds_count", &["endpoint", "method"]),
    ("http_requests_in_progress", &[]),
    ("elder_entities_total", &["entity_type", "tenant_id"]),
    ("elder_api_calls_total", &["endpoint", "tenant_id"]),
    ("elder_sync_duration_seconds_count", &["connector"]),
    ("elder_sync_entities_total", &["connector", "status"]),
    ("elder_active_sessions", &["tenant_id"]),
    ("elder_audit_events_total", &["action", "tenant_id"]),
    ("elder_logins_total", &["method", "outcome", "tenant_id"]),
    ("elder_scim_requests_total", &["operation", "provider", "status", "tenant_id"]),
    ("elder_audit_seal_lag_seconds", &[]),
    ("elder_jobs", &["queue", "state"]),
    ("elder_webhook_deliveries_total", &["outcome"]),
    ("elder_license_info", &["tier"]),
    ("elder_license_phase", &["phase"]),
    ("elder_license_limit", &["resource"]),
    ("elder_license_used", &["resource"]),
    ("elder_license_ends_at_seconds", &[]),
    ("elder_db_pool_connections", &["pool"]),
    ("elder_db_pool_idle", &["pool"]),
    ("elder_db_pool_waiting", &["pool"]),
    ("elder_password_hash_queue", &[]),
    ("elder_build_info", &["version"]),
    ("elder_audit_streams", &["health"]),
    ("elder_audit_stream_lag_events", &["tenant_id"]),
    ("process_resident_memory_bytes", &[]),
    ("process_start_time_seconds", &[]),
];

/// The names of the labels of a sample, of values without a quote in them.
fn labels(sample: &str) -> Vec<&str> {
    let Some((_, rest)) = sample.split_once('{') else { return Vec::new() };
    let inside = rest.rsplit_once('}').unwrap().0;
    inside.split("\",").map(|label| label.split_once('=').unwrap().0).collect()
}

#[tokio::test]
async fn every_family_that_was_promised_is_there_with_its_labels_and_no_others() {
    let app = TestApp::start().await;
    let people = [app.tenant_admin().await, app.directory().await.1];
    people[1].get("/scim/v2/Users").await.expect(200);
    live(&app).await;
    let text = people[0].get("/metrics").await.text;
    for (family, promised) in PROMISED {
        let mut samples = text
            .lines()
            .filter(|line| line.strip_prefix(family).is_some_and(|rest| rest.starts_with([' ', '{'])))
            .peekable();
        assert!(samples.peek().is_some(), "{family} is not there");
        assert!(samples.all(|sample| labels(sample) == promised), "{family} has not {promised:?}");
    }
}

/// Asks all of them, again and again while people go on, until each was answered.
async fn unanswered(
    prometheus: &Prometheus,
    people: &[Actor],
    mut queries: BTreeSet<String>,
) -> BTreeSet<String> {
    let started = Instant::now();
    while !queries.is_empty() && started.elapsed() < PATIENCE {
        for (person, path) in people.iter().zip(["/api/v2/me", "/scim/v2/Users"]) {
            person.get(path).await.expect(200);
        }
        for query in queries.clone() {
            if !prometheus.ask(&query).await.is_empty() {
                queries.remove(&query);
            }
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    queries
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_expression_of_dashboards_and_rules_gets_data() {
    let app = TestApp::start().await;
    let people = [app.tenant_admin().await, app.directory().await.1];
    live(&app).await;
    let prometheus = Prometheus::start(&app, Some(&Path::new(INFRASTRUCTURE).join("prometheus/rules")));
    let mut asked: BTreeSet<String> =
        dashboards().iter().flat_map(|(_, dashboard)| queries(dashboard)).collect();
    let started = Instant::now();
    let rules = loop {
        let rules = prometheus.rules().await;
        if !rules.is_empty() {
            break rules;
        }
        assert!(started.elapsed() < PATIENCE, "Prometheus has no rules");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    for rule in &rules {
        let expression = rule["query"].as_str().unwrap().to_owned();
        asked.extend(selectors(&expression));
        // What an alert looks for is not there, or else it would be fired.
        if rule["type"] == "recording" {
            asked.insert(expression);
        }
    }
    let in_panels: Vec<String> = asked.iter().flat_map(|query| selectors(query)).collect();
    asked.extend(in_panels);
    assert!(asked.len() > 100, "{} expressions are too few to be all", asked.len());
    assert_eq!(unanswered(&prometheus, &people, asked).await, BTreeSet::new());
    for rule in prometheus.rules().await {
        assert_eq!(rule["health"], "ok", "{rule}");
    }
}

#[test]
fn there_are_five_dashboards_and_none_has_the_id_of_another() {
    let boards = dashboards();
    let ids: BTreeSet<_> = boards.iter().map(|(_, board)| board["uid"].as_str().unwrap()).collect();
    assert_eq!((boards.len(), ids.len()), (5, 5));
    for (file, board) in &boards {
        let name = file.file_stem().unwrap().to_str().unwrap();
        assert_eq!(board["uid"], format!("elder-{name}"));
        assert!(board["panels"].as_array().is_some_and(|panels| panels.len() > 5), "{name}");
    }
}

/// The anchor that a heading has where Markdown is shown.
fn anchor(heading: &str) -> String {
    let kept = heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
        .collect::<String>();
    kept.trim().replace(' ', "-")
}

#[test]
fn every_alert_leads_to_a_place_that_says_what_to_do() {
    let alerts = fs::read_to_string(Path::new(INFRASTRUCTURE).join("prometheus/rules/alerts.yml")).unwrap();
    let places: Vec<_> =
        alerts.lines().filter_map(|line| line.trim().strip_prefix("runbook_url: ")).collect();
    assert_eq!(places.len(), alerts.matches("- alert: ").count());
    for place in places {
        let (file, wanted) =
            place.split_once('#').map_or((place, None), |(file, anchor)| (file, Some(anchor)));
        let text = fs::read_to_string(Path::new(INFRASTRUCTURE).join("..").join(file)).unwrap();
        let headings: Vec<_> = text
            .lines()
            .filter(|line| line.starts_with('#'))
            .map(|line| anchor(line.trim_start_matches('#')))
            .collect();
        let is_there = wanted.is_none_or(|wanted| headings.iter().any(|found| found == wanted));
        assert!(is_there, "{place}: {headings:?}");
    }
}

#[test]
fn an_expression_is_taken_apart_into_what_it_selects() {
    let found =
        selectors("sum by (job) (rate(http_x_total{a=\"b: c\"}[5m])) / job:x:rate5m > 0.5 and on (job) up");
    assert_eq!(found, ["http_x_total{a=\"b: c\"}", "job:x:rate5m", "up"]);
    let found = selectors("elder_a{job=\"j\", action=~\"x.y|z\"}");
    assert_eq!(found, ["elder_a{job=\"j\", action=~\"x.y\"}", "elder_a{job=\"j\", action=~\"z\"}"]);
}
