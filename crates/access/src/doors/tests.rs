//! What every request begins with reads indexes, however many people, keys and tokens there are.

use elder_testkit::TestApp;

use super::{api_key, credential};

/// In two tenants: 20,000 people with a session, a key, a custom role and a role in an organization each, who are in a
/// group of one of 20 directories with mappings, and have a role by one of 200 identity providers; and as many tokens.
const FILL: [&str; 19] = [
    "insert into portal_users (tenant_id, id, email, email_folded)
        select $1, md5('user' || n)::uuid, n || '@example.org', n || '@example.org' from generate_series(1, 20000) n",
    "insert into sessions (tenant_id, id, user_id, refresh_hash, rotated_at, amr, auth_time, created_at,
            last_seen_at, idle_expires_at, expires_at)
        select $1, md5('session' || n)::uuid, md5('user' || n)::uuid, '', now(), '{}', now(), now(), now(), now(), now()
        from generate_series(1, 20000) n",
    "insert into mfa_factors (tenant_id, id, user_id, kind, name, sealed_secret, confirmed_at, created_at)
        select $1, md5('factor' || n)::uuid, md5('user' || n)::uuid, 'totp', 'f', '', now(), now()
        from generate_series(1, 20000) n",
    "insert into roles (tenant_id, id, name, name_folded, tier, permissions)
        select $1, md5('role' || n)::uuid, 'r' || n, 'r' || n, 'tenant', '{users:read}' from generate_series(1, 2000) n",
    "insert into portal_user_roles (tenant_id, user_id, role_id)
        select $1, md5('user' || n)::uuid, md5('role' || (n % 2000 + 1))::uuid from generate_series(1, 20000) n",
    "insert into organizations (tenant_id, id, name, name_folded)
        select $1, md5('organization' || n)::uuid, 'o' || n, 'o' || n from generate_series(1, 5000) n",
    "insert into portal_user_org_assignments (tenant_id, user_id, organization_id, role)
        select $1, md5('user' || n)::uuid, md5('organization' || (n % 5000 + 1))::uuid, 'reader'
        from generate_series(1, 20000) n",
    "insert into service_accounts (tenant_id, id, name, name_folded, permissions)
        select $1, md5('account' || n)::uuid, 'a' || n, 'a' || n, '{users:read}' from generate_series(1, 2000) n",
    "insert into api_keys (tenant_id, id, user_id, name, secret_hash, organization_ids, expires_at)
        select $1, md5('key' || n)::uuid, md5('user' || n)::uuid, 'k', '',
            array[md5('organization' || (n % 5000 + 1))::uuid], now() from generate_series(1, 20000) n",
    "insert into scim_configurations (tenant_id, id, name, name_folded)
        select $1, md5('directory' || n)::uuid, 'd' || n, 'd' || n from generate_series(1, 2000) n",
    "insert into scim_tokens (tenant_id, id, configuration_id, name, secret_hash)
        select $1, md5('token' || n)::uuid, md5('directory' || (n % 2000 + 1))::uuid, 't', ''
        from generate_series(1, 20000) n",
    "insert into scim_users (tenant_id, configuration_id, user_id, user_name, user_name_folded, is_active, resource,
            created_at, updated_at)
        select $1, md5('directory' || (n % 20 + 1))::uuid, md5('user' || n)::uuid, 'u' || n, 'u' || n, true, '{}', now(),
            now() from generate_series(1, 20000) n",
    "insert into scim_groups (tenant_id, configuration_id, id, display_name, display_name_folded, resource, created_at,
            updated_at)
        select $1, md5('directory' || (n % 20 + 1))::uuid, md5('group' || n)::uuid, 'g' || n, 'g' || n, '{}', now(), now()
        from generate_series(1, 2000) n",
    "insert into scim_group_members (tenant_id, configuration_id, group_id, user_id)
        select $1, md5('directory' || (n % 20 + 1))::uuid, md5('group' || ((n - 1) % 2000 + 1))::uuid,
            md5('user' || n)::uuid from generate_series(1, 20000) n",
    "insert into scim_role_mappings (tenant_id, id, configuration_id, source, value, value_folded, role, created_at)
        select $1, gen_random_uuid(), md5('directory' || (n % 20 + 1))::uuid, 'group', 'g' || n, 'g' || n, 'reader', now()
        from generate_series(1, 2000) n",
    "insert into idp_configurations (tenant_id, id, idp_type, provider, name, name_folded, oidc_issuer_url, oidc_client_id,
            oidc_scopes, oidc_token_endpoint_auth_method, oidc_allowed_tenants, trusts_mfa, jit_provisioning_enabled,
            conflicts, sync, attribute_mappings, role_rules, role_rule_matching, is_active, created_at, updated_at)
        select $1, md5('idp' || n)::uuid, 'oidc', 'generic', 'i' || n, 'i' || n, 'https://i.example', 'c', '{}', 'none', '{}',
            false, false, 'refuse', 'always', '[]', '[]', 'all', true, now(), now() from generate_series(1, 200) n",
    "insert into sso_identities (tenant_id, id, idp_id, user_id, issuer, subject, linked_at, last_login_at)
        select $1, gen_random_uuid(), md5('idp' || (n % 200 + 1))::uuid, md5('user' || n)::uuid, 'i', n, now(), now()
        from generate_series(1, 20000) n",
    "insert into sso_grants (tenant_id, idp_id, user_id, role)
        select $1, md5('idp' || (n % 200 + 1))::uuid, md5('user' || n)::uuid, 'reader' from generate_series(1, 20000) n",
    "insert into person_keys (tenant_id, person, sealed)
        select $1, md5('user' || n)::uuid, '' from generate_series(1, 20000) n",
];

#[tokio::test]
async fn a_credential_is_looked_up_by_indexes_among_many_of_two_tenants() {
    let app = TestApp::start().await;
    app.fill(&FILL).await;
    let tenant = app.acme.id;
    let cases = [
        (credential::SESSION, "session", "", "sessions_pkey"),
        (api_key::KEY, "key", "", "api_keys_pkey"),
        (api_key::USED, "key", ", now()", "api_keys_pkey"),
        (credential::SCIM_TOKEN, "token", "", "scim_tokens_pkey"),
        (credential::SCIM_TOKEN_USED, "token", ", now()", "scim_tokens_pkey"),
    ];
    for (sql, kind, more, index) in cases {
        let types = if more.is_empty() { "int, uuid" } else { "int, uuid, timestamptz" };
        let prepare =
            format!("set local plan_cache_mode = force_generic_plan; prepare asked({types}) as {sql}");
        let execute = format!("execute asked({tenant}, md5('{kind}777')::uuid{more})");
        let plan = app.plan(tenant, &prepare, &execute).await;
        assert!(plan.contains(index), "{plan}");
        // There are a handful of tenants, which are read whole.
        let read_whole = plan.lines().filter_map(|line| line.split_once("Seq Scan on "));
        for (_, table) in read_whole {
            assert!(table.starts_with("tenants "), "{table} is read whole:\n{plan}");
        }
    }
}
