//! What those who ask for a mail could learn of others by it: nothing.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use elder_testkit::{Answer, Options, PASSWORD, TestApp};
use serde_json::json;

use crate::{
    mailbox::{mails, open_platform, set},
    people::create,
};

/// One with an account, one who is inactive, one whose account has no password, one without an account.
const PEOPLE: [&str; 4] = ["ana@acme.com", "off@acme.com", "none@acme.com", "nobody@acme.com"];

async fn populate(app: &TestApp) {
    let admin = app.tenant_admin().await;
    create(&admin, PEOPLE[0]).await;
    let off = create(&admin, PEOPLE[1]).await;
    admin.post(&format!("/api/v2/users/{off}/deactivate"), json!({})).await.expect(200);
    admin.post("/api/v2/users", json!({ "email": PEOPLE[2] })).await.expect(201);
}

async fn counting() -> (TestApp, Arc<AtomicUsize>) {
    let statements = Arc::new(AtomicUsize::new(0));
    let options = Options { statements: Some(statements.clone()), ..Options::default() };
    let app = TestApp::start_with(options).await;
    populate(&app).await;
    (app, statements)
}

async fn forget(app: &TestApp, email: &str) -> Answer {
    app.guest().post("/api/v2/auth/password/forgot", json!({ "email": email, "tenant": "acme" })).await
}

async fn register(app: &TestApp, email: &str) -> Answer {
    let body = json!({ "email": email, "full_name": "Eve", "password": PASSWORD, "tenant": "acme" });
    app.guest().post("/api/v2/auth/register", body).await
}

/// What a caller sees, without what differs for every request.
fn visible(answer: &Answer) -> String {
    let hidden = ["date", "x-request-id", "ratelimit"];
    let mut headers: Vec<_> =
        answer.headers.iter().filter(|(name, _)| !hidden.contains(&name.as_str())).collect();
    headers.sort_by_key(|(name, _)| name.as_str());
    format!("{} {headers:?} {}", answer.status, answer.text)
}

/// How many statements one call of each makes; the first one fills caches and does not count.
async fn counts(
    app: &TestApp,
    statements: &AtomicUsize,
    call: impl AsyncFn(&TestApp, &str) -> Answer,
) -> Vec<usize> {
    call(app, "first@acme.com").await.expect(202);
    let mut counts = Vec::new();
    for email in PEOPLE {
        statements.store(0, Ordering::Relaxed);
        for _ in 0..4 {
            call(app, email).await.expect(202);
            app.superuser.batch_execute("delete from one_time_tokens").await.unwrap();
        }
        // A transaction that is dropped may end a moment after the answer.
        counts.push((statements.load(Ordering::Relaxed) + 2) / 4);
    }
    counts
}

#[tokio::test]
async fn p_09_who_says_that_a_password_is_forgotten_learns_nothing() {
    let app = TestApp::start().await;
    populate(&app).await;
    let mut answers = Vec::new();
    for email in PEOPLE {
        answers.push(visible(&forget(&app, email).await));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    assert!(answers[0].starts_with("202"), "{answers:?}");
    let mut mailed = Vec::new();
    for email in PEOPLE {
        mailed.push(mails(&app, email).await.len());
    }
    assert_eq!(mailed, [1, 0, 1, 0]);
    assert_eq!(app.audit_count("portal_user.password_reset_requested").await, 4);
}

#[tokio::test]
async fn p_08_whether_a_forgotten_password_is_anybodys_makes_no_other_statements() {
    let (app, statements) = counting().await;
    let counts = counts(&app, &statements, forget).await;
    assert!(counts[0] >= 4, "{counts:?}");
    assert_eq!(counts, [counts[0]; PEOPLE.len()], "{PEOPLE:?}");
}

#[tokio::test]
async fn p_09_who_asks_for_an_account_learns_nothing() {
    let app = TestApp::start().await;
    populate(&app).await;
    for policy in ["off", "invitation", "domain", "open"] {
        open_platform(&app).await;
        set(&app.tenant_admin().await, json!({ "registration": policy })).await;
        let mut answers = Vec::new();
        for email in PEOPLE {
            answers.push(visible(&register(&app, email).await));
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{policy}: {answers:#?}");
        let mut mailed = Vec::new();
        for email in PEOPLE {
            mailed.push(mails(&app, email).await.len());
        }
        assert_eq!(mailed, [1, 0, 1, usize::from(policy == "open")], "{policy}");
    }
}

#[tokio::test]
async fn p_08_whether_there_is_an_account_makes_no_other_statements_when_somebody_asks_for_one() {
    let (app, statements) = counting().await;
    open_platform(&app).await;
    for policy in ["open", "off"] {
        set(&app.tenant_admin().await, json!({ "registration": policy })).await;
        let counts = counts(&app, &statements, register).await;
        assert!(counts[0] >= 6, "{counts:?}");
        assert_eq!(counts, [counts[0]; PEOPLE.len()], "{policy}: {PEOPLE:?}");
    }
}
