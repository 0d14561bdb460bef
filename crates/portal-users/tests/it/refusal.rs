//! What a sign-in that fails costs, whoever was meant.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use elder_testkit::{Options, PASSWORD, TestApp};
use serde_json::json;

use crate::people::{create, login};

/// Each with another reason to be refused. The last has the right password and is told by mail that it looked too unusual.
const PEOPLE: [&str; 6] =
    ["ana@acme.com", "nobody@acme.com", "off@acme.com", "locked@acme.com", "none@acme.com", "odd@acme.com"];
const TRIES: usize = 200;
const ROUNDS: usize = 5;
/// Longer than it takes to write a mail.
const ASIDE: Duration = Duration::from_millis(40);
/// What the medians of two refusals may differ by: less than a network hides, and a fraction of a hash.
const NOISE: Duration = Duration::from_millis(2);

/// A wrong password for the first, and the right one for those who may not sign in.
fn password(email: &str) -> &'static str {
    if email == PEOPLE[0] { "wrong horse battery staple" } else { PASSWORD }
}

async fn populate(app: &TestApp) {
    let admin = app.tenant_admin().await;
    create(&admin, "ana@acme.com").await;
    let off = create(&admin, "off@acme.com").await;
    admin.post(&format!("/api/v2/users/{off}/deactivate"), json!({})).await.expect(200);
    create(&admin, "locked@acme.com").await;
    admin.post("/api/v2/users", json!({ "email": "none@acme.com" })).await.expect(201);
    create(&admin, "odd@acme.com").await;
    login(app, "odd@acme.com", PASSWORD, None).await.expect(200);
    admin.patch("/api/v2/tenant", json!({ "settings": { "risk": { "refuse_at": 10 } } })).await.expect(200);
    forget(app).await;
}

/// Takes back what the tries have led to, so that each is refused for the same reason as the one before.
async fn forget(app: &TestApp) {
    let forget =
        "update portal_users set failed_login_attempts = 0, failed_in_a_row = 0, locked_until = null;
        update portal_users set locked_until = now() + interval '1 day' where email = 'locked@acme.com'";
    app.superuser.batch_execute(forget).await.unwrap();
}

#[tokio::test]
async fn p_08_every_refusal_makes_as_many_statements() {
    let statements = Arc::new(AtomicUsize::new(0));
    let options = Options { statements: Some(statements.clone()), ..Options::default() };
    let app = TestApp::start_with(options).await;
    populate(&app).await;
    login(&app, PEOPLE[0], "wrong", None).await.expect_problem(401, "invalid_credentials");
    let mut counts = Vec::new();
    // What is told by mail is written beside the answer, and would be counted with it.
    let (_, silent) = PEOPLE.split_last().unwrap();
    for email in silent {
        forget(&app).await;
        statements.store(0, Ordering::Relaxed);
        for _ in 0..10 {
            login(&app, email, password(email), Some("acme"))
                .await
                .expect_problem(401, "invalid_credentials");
            forget(&app).await;
        }
        // A transaction that is dropped may end a moment after the answer.
        counts.push((statements.load(Ordering::Relaxed) + 5) / 10);
    }
    assert!(counts[0] >= 4, "{counts:?}");
    assert!(counts.iter().all(|count| *count == counts[0]), "{silent:?}: {counts:?}");
}

/// The medians of tries that take turns, so that what else the machine does weighs on all alike.
async fn medians(app: &TestApp) -> [Duration; PEOPLE.len()] {
    let mut times: [Vec<Duration>; PEOPLE.len()] = Default::default();
    for _ in 0..TRIES {
        forget(app).await;
        for (email, times) in PEOPLE.iter().zip(&mut times) {
            let start = Instant::now();
            login(app, email, password(email), Some("acme")).await.expect_problem(401, "invalid_credentials");
            times.push(start.elapsed());
        }
        // What is told by mail is written beside the answer, on a thread that the next one may want.
        tokio::time::sleep(ASIDE).await;
    }
    times.map(|mut times| {
        times.sort_unstable();
        times[TRIES / 2]
    })
}

/// What somebody could learn from is there in each round, and the same way round; what is not is the machine's noise.
#[tokio::test]
async fn p_08_every_refusal_takes_as_long() {
    let app = TestApp::start().await;
    populate(&app).await;
    let pairs = (0..PEOPLE.len()).flat_map(|one| (0..PEOPLE.len()).map(move |other| (one, other)));
    let mut slower: Vec<_> = pairs.collect();
    let mut rounds = Vec::new();
    while !slower.is_empty() {
        assert!(rounds.len() < ROUNDS, "{PEOPLE:?}: {rounds:?}");
        let medians = medians(&app).await;
        slower.retain(|(one, other)| medians[*one] >= medians[*other] + NOISE);
        rounds.push(medians);
    }
}
