//! SQL that reads what is known of a person. Secrets, and what Elder computes for itself, are not among it.

use elder_access::{DbError, TenantConn};
use elder_api_types::UserId;
use elder_kernel::TenantId;
use serde_json::Value;

/// One object of all sections. Of secrets (hashes, keys, sealed columns) it says that they are there, as far as the API does.
const SECTIONS: &str = "
    select jsonb_build_object(
        'account', (select to_jsonb(u) - array['tenant_id', 'password_hash', 'email_folded', 'full_name_folded',
                'search_text'] || jsonb_build_object('has_password', u.password_hash is not null)
            from portal_users u where u.tenant_id = $1 and u.id = $2),
        'roles', (select coalesce(jsonb_agg(jsonb_build_object('role', r.name, 'since', g.created_at)), '[]')
            from portal_user_roles g join roles r on r.tenant_id = g.tenant_id and r.id = g.role_id
            where g.tenant_id = $1 and g.user_id = $2),
        'memberships', (select coalesce(jsonb_agg(jsonb_build_object('organization', o.name,
                'role', coalesce(g.role, r.name), 'since', g.created_at)), '[]')
            from portal_user_org_assignments g
            join organizations o on o.tenant_id = g.tenant_id and o.id = g.organization_id
            left join roles r on r.tenant_id = g.tenant_id and r.id = g.role_id
            where g.tenant_id = $1 and g.user_id = $2),
        'entitlements', (select coalesce(jsonb_agg(jsonb_build_object('kind', e.kind, 'value', e.value,
                'display', e.display, 'since', a.assigned_at)), '[]')
            from entitlement_assignments a
            join entitlements e on e.tenant_id = a.tenant_id and e.id = a.entitlement_id
            where a.tenant_id = $1 and a.user_id = $2),
        'sessions', (select coalesce(jsonb_agg(to_jsonb(s) - array['tenant_id', 'user_id', 'refresh_hash',
                'previous_refresh_hash', 'browser_hash'] order by s.created_at), '[]')
            from sessions s where s.tenant_id = $1 and s.user_id = $2),
        'devices', (select coalesce(jsonb_agg(to_jsonb(d) - array['tenant_id', 'user_id', 'secret_hash']
                order by d.first_seen_at), '[]')
            from devices d where d.tenant_id = $1 and d.user_id = $2),
        'second_factors', (select coalesce(jsonb_agg(to_jsonb(f) - array['tenant_id', 'user_id', 'sealed_secret',
                'credential', 'credential_id', 'last_step']), '[]')
            from mfa_factors f where f.tenant_id = $1 and f.user_id = $2),
        'backup_codes', (select count(*) from backup_codes b where b.tenant_id = $1 and b.user_id = $2),
        'api_keys', (select coalesce(jsonb_agg(to_jsonb(k) - array['tenant_id', 'user_id', 'secret_hash',
                'previous_hash']), '[]')
            from api_keys k where k.tenant_id = $1 and k.user_id = $2),
        'identities', (select coalesce(jsonb_agg(to_jsonb(i) - array['tenant_id', 'user_id']
                || jsonb_build_object('provider', p.name)), '[]')
            from sso_identities i join idp_configurations p on p.tenant_id = i.tenant_id and p.id = i.idp_id
            where i.tenant_id = $1 and i.user_id = $2),
        'directory', (select coalesce(jsonb_agg(jsonb_build_object('directory', c.name, 'user_name', s.user_name,
                'external_id', s.external_id, 'resource', s.resource)), '[]')
            from scim_users s
            join scim_configurations c on c.tenant_id = s.tenant_id and c.id = s.configuration_id
            where s.tenant_id = $1 and s.user_id = $2),
        'groups', (select coalesce(jsonb_agg(jsonb_build_object('group', g.display_name, 'display', m.display)), '[]')
            from scim_group_members m
            join scim_groups g on g.tenant_id = m.tenant_id and g.configuration_id = m.configuration_id
                and g.id = m.group_id
            where m.tenant_id = $1 and m.user_id = $2),
        'invitations', (select coalesce(jsonb_agg(to_jsonb(i) - array['tenant_id', 'email_folded']), '[]')
            from invitations i where i.tenant_id = $1 and (i.accepted_by = $2 or i.email_folded = (
                select u.email_folded from portal_users u where u.tenant_id = $1 and u.id = $2))),
        'mails', (select coalesce(jsonb_agg(to_jsonb(m) - array['tenant_id', 'recipient_folded', 'sealed_bodies']
                order by m.created_at), '[]')
            from mails m where m.tenant_id = $1 and m.recipient_folded = (
                select u.email_folded from portal_users u where u.tenant_id = $1 and u.id = $2)),
        'legal_holds', (select count(*) from legal_holds h
            where h.tenant_id = $1 and h.user_id = $2 and h.released_at is null)
    ) as sections";

/// What is known, section by section.
pub(super) async fn sections(
    conn: &TenantConn,
    tenant: TenantId,
    user: UserId,
) -> Result<serde_json::Map<String, Value>, DbError> {
    let row = conn.raw_row(SECTIONS, [tenant.into(), user.into()]).await?;
    match row.map(|row| row.get::<Value>("sections")).transpose()? {
        Some(Value::Object(sections)) => Ok(sections),
        _ => Ok(serde_json::Map::new()),
    }
}
