//! What the checks read of a tenant of a fifty thousand accounts.

use chrono::{DateTime, Utc};
use elder_access::work::Housekeeping;
use elder_testkit::TestApp;

use super::{FACTS, facts};

/// Of ten accounts one is inactive, nine have a second factor, and some were not used for long or never.
const FILL: [&str; 3] = [
    "insert into portal_users (tenant_id, id, email, email_folded, full_name, full_name_folded, is_active,
            tenant_role, created_at, last_login_at)
        select $1, md5('u' || n)::uuid, n || '@example.com', n || '@example.com', 'N', 'n', n % 10 <> 0,
            case when n % 1000 = 1 then 'admin' end, now() - interval '1 year',
            case when n % 1000 = 2 then now() - interval '200 days' when n % 1000 <> 3 then now() end
        from generate_series(1, 50000) n",
    "insert into mfa_factors (tenant_id, id, user_id, kind, name, sealed_secret, confirmed_at, created_at)
        select $1, md5('f' || n)::uuid, md5('u' || n)::uuid, 'totp', 'f', '', now(), now()
        from generate_series(1, 50000) n where n % 10 <> 5",
    "insert into api_keys (tenant_id, id, user_id, name, secret_hash, expires_at)
        select $1, md5('k' || n)::uuid, md5('u' || n)::uuid, 'k', '', now() + interval '30 days'
        from generate_series(1, 20000) n",
];

#[tokio::test]
async fn the_checks_read_no_account_but_those_that_they_tell_of() {
    let app = TestApp::start().await;
    app.fill(&FILL).await;
    app.superuser.batch_execute("vacuum analyze portal_users, mfa_factors, api_keys").await.unwrap();
    let tenant = app.acme.id;
    for mode in ["force_generic_plan", "force_custom_plan"] {
        let before =
            format!("set local plan_cache_mode = {mode}; prepare asked(int, timestamptz) as {FACTS}");
        let plan = app.plan(tenant, &before, &format!("execute asked({tenant}, now())")).await;
        for table in ["portal_users", "mfa_factors", "api_keys"] {
            assert!(!plan.contains(&format!("Seq Scan on {table}")), "{table}\n{plan}");
        }
        for index in ["mfa_factors_confirmed_idx", "portal_users_first_login_idx", "api_keys_end_idx"] {
            assert!(plan.contains(index), "{index}\n{plan}");
        }
    }
}

#[tokio::test]
async fn the_counts_are_those_of_looking_at_each_account() {
    let app = TestApp::start().await;
    let few = FILL.map(|statement| statement.replace("50000) n", "3000) n").replace("20000) n", "10) n"));
    app.fill(&few.each_ref().map(String::as_str)).await;
    let tx = app.worker.job::<Housekeeping>().begin(app.acme.id).await.unwrap();
    let found = facts(&tx).await.unwrap();
    let one_by_one = "
        with people as (select u.*, exists (select from mfa_factors f
                where f.tenant_id = u.tenant_id and f.user_id = u.id and f.confirmed_at is not null) as has_factor
            from portal_users u where u.tenant_id = $1 and u.is_active)
        select count(*), count(*) filter (where has_factor),
            count(*) filter (where greatest(last_login_at, created_at) < $2::timestamptz - interval '90 days'),
            count(*) filter (where tenant_role = 'admin'), count(*) filter (where tenant_role = 'admin' and has_factor)
        from people";
    let now: DateTime<Utc> = app.seam.now();
    let row = app.superuser.query_one(one_by_one, &[&app.acme.id.0, &now]).await.unwrap();
    let counted: Vec<i64> = (0..5).map(|column| row.get(column)).collect();
    let told = [found.people, found.with_factor, found.dormant, found.admins, found.admins_with_factor];
    assert_eq!(told.as_slice(), counted);
    assert!(counted.iter().all(|count| *count > 0) && counted[1] < counted[0], "{counted:?}");
}
