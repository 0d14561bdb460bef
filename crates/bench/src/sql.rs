//! The statements of the limits: what Elder asks, with nothing around it.

use uuid::Uuid;

/// What the API shows of a user.
macro_rules! columns {
    () => {
        "id, email, full_name, global_role, tenant_role, is_active, email_verified, \
         password_hash is not null as has_password, last_login_at, locale, time_zone, external_id, managed_by, \
         version, created_at, updated_at"
    };
}

macro_rules! insert_user {
    () => {
        "insert into portal_users (tenant_id, id, email, email_folded, full_name, full_name_folded, created_at, \
         updated_at) "
    };
}

macro_rules! insert_audit {
    () => {
        "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, actor_user_id, \
         actor_ip, action, category, resource_type, resource_id, changes, outcome) "
    };
}

macro_rules! insert_outbox {
    () => {
        "insert into outbox (tenant_id, time, id, type, source, subject, data) "
    };
}

/// One user, for the floor server.
pub(crate) const READ: &str =
    concat!("select ", columns!(), " from portal_users where tenant_id = $1 and id = $2");

/// One user by address, in whatever case.
pub(crate) const BY_ADDRESS: &str =
    concat!("select ", columns!(), " from portal_users where tenant_id = $1 and email_folded = $2");

/// One user of a directory by name, in whatever case.
pub(crate) const BY_USER_NAME: &str =
    "select user_id, resource, version, created_at, updated_at from scim_users
    where tenant_id = $1 and configuration_id = $2 and user_name_folded = $3";

/// A push of a user for pgbench: the account and what was pushed, without what tells of it.
pub(crate) fn pgbench_push(directory: Uuid) -> String {
    format!(
        "\\set n random(1, 1000000000000)\n\\startpipeline\nbegin;\nset local app.current_tenant_id = '2';\n\
         with account as (insert into portal_users (tenant_id, id, email, email_folded, full_name, full_name_folded, \
         managed_by) values (2, ('01930000-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid, \
         'push' || :n || '@example.org', 'push' || :n || '@example.org', 'Given Family', 'given family', \
         '{directory}') returning id) insert into scim_users (tenant_id, configuration_id, user_id, user_name, \
         user_name_folded, is_active, resource, created_at, updated_at) select 2, '{directory}', id, \
         'push' || :n || '@example.org', 'push' || :n || '@example.org', true, jsonb_build_object('userName', \
         'push' || :n || '@example.org', 'active', true, 'emails', jsonb_build_array(jsonb_build_object('value', \
         'push' || :n || '@example.org', 'type', 'work', 'primary', true))), now(), now() from account;\n\
         commit;\n\\endpipeline\n"
    )
}

/// The first users of a tenant, for the floor server.
pub(crate) const LIST: &str = concat!(
    "select ",
    columns!(),
    " from portal_users where tenant_id = $1 and id > $2 order by id limit $3"
);

/// A new user, for the floor server.
pub(crate) const CREATE: &str = concat!(
    insert_user!(),
    "values ($1, $2, $3, $3, $4, $3 || ' ' || lower($4), now(), now()) returning ",
    columns!()
);

/// Its audit and outbox rows, for the floor server.
pub(crate) const RECORD: &str = concat!(
    "with event as (",
    insert_audit!(),
    "values ($1, now(), $2, 'req', 'user', $3, '127.0.0.1', 'users.created', 'users', 'user', $4, $5, 'success')) ",
    insert_outbox!(),
    "values ($1, now(), $6, 'elder.users.created', '/tenants/2', $4, $5)"
);

/// The same read for pgbench, of a user anywhere in the tenant.
pub(crate) const PGBENCH_READ: &str = concat!(
    "\\set n random(1, 100000)\n\\startpipeline\nbegin read only;\nset local app.current_tenant_id = '2';\nselect ",
    columns!(),
    " from portal_users where tenant_id = 2 and id = \
     ('01910000-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid;\ncommit;\n\\endpipeline\n"
);

