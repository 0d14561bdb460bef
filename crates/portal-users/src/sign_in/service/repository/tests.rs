//! A sign-in finds its account and its sessions by indexes, whatever else there is.

use elder_testkit::TestApp;

use super::{CANDIDATES, SESSIONS_BEYOND};

const FILL: [&str; 2] = [
    "insert into portal_users (tenant_id, id, email, email_folded)
        select $1, md5('user' || n)::uuid, n || '@example.org', n || '@example.org' from generate_series(1, 20000) n",
    "insert into sessions (tenant_id, id, user_id, refresh_hash, rotated_at, amr, auth_time, created_at,
            last_seen_at, idle_expires_at, expires_at)
        select $1, md5('session' || n)::uuid, md5('user' || n)::uuid, '', now(), '{}', now(), now(), now(), now(), now()
        from generate_series(1, 20000) n",
];

#[tokio::test]
async fn an_account_is_found_by_its_address_in_all_tenants_and_its_sessions_by_its_id() {
    let app = TestApp::start().await;
    app.fill(&FILL).await;
    let tenant = app.acme.id;
    let generic = "set local plan_cache_mode = force_generic_plan";
    // Whose account it is shows only then: the platform's role asks.
    let prepare = format!(
        "{generic}; set local role elder_platform;
        prepare asked(text, text, text, timestamptz, bigint, int, uuid, bytea) as {CANDIDATES}"
    );
    let execute = "execute asked('7@example.org', 'example.org', null, now(), 10, 5, gen_random_uuid(), '')";
    let plan = app.plan(tenant, &prepare, execute).await;
    assert!(plan.contains("portal_users_email_idx") && !plan.contains("Seq Scan on portal_users"), "{plan}");
    let prepare = format!("{generic}; prepare asked(int, uuid, timestamptz, bigint) as {SESSIONS_BEYOND}");
    let execute = format!("execute asked({tenant}, md5('user7')::uuid, now(), 4)");
    let plan = app.plan(tenant, &prepare, &execute).await;
    assert!(plan.contains("sessions_user_idx") && !plan.contains("Seq Scan"), "{plan}");
}
