//! What stands in the tables of a tenant before statements are tried on them.

/// A row of a tenant in every table with a `tenant_id`; `$1` is the tenant.
pub(crate) const SEED: [&str; 69] = [
    "insert into organizations (tenant_id, id, name, name_folded) values ($1, gen_random_uuid(), 'o', 'o')",
    "insert into tenant_domains (tenant_id, id, domain, verification_token)
        values ($1, gen_random_uuid(), 'example.com', 'x')",
    "insert into portal_users (tenant_id, id, email, email_folded)
        values ($1, md5('user')::uuid, 'a@example.com', 'a@example.com')",
    "insert into password_history (tenant_id, id, user_id, password_hash, replaced_at)
        values ($1, gen_random_uuid(), md5('user')::uuid, 'x', now())",
    "insert into roles (tenant_id, id, name, name_folded, tier, permissions)
        values ($1, md5('role')::uuid, 'r', 'r', 'tenant', '{}')",
    "insert into portal_user_roles (tenant_id, user_id, role_id)
        values ($1, md5('user')::uuid, md5('role')::uuid)",
    "insert into portal_user_org_assignments (tenant_id, user_id, organization_id, role)
        select tenant_id, md5('user')::uuid, id, 'reader' from organizations where tenant_id = $1",
    "insert into sessions (tenant_id, id, user_id, refresh_hash, rotated_at, amr, auth_time, created_at,
            last_seen_at, idle_expires_at, expires_at)
        values ($1, gen_random_uuid(), md5('user')::uuid, '', now(), '{}', now(), now(), now(), now(), now())",
    "insert into one_time_tokens (tenant_id, id, purpose, email_folded, secret_hash, expires_at, created_at)
        values ($1, gen_random_uuid(), 'registration', 'a@example.com', '', now(), now())",
    "insert into invitations (tenant_id, id, email, email_folded, offer, days, expires_at, created_at, updated_at)
        values ($1, gen_random_uuid(), 'a@example.com', 'a@example.com', '{}', 7, now(), now(), now())",
    "insert into devices (tenant_id, id, user_id, secret_hash, name, first_seen_at, last_seen_at)
        values ($1, gen_random_uuid(), md5('user')::uuid, '', 'd', now(), now())",
    "insert into mfa_factors (tenant_id, id, user_id, kind, name, sealed_secret, created_at)
        values ($1, gen_random_uuid(), md5('user')::uuid, 'totp', 'f', '', now())",
    "insert into backup_codes (tenant_id, id, user_id, sealed_hash, created_at)
        values ($1, gen_random_uuid(), md5('user')::uuid, '', now())",
    "insert into login_flows (tenant_id, id, user_id, purpose, secret_hash, methods, created_at, expires_at)
        values ($1, gen_random_uuid(), md5('user')::uuid, 'second_factor', '', '{}', now(), now())",
    "insert into webauthn_challenges (tenant_id, id, expires_at) values ($1, gen_random_uuid(), now())",
    "insert into service_accounts (tenant_id, id, name, name_folded, permissions)
        values ($1, gen_random_uuid(), 's', 's', '{}')",
    "insert into api_keys (tenant_id, id, user_id, name, secret_hash, expires_at)
        values ($1, gen_random_uuid(), md5('user')::uuid, 'k', '', now())",
    "insert into scim_configurations (tenant_id, id, name, name_folded)
        values ($1, md5('directory')::uuid, 'd', 'd')",
    "insert into scim_tokens (tenant_id, id, configuration_id, name, secret_hash)
        values ($1, gen_random_uuid(), md5('directory')::uuid, 't', '')",
    "insert into scim_users (tenant_id, configuration_id, user_id, user_name, user_name_folded, is_active,
            resource, created_at, updated_at)
        values ($1, md5('directory')::uuid, md5('user')::uuid, 'u', 'u', true, '{}', now(), now())",
    "insert into scim_groups (tenant_id, configuration_id, id, display_name, display_name_folded, resource,
            created_at, updated_at)
        values ($1, md5('directory')::uuid, md5('group')::uuid, 'g', 'g', '{}', now(), now())",
    "insert into scim_group_members (tenant_id, configuration_id, group_id, user_id)
        values ($1, md5('directory')::uuid, md5('group')::uuid, md5('user')::uuid)",
    "insert into applications (tenant_id, id, name, name_folded, redirect_uris, allowed_origins)
        values ($1, md5('application')::uuid, 'a', 'a', '{u}', '{o}')",
    "insert into authorization_codes (tenant_id, id, application_id, browser_session_id, secret_hash, redirect_uri,
            code_challenge, created_at, expires_at)
        select tenant_id, gen_random_uuid(), md5('application')::uuid, id, '', 'u', 'c', now(), now()
        from sessions where tenant_id = $1",
    "insert into idp_configurations (tenant_id, id, idp_type, provider, name, name_folded, oidc_issuer_url, oidc_client_id,
            oidc_scopes, oidc_token_endpoint_auth_method, oidc_allowed_tenants, trusts_mfa, jit_provisioning_enabled,
            conflicts, sync, attribute_mappings, role_rules, role_rule_matching, is_active, created_at, updated_at)
        values ($1, md5('idp')::uuid, 'oidc', 'generic', 'i', 'i', 'https://i.example', 'c', '{}', 'none', '{}', false,
            false, 'refuse', 'always', '[]', '[]', 'all', true, now(), now())",
    "insert into sso_identities (tenant_id, id, idp_id, user_id, issuer, subject, linked_at, last_login_at)
        values ($1, gen_random_uuid(), md5('idp')::uuid, md5('user')::uuid, 'i', 's', now(), now())",
    "insert into sso_grants (tenant_id, idp_id, user_id, role)
        values ($1, md5('idp')::uuid, md5('user')::uuid, 'reader')",
    "insert into sso_sessions (tenant_id, id, idp_id, user_id, issuer, subject, sealed, created_at)
        values ($1, gen_random_uuid(), md5('idp')::uuid, md5('user')::uuid, 'i', 's', '', now())",
    "insert into sso_shown (tenant_id, idp_id, id_hash, expires_at) values ($1, md5('idp')::uuid, '1', now())",
    "insert into sso_requests (tenant_id, id, idp_id, secret_hash, sealed, created_at, expires_at)
        values ($1, gen_random_uuid(), md5('idp')::uuid, '', '', now(), now())",
    "insert into scim_role_mappings (tenant_id, id, configuration_id, source, value, value_folded, role, created_at)
        values ($1, gen_random_uuid(), md5('directory')::uuid, 'group', 'g', 'g', 'reader', now())",
    "insert into entitlements (tenant_id, id, kind, value, value_folded, display, display_folded, configuration_id)
        values ($1, md5('entitlement')::uuid, 'role', 'e', 'e', 'e', 'e', md5('directory')::uuid)",
    "insert into entitlement_assignments (tenant_id, id, user_id, entitlement_id, configuration_id, assigned_at)
        values ($1, gen_random_uuid(), md5('user')::uuid, md5('entitlement')::uuid, md5('directory')::uuid, now())",
    "insert into entitlement_conflicts (tenant_id, id, name, name_folded) values ($1, md5('rule')::uuid, 'r', 'r')",
    "insert into entitlement_conflict_members (tenant_id, conflict_id, entitlement_id)
        values ($1, md5('rule')::uuid, md5('entitlement')::uuid)",
    "insert into scim_activity (tenant_id, configuration_id, id, token_id, answered_at, method, path, status, milliseconds)
        values ($1, md5('directory')::uuid, gen_random_uuid(), gen_random_uuid(), now(), 'GET', '/', 200, 1)",
    "insert into scim_removals (tenant_id, configuration_id, user_id, removed_at)
        values ($1, md5('directory')::uuid, md5('user')::uuid, now())",
    "insert into mails (tenant_id, id, kind, locale, recipient, recipient_folded, sender, subject, sealed_bodies,
            created_at, updated_at)
        values ($1, gen_random_uuid(), 'invitation', 'en', 'a@example.com', 'a@example.com', 's', 's', '', now(), now())",
    "insert into mail_templates (tenant_id, kind, locale, subject, text, html, created_at, updated_at)
        values ($1, 'invitation', 'de', 's', 't', 'h', now(), now())",
    "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category,
            resource_type, outcome)
        values ($1, now(), gen_random_uuid(), 'c', 'system', 'seed', 'data_change', 'seed', 'success')",
    "insert into audit_bodies (tenant_id, event_id, timestamp, sealed) values ($1, gen_random_uuid(), now(), '')",
    "insert into idempotency_keys (tenant_id, actor_id, key, created_at, fingerprint, answer)
        values ($1, md5('user')::uuid, 'k', now(), '', '')",
    "insert into person_keys (tenant_id, person, sealed) values ($1, md5('user')::uuid, '')",
    "insert into privacy_requests (tenant_id, id, kind, user_id, reason, created_at)
        values ($1, md5('privacy')::uuid, 'access', md5('user')::uuid, 'r', now())",
    "insert into privacy_request_chunks (tenant_id, request_id, number, sealed)
        values ($1, md5('privacy')::uuid, 0, '')",
    "insert into outbox (tenant_id, time, id, type, source, data)
        values ($1, now(), gen_random_uuid(), 'seed', '/', '{}')",
    "insert into usage_days (tenant_id, day, metric, value) values ($1, current_date, 'api_calls', 1)",
    "update tenants set settings = '{}' where id = $1",
    "insert into audit_leaves (tenant_id, seq, timestamp, event_id, hash)
        values ($1, 0, now(), gen_random_uuid(), decode(repeat('00', 32), 'hex'))",
    "insert into audit_nodes (tenant_id, step, index, hash) values ($1, 1, 0, decode(repeat('00', 32), 'hex'))",
    "insert into audit_checkpoints (tenant_id, size, root, created_at, note)
        values ($1, 1, decode(repeat('00', 32), 'hex'), now(), 'n')",
    "insert into audit_retention (tenant_id, days, updated_at) values ($1, 400, now())",
    "insert into legal_holds (tenant_id, id, scope, reason, created_at, release_asked_at, release_asked_by, release_reason,
            released_at)
        values ($1, gen_random_uuid(), 'tenant', 'r', now(), now(), md5('user')::uuid, 'r', now())",
    "insert into audit_archives (tenant_id, id, month, categories, events, first_seq, last_seq, seqs, created_at)
        values ($1, md5('archive')::uuid, '2026-01-01', '{c}', 1, 0, 0, '{[0,1)}', now())",
    "insert into audit_archive_keys (tenant_id, sealed, created_at) values ($1, '', now())",
    "insert into audit_restored_events (tenant_id, archive_id, timestamp, event_id, correlation_id, actor_type, action,
            category, resource_type, outcome, changes, metadata, salt)
        values ($1, md5('archive')::uuid, now(), gen_random_uuid(), 'c', 'system', 'a', 'c', 'r', 'success', '{}', '{}',
            gen_random_uuid())",
    "insert into audit_removals (tenant_id, id, category, until, events, first_seq, last_seq, seqs, removed_at)
        values ($1, gen_random_uuid(), 'c', now(), 1, 0, 0, '{[0,1)}', now())",
    "insert into audit_trees (tenant_id, size, edge) values ($1, 0, '')",
    "insert into audit_exports (tenant_id, id, format, proofs, until, created_at, expires_at)
        values ($1, md5('export')::uuid, 'csv', false, now(), now(), now())",
    "insert into audit_streams (tenant_id, id, name, name_folded, target, cursor, next_try_at, created_at, updated_at)
        values ($1, gen_random_uuid(), 's', 's', '{\"kind\": \"file\"}', 0, now(), now(), now())",
    "insert into audit_searches (tenant_id, id, name, name_folded, filter, created_at, updated_at)
        values ($1, md5('search')::uuid, 's', 's', 'action pr', now(), now())",
    "insert into audit_alerts (tenant_id, id, name, name_folded, filter, threshold, window_minutes, channel, cursor,
            next_look_at, next_notice_at, created_at, updated_at)
        values ($1, md5('alert')::uuid, 'a', 'a', 'action pr', 1, 1, '{\"kind\": \"mail\", \"to\": []}', 0, now(), now(),
            now(), now())",
    "insert into audit_alert_matches (tenant_id, alert_id, seq, group_key, timestamp, event_id)
        values ($1, md5('alert')::uuid, 0, '', now(), gen_random_uuid())",
    "insert into audit_alert_firings (tenant_id, id, alert_id, group_key, events, event_ids, first_at, fired_at, last_at)
        values ($1, gen_random_uuid(), md5('alert')::uuid, '', 1, '{}', now(), now(), now())",
    "insert into audit_export_chunks (tenant_id, export_id, number, content) values ($1, md5('export')::uuid, 0, '')",
    "insert into compliance_templates (tenant_id, id, name, name_folded, kind, period, format, created_at, updated_at)
        values ($1, md5('template')::uuid, 't', 't', 'data_access', 'last_month', 'pdf', now(), now())",
    "insert into compliance_schedules (tenant_id, id, name, name_folded, template_id, frequency, hour, time_zone, delivery,
            next_run_at, created_at, updated_at)
        values ($1, md5('schedule')::uuid, 's', 's', md5('template')::uuid, 'daily', 6, 'UTC', '{}', now(), now(), now())",
    "insert into compliance_reports (tenant_id, id, kind, since, until, format, schedule_id, created_at, expires_at)
        values ($1, md5('report')::uuid, 'data_access', now(), now(), 'csv', md5('schedule')::uuid, now(), now())",
    "insert into compliance_report_chunks (tenant_id, report_id, number, content) values ($1, md5('report')::uuid, 0, '')",
];