/// The same list for pgbench.
pub(crate) const PGBENCH_LIST: &str = concat!(
    "\\startpipeline\nbegin read only;\nset local app.current_tenant_id = '2';\nselect ",
    columns!(),
    " from portal_users where tenant_id = 2 and id > '00000000-0000-0000-0000-000000000000' \
     order by id limit 101;\ncommit;\n\\endpipeline\n"
);

/// A session renewed, with the events that tell of it, for pgbench.
pub(crate) const PGBENCH_REFRESH: &str = concat!(
    "\\set n random(1, 10000)\n\\startpipeline\nbegin;\nset local app.current_tenant_id = '2';\n\
     select user_id, refresh_hash, expires_at from sessions where tenant_id = 2 and id = \
     ('01910000-0000-7000-a000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid for update;\n\
     update sessions set refresh_hash = uuid_send(gen_random_uuid()), previous_refresh_hash = refresh_hash, \
     rotated_at = now(), last_seen_at = now(), generation = generation + 1, \
     idle_expires_at = least(now() + interval '12 hours', expires_at), ip = '127.0.0.1' \
     where tenant_id = 2 and id = ('01910000-0000-7000-a000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid;\n\
     with event as (",
    insert_audit!(),
    "values (2, now(), gen_random_uuid(), 'req', 'user', gen_random_uuid(), '127.0.0.1', 'sessions.refreshed', \
     'sessions', 'session', 'ses_00000000000000000000000000', '{}', 'success')) ",
    insert_outbox!(),
    "values (2, now(), gen_random_uuid(), 'elder.sessions.refreshed', '/tenants/2', 'ses_00000000000000000000000000', \
     '{\"resource_type\": \"session\"}');\n\
     commit;\n\\endpipeline\n"
);

/// A new user and what tells the world of it for pgbench, without the audit event, in one durable commit.
pub(crate) const PGBENCH_CHANGE: &str = concat!(
    "\\startpipeline\nbegin;\nset local app.current_tenant_id = '2';\n",
    insert_user!(),
    "select 2, id, id || '@example.org', id || '@example.org', 'New Person', id || '@example.org new person', \
     now(), now() from (select gen_random_uuid() as id) as made returning ",
    columns!(),
    ";\n",
    insert_outbox!(),
    "values (2, now(), gen_random_uuid(), 'elder.users.created', '/tenants/2', 'usr_00000000000000000000000000', \
     '{\"resource_type\": \"user\", \"changes\": {\"email\": {\"before\": null, \"after\": \"new@example.org\"}}}');\n\
     commit;\n\\endpipeline\n"
);

/// The same with the audit event and the key of the person under which it is sealed, in one durable commit.
pub(crate) const PGBENCH_CREATE: &str = concat!(
    "\\startpipeline\nbegin;\nset local app.current_tenant_id = '2';\n",
    insert_user!(),
    "select 2, id, id || '@example.org', id || '@example.org', 'New Person', id || '@example.org new person', \
     now(), now() from (select gen_random_uuid() as id) as made returning ",
    columns!(),
    ";\nwith key as (insert into person_keys (tenant_id, person, sealed) \
     values (2, gen_random_uuid(), decode(repeat('5a', 61), 'hex'))), event as (",
    insert_audit!(),
    "values (2, now(), gen_random_uuid(), 'req', 'user', gen_random_uuid(), 'sealed:' || repeat('5', 88), 'users.created', \
     'users', 'user', 'usr_00000000000000000000000000', \
     jsonb_build_object('email', jsonb_build_object('before', null, 'after', 'sealed:' || repeat('5', 96))), \
     'success')) ",
    insert_outbox!(),
    "values (2, now(), gen_random_uuid(), 'elder.users.created', '/tenants/2', 'usr_00000000000000000000000000', \
     '{\"resource_type\": \"user\", \"changes\": {\"email\": {\"before\": null, \"after\": \"new@example.org\"}}}');\n\
     commit;\n\\endpipeline\n"
);
