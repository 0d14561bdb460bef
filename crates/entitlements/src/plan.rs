//! What the statements of entitlements read of a tenant in which many people hold much (tests alone).

use elder_testkit::TestApp;

/// Ten thousand people of a directory who each hold four of two thousand entitlements, one of ten limited; a thousand
/// rules about three each.
const FILL: [&str; 7] = [
    "insert into portal_users (tenant_id, id, email, email_folded, full_name, full_name_folded)
        select $1::int, lpad(to_hex(n), 32, '0')::uuid, 'u' || n, 'u' || n, 'U', 'u' from generate_series(1, 10000) n",
    "insert into scim_configurations (tenant_id, id, name, name_folded)
        select $1::int, md5($1::int || ' d')::uuid, 'd', 'd'",
    "insert into scim_users (tenant_id, configuration_id, user_id, user_name, user_name_folded, is_active, resource,
            created_at, updated_at)
        select $1::int, md5($1::int || ' d')::uuid, id, email, email_folded, true, '{}', now(), now()
        from portal_users where tenant_id = $1::int and email like 'u%'",
    "insert into entitlements (tenant_id, id, kind, value, value_folded, display, display_folded, max_holders)
        select $1::int, md5($1::int || ' e' || n)::uuid, case n % 2 when 0 then 'role' else 'entitlement' end,
            'e' || n, 'e' || n, 'E', 'e', case n % 10 when 0 then 100000 end from generate_series(0, 1999) n",
    "insert into entitlement_assignments (tenant_id, id, user_id, entitlement_id, configuration_id, assigned_at)
        select $1::int, gen_random_uuid(), lpad(to_hex(n), 32, '0')::uuid, md5($1::int || ' e' || (n * k) % 2000)::uuid,
            case k % 2 when 0 then md5($1::int || ' d')::uuid end, now()
        from generate_series(1, 10000) n, generate_series(1, 4) k on conflict do nothing",
    "insert into entitlement_conflicts (tenant_id, id, name, name_folded)
        select $1::int, md5($1::int || ' c' || n)::uuid, 'c' || n, 'c' || n from generate_series(0, 999) n",
    "insert into entitlement_conflict_members (tenant_id, conflict_id, entitlement_id)
        select $1::int, md5($1::int || ' c' || n)::uuid, md5($1::int || ' e' || (n + k * 31) % 2000)::uuid
        from generate_series(0, 999) n, generate_series(1, 3) k",
];

/// One of acme's people.
pub(crate) const USER: &str = "'0000000000000000000000000000004d'::uuid";
/// Acme's directory.
pub(crate) const DIRECTORY: &str = "md5($tenant || ' d')::uuid";
/// One of acme's entitlements, which is limited.
pub(crate) const ENTITLEMENT: &str = "md5($tenant || ' e70')::uuid";

/// An application in which much has happened.
pub(crate) async fn crowded() -> TestApp {
    let app = TestApp::start().await;
    app.fill(&FILL).await;
    app
}
