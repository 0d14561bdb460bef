//! What the statements of a sign-in read of a database in which much has happened (tests alone).

use elder_testkit::TestApp;

/// People of a tenant that each have signed in by one of its two hundred providers, and are about to do so again.
const FILL: [&str; 12] = [
    "insert into tenants (id, name, slug) select 1000 + n, 't', 't' || n from generate_series(1, 2000) n
        where $1::int is not null on conflict do nothing",
    "insert into portal_users (tenant_id, id, email, email_folded, full_name, full_name_folded)
        select $1::int, lpad(to_hex(n), 32, '0')::uuid, 'u' || n, 'u' || n, 'U', 'u' from generate_series(1, 20000) n",
    "insert into tenant_domains (tenant_id, id, domain, verification_token, verified_at, verified_by)
        select $1::int, gen_random_uuid(), 'd' || n || '-' || $1::int || '.example', 't', now(), 'dns' from generate_series(1, 5000) n",
    "insert into idp_configurations (tenant_id, id, idp_type, provider, name, name_folded, oidc_issuer_url,
            oidc_client_id, oidc_scopes, oidc_token_endpoint_auth_method, oidc_allowed_tenants, trusts_mfa,
            jit_provisioning_enabled, conflicts, sync, attribute_mappings, role_rules, role_rule_matching, is_active,
            created_at, updated_at)
        select $1::int, md5($1::int || ' ' || n)::uuid, 'oidc', 'generic', 'i' || n, 'i' || n, 'https://i.example', 'c', '{}', 'none', '{}',
            false, false, 'refuse', 'always', '[]', '[]', 'all', true, now(), now() from generate_series(1, 200) n",
    "insert into idp_configurations (tenant_id, id, idp_type, provider, name, name_folded, oidc_issuer_url,
            oidc_client_id, oidc_scopes, oidc_token_endpoint_auth_method, oidc_allowed_tenants, trusts_mfa,
            jit_provisioning_enabled, conflicts, sync, attribute_mappings, role_rules, role_rule_matching, is_active,
            created_at, updated_at)
        select 1000 + n, md5('t' || n)::uuid, 'oidc', 'generic', 'i', 'i', 'https://i.example', 'c', '{}', 'none', '{}', false, false,
            'refuse', 'always', '[]', '[]', 'all', true, now(), now() from generate_series(1, 2000) n
        where $1::int is not null on conflict do nothing",
    "insert into sso_identities (tenant_id, id, idp_id, user_id, issuer, subject, domain, linked_at, last_login_at)
        select $1::int, gen_random_uuid(), md5($1::int || ' ' || n % 200 + 1)::uuid, lpad(to_hex(n), 32, '0')::uuid,
            'https://i.example', 's' || n, 'd' || n % 5000 + 1 || '-' || $1::int || '.example', now(), now()
        from generate_series(1, 20000) n",
    "insert into sso_grants (tenant_id, idp_id, user_id, role)
        select $1::int, idp_id, user_id, 'reader' from sso_identities where tenant_id = $1::int",
    "insert into sso_sessions (tenant_id, id, idp_id, user_id, issuer, subject, idp_session, sealed, created_at)
        select $1::int, md5('x' || subject)::uuid, idp_id, user_id, issuer, subject, 'x' || subject, '', now()
        from sso_identities where tenant_id = $1::int",
    "insert into sessions (tenant_id, id, user_id, refresh_hash, rotated_at, amr, auth_time, created_at, last_seen_at,
            idle_expires_at, expires_at, sso_id)
        select $1::int, md5('s' || subject)::uuid, user_id, uuid_send(gen_random_uuid()), now(), '{sso}', now(), now(), now(), now(),
            now(), md5('x' || subject)::uuid
        from sso_identities where tenant_id = $1::int",
    "insert into sso_requests (tenant_id, id, idp_id, secret_hash, sealed, created_at, expires_at)
        select $1::int, md5('r' || subject)::uuid, idp_id, '1', '2', now(), now() + interval '1 day'
        from sso_identities where tenant_id = $1::int",
    "insert into sso_shown (tenant_id, idp_id, id_hash, expires_at)
        select $1::int, idp_id, decode(md5(subject), 'hex'), now() + interval '1 day' from sso_identities where tenant_id = $1::int",
    "insert into organizations (tenant_id, id, parent_id, name, name_folded)
        select $1::int, lpad(to_hex(n), 32, '0')::uuid, case when n >= 10 then lpad(to_hex(n / 10), 32, '0')::uuid end,
            'n' || n, 'n' || n
        from generate_series(1, 20000) n",
];

/// A person of acme's.
pub(crate) const USER: &str = "00000000-0000-0000-0000-000000004e1f";

/// An application in which much has happened.
pub(crate) async fn crowded() -> TestApp {
    let app = TestApp::start().await;
    app.fill(&FILL).await;
    app
}

/// Asserts that a statement with these values, `$tenant` among them, reads rows by indexes; of the two tenants and their roles
/// there are too few.
pub(crate) async fn is_indexed(app: &TestApp, name: &str, sql: &str, values: &str) {
    app.expect_indexed(name, sql, values, &["tenants", "roles"]).await;
}
