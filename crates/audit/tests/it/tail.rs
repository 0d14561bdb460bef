//! The live tail.

use std::time::{Duration, Instant};

use elder_audit::seal;
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

const STREAM: &str = "/api/v2/audit/events/stream";

/// Somebody who listens.
struct Ear {
    response: reqwest::Response,
    text: String,
}

impl Ear {
    async fn to(actor: &Actor, path: &str) -> Self {
        let response = actor.open(path).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut ear = Self { response, text: String::new() };
        let greeting = ear.block().await.unwrap();
        assert!(greeting.starts_with("retry: "), "{greeting}");
        ear
    }

    /// What is said up to the next empty line; none at the end.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            let more = tokio::time::timeout(Duration::from_secs(20), self.response.chunk()).await;
            let more = more.expect("nothing is said").unwrap()?;
            self.text.push_str(std::str::from_utf8(&more).unwrap());
        }
    }

    /// The next event, with its id.
    async fn event(&mut self) -> (u64, Value) {
        let block = self.block().await.expect("the stream has ended");
        let line = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        assert_eq!(line("event: "), "audit_event", "{block}");
        (line("id: ").parse().unwrap(), serde_json::from_str(line("data: ")).unwrap())
    }

    async fn name(&mut self) -> (u64, String) {
        let (id, event) = self.event().await;
        (id, event["changes"]["name"]["after"].as_str().unwrap_or_default().to_owned())
    }
}

async fn happen(app: &TestApp, admin: &Actor, names: &[&str]) {
    for name in names {
        app.clock.advance(chrono::Duration::milliseconds(1));
        admin.post("/api/v2/organizations", json!({ "name": name })).await.expect(201);
    }
    seal(&app.worker, "elder.test").await.unwrap();
}

#[tokio::test]
async fn listeners_hear_what_is_sealed_in_its_order_and_of_their_tenant_alone() {
    let app = TestApp::start().await;
    let (admin, stranger) = (app.tenant_admin().await, app.other_tenant().await);
    happen(&app, &admin, &["Before"]).await;
    let (mut one, mut two) = (Ear::to(&admin, STREAM).await, Ear::to(&admin, STREAM).await);
    let mut theirs = Ear::to(&stranger, STREAM).await;
    happen(&app, &admin, &["One"]).await;
    happen(&app, &stranger, &["Theirs"]).await;
    happen(&app, &admin, &["Two", "Three"]).await;
    for ear in [&mut one, &mut two] {
        let heard = [ear.name().await, ear.name().await, ear.name().await];
        assert_eq!(heard.map(|(id, _)| id), [2, 3, 4]);
    }
    assert_eq!(theirs.name().await, (1, "Theirs".to_owned()));
    let listed = admin.get("/api/v2/audit/events").await.expect(200)["data"].clone();
    happen(&app, &admin, &["Four"]).await;
    let (_, event) = one.event().await;
    assert!(!listed.as_array().unwrap().contains(&event));
    assert_eq!(admin.get("/api/v2/audit/events?limit=1").await.expect(200)["data"][0], event);
}

#[tokio::test]
async fn who_comes_again_misses_nothing_and_hears_nothing_twice() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let mut ear = Ear::to(&admin, STREAM).await;
    happen(&app, &admin, &["One", "Two"]).await;
    let (last, _) = ear.name().await;
    drop(ear);
    // More than one page of what is read at once.
    let names: Vec<_> = (0..250).map(|number| format!("While away {number}")).collect();
    happen(&app, &admin, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let again = admin.with_header("last-event-id", last.to_string());
    let mut ear = Ear::to(&again, STREAM).await;
    happen(&app, &admin, &["Here again"]).await;
    for expected in last + 1..=253 {
        let (id, name) = ear.name().await;
        assert_eq!(id, expected);
        assert_eq!(name == "Here again", id == 253, "{id}: {name}");
    }
    let from_the_beginning = admin.with_header("last-event-id", "0");
    assert_eq!(Ear::to(&from_the_beginning, STREAM).await.event().await.0, 1);
    let bad = admin.with_header("last-event-id", "x").get(STREAM).await;
    bad.expect_problem(400, "invalid_parameter");
}

#[tokio::test]
async fn a_07_what_commits_late_is_told_when_it_is_sealed() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let mut late = app.database.superuser().await;
    let open = late.transaction().await.unwrap();
    let add = "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category,
            resource_type, outcome)
        values ($1, $2, $3, 'late', 'system', 'tenant.updated', 'configuration', 'tenant', 'success')";
    open.execute(add, &[&app.acme.id.0, &app.seam.now(), &app.seam.uuid()]).await.unwrap();
    app.clock.advance(chrono::Duration::seconds(5));
    let mut ear = Ear::to(&admin, STREAM).await;
    happen(&app, &admin, &["Early"]).await;
    assert_eq!(ear.name().await, (1, "Early".to_owned()));
    open.commit().await.unwrap();
    happen(&app, &admin, &["After"]).await;
    let (first, second) = (ear.event().await, ear.event().await);
    assert_eq!((first.0, second.0), (2, 3));
    assert!([first.1, second.1].iter().any(|event| event["correlation_id"] == "late"));
}

#[tokio::test]
async fn a_filter_lets_through_what_it_lets_through_in_lists() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let filter = "?filter=action%20eq%20%22organization.deleted%22%20or%20resource_type%20sw%20%22role%22";
    let mut ear = Ear::to(&admin, &format!("{STREAM}{filter}")).await;
    let made = admin.post("/api/v2/organizations", json!({ "name": "One" })).await.expect(201);
    admin.delete(&format!("/api/v2/organizations/{}", made["id"].as_str().unwrap())).await.expect(204);
    happen(&app, &admin, &["Two"]).await;
    let (_, event) = ear.event().await;
    assert_eq!(event["action"], "organization.deleted");
    admin.get(&format!("{STREAM}?filter=changes%20pr")).await.expect_problem(400, "invalid_filter");
    admin.get(&format!("{STREAM}?filtre=x")).await.expect_problem(400, "invalid_parameter");
}

#[tokio::test]
async fn a_stream_ends_within_a_second_of_its_session_or_right() {
    let app = TestApp::start().await;
    for end in [
        "update sessions set ended_at = now(), end_reason = 'revoked' where tenant_id = $1 and user_id = $2",
        "delete from portal_user_roles where tenant_id = $1 and user_id = $2",
        "update portal_users set is_active = false where tenant_id = $1 and id = $2",
    ] {
        let reader = app.member_with::<elder_access::markers::AuditRead>().await;
        let mut ear = Ear::to(&reader, STREAM).await;
        let mut other = Ear::to(&app.tenant_admin().await, STREAM).await;
        let changed = app.superuser.execute(end, &[&app.acme.id.0, &reader.user.unwrap().uuid()]).await;
        assert_eq!(changed.unwrap(), 1, "{end}");
        let ended = Instant::now();
        assert_eq!(ear.block().await, None);
        assert!(ended.elapsed() < Duration::from_millis(2_500), "{end}: {:?}", ended.elapsed());
        happen(&app, &app.tenant_admin().await, &[end]).await;
        other.event().await;
    }
}

#[tokio::test]
async fn five_of_a_tenant_may_listen_and_a_place_is_free_again_when_one_goes() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let mut ears = Vec::new();
    for _ in 0..5 {
        ears.push(Ear::to(&admin, STREAM).await);
    }
    admin.get(STREAM).await.expect_problem(429, "rate_limited");
    Ear::to(&app.other_tenant().await, STREAM).await;
    drop(ears.pop());
    let gone = Instant::now();
    // The server sees it when it has something to say, or at its next look.
    loop {
        happen(&app, &admin, &[&format!("Somebody left {:?}", gone.elapsed())]).await;
        let response = admin.open(STREAM).await;
        if response.status() == 200 {
            break;
        }
        assert!(gone.elapsed() < Duration::from_secs(10), "the place was never given up");
    }
}

#[tokio::test]
async fn a_11_who_may_not_read_the_log_may_not_listen() {
    let app = TestApp::start().await;
    app.guest().get(STREAM).await.expect_problem(401, "unauthenticated");
    let maintainer = app.member(app.acme.id, Some(elder_access::Role::Maintainer)).await;
    maintainer.get(STREAM).await.expect_problem(403, "permission_denied");
}
