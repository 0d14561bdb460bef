//! Walks the catalogue of the migrated database: what keeps tenants apart must be there for every table.
//!
//! To mend a failure, edit the newest file of `migrations/`. A new exception needs a reason in `EXCEPTIONS`; one
//! that excepts nothing any more makes the test fail, so that the list can only shrink.

use std::collections::BTreeSet;

use elder_access::work::Shell;
use elder_testkit::TestApp;
use tokio_postgres::Client;

/// What is found and may be, and why.
const EXCEPTIONS: [(&str, &str); 38] = [
    (
        "unique index: tenant_domains_verified_key",
        "a domain is verified for one tenant alone; shown after a DNS proof",
    ),
    ("no tenant_id: tenants", "its id is the tenant; it has a policy of its own on it"),
    ("no tenant_id: platform_settings", "the platform's own; the application may only read it"),
    ("no tenant_id: feature_flags", "the platform's own; the application may only read it"),
    ("no tenant_id: signing_keys", "the platform's own; closed to the application"),
    ("no tenant_id: audit_signing_keys", "the platform's own; closed to the application"),
    ("no tenant_id: audit_sealer", "the platform's own; closed to the application"),
    ("no tenant_id: setup_tokens", "the platform's own; closed to the application"),
    ("no tenant_id: license_state", "the platform's own; closed to the application"),
    ("no tenant_id: license_usage", "the platform's own; closed to the application"),
    ("no tenant_id: license_places", "the platform's own; closed to the application"),
    ("no tenant_id: refinery_schema_history", "the migrations' own; closed to everybody but the owner"),
    ("global table open: tenants to elder_app", "row-level security shows a tenant its own row"),
    ("global table open: platform_settings to elder_app", "every request must know of maintenance"),
    ("global table open: feature_flags to elder_app", "which features are on is no secret"),
    ("security definer: ensure_partitions", "makes partitions as the owner; for the platform role alone"),
    ("security definer: forget_license_places", "a trigger: has rows counted anew after another licence"),
    (
        "security definer: check_license_limit",
        "a trigger: looks how many rows all tenants have, and tells nobody",
    ),
    (
        "security definer: partition_strays",
        "counts what lies in the default partitions, and shows nothing of it",
    ),
    ("column grant: audit_removals to elder_platform", "nobody says which transaction a removal is of"),
    ("column grant: legal_holds to elder_app", "a hold is released, and nothing else of it changes"),
    (
        "security definer: enqueue_audit_export",
        "a trigger: adds the job of a row that row-level security has let in",
    ),
    ("column grant: audit_alert_firings to elder_app", "a firing is told of; what it says stays"),
    (
        "security definer: enqueue_compliance_report",
        "a trigger: adds the job of a row that row-level security has let in",
    ),
    (
        "column grant: compliance_reports to elder_app",
        "a report is locked before it goes; what it says stays",
    ),
    (
        "column grant: person_keys to elder_app",
        "a key is made with its person; when it was destroyed is for nobody else to say",
    ),
    ("column grant: person_keys to elder_platform", "an erasure destroys a key, and changes nothing else"),
    (
        "security definer: enqueue_privacy_request",
        "a trigger: adds the job of a row that row-level security has let in",
    ),
    ("column grant: audit_exports to elder_app", "an export is locked before it goes; what it says stays"),
    ("security definer: enqueue_mail", "a trigger: adds the job of a row that row-level security has let in"),
    (
        "security definer: impersonator",
        "names the transaction's tenant itself; of others, who acts in its sessions alone",
    ),
    ("security definer: search_portal_users", "names the transaction's tenant itself (T-17)"),
    ("security definer: search_audit_logs", "names the transaction's tenant itself (A-11)"),
    ("column grant: audit_logs to elder_app", "nobody says which transaction an event is of"),
    ("column grant: audit_logs to elder_platform", "nobody says which transaction an event is of"),
    ("column grant: audit_signing_keys to elder_app", "public keys are public"),
    ("column grant: audit_sealer to elder_app", "a log's name stands on each of its checkpoints"),
    ("column grant: tenants to elder_app", "a tenant changes its own name and settings, not its plan"),
];

/// Each query gives texts that say what is wrong with what. An ordinary or partitioned table or a partition counts as
/// a table of tenants if it has a `tenant_id`.
const RULES: &[(&str, &str)] = &[
    ("row security is enabled and forced on every table of tenants", "
        select 'row security: ' || c.relname from tenant_tables c where not (c.relrowsecurity and c.relforcerowsecurity)"),
    ("each role has exactly one permissive policy for each command, with both checks", "
        select 'policy: ' || c.relname || ' ' || command || ' ' || role::text
        from tenant_tables c, unnest(array['r', 'a', 'w', 'd']) command,
             unnest(array['elder_app'::regrole, 'elder_platform'::regrole]) role
        where (select count(*) from pg_policy p where p.polrelid = c.oid and p.polpermissive
                 and p.polcmd in ('*', command::\"char\") and (p.polroles @> array[role::oid] or p.polroles = '{0}')) <> 1
        union all
        select 'policy without a check: ' || c.relname || ' ' || p.polname from tenant_tables c
        join pg_policy p on p.polrelid = c.oid where p.polqual is null or p.polwithcheck is null
        union all
        select 'policy for another role: ' || c.relname || ' ' || p.polname from tenant_tables c
        join pg_policy p on p.polrelid = c.oid
        where not p.polroles <@ array['elder_app'::regrole::oid, 'elder_platform'::regrole::oid]"),
    ("what the application sees is bound to its tenant", "
        select 'policy that binds nothing: ' || c.relname || ' ' || p.polname from tenant_tables c
        join pg_policy p on p.polrelid = c.oid
        where 'elder_platform'::regrole <> all (p.polroles)
          and (pg_get_expr(p.polqual, p.polrelid) !~ 'tenant_id = .*current_setting..app.current_tenant_id'
            or pg_get_expr(p.polwithcheck, p.polrelid) !~ 'tenant_id = .*current_setting..app.current_tenant_id')"),
    ("every unique index begins with the tenant", "
        select 'unique index: ' || i.indexrelid::regclass::text from tenant_tables c join pg_index i on i.indrelid = c.oid
        where i.indisunique and i.indkey[0] <> c.tenant_column"),
    ("a foreign key between tables of tenants takes the tenant along", "
        select 'foreign key: ' || f.conname from pg_constraint f
        join tenant_tables c on c.oid = f.conrelid join tenant_tables r on r.oid = f.confrelid
        where f.contype = 'f' and not exists (
            select from generate_subscripts(f.conkey, 1) n
            where f.conkey[n] = c.tenant_column and f.confkey[n] = r.tenant_column)"),
    ("partitions have no grants", "
        select 'partition open: ' || c.relname || ' to ' || g.grantee::regrole::text
        from pg_class c, aclexplode(c.relacl) g
        where c.relispartition and g.grantee <> c.relowner and c.relkind in ('r', 'p')"),
    ("nobody may truncate, refer to or put triggers on a table", "
        select 'grant: ' || g.privilege_type || ' on ' || c.relname from pg_class c, aclexplode(c.relacl) g
        where c.relnamespace = 'public'::regnamespace and g.grantee <> c.relowner
          and g.privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER')"),
    ("nothing is open to everybody", "
        select 'open to everybody: ' || c.relname from pg_class c, aclexplode(c.relacl) g
        where c.relnamespace = 'public'::regnamespace and g.grantee = 0"),
    ("no grant bypasses the table by single columns", "
        select distinct 'column grant: ' || c.relname || ' to ' || g.grantee::regrole::text
        from pg_attribute a join pg_class c on c.oid = a.attrelid, aclexplode(a.attacl) g
        where c.relnamespace = 'public'::regnamespace"),
    ("every other table is known", "
        select 'no tenant_id: ' || c.relname from pg_class c
        where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
          and c.oid not in (select oid from tenant_tables)"),
    ("what belongs to no tenant is closed to the application", "
        select distinct 'global table open: ' || c.relname || ' to elder_app' from pg_class c, aclexplode(c.relacl) g
        where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
          and c.oid not in (select oid from tenant_tables) and g.grantee = 'elder_app'::regrole"),
    ("views have their reader's rights", "
        select 'view: ' || c.relname from pg_class c
        where c.relkind = 'v' and c.relnamespace = 'public'::regnamespace
          and not coalesce(c.reloptions @> array['security_invoker=true'], false)
        union all
        select 'materialized view: ' || c.relname from pg_class c
        where c.relkind = 'm' and c.relnamespace = 'public'::regnamespace"),
    ("functions with their owner's rights are known, and cannot be led astray", "
        select 'security definer: ' || p.proname from own_functions p where p.prosecdef
        union all
        select 'security definer without a search path: ' || p.proname from own_functions p
        where p.prosecdef and not exists (select from unnest(p.proconfig) s where s like 'search_path=%')
        union all
        select 'security definer of a superuser: ' || p.proname from own_functions p
        join pg_roles r on r.oid = p.proowner where p.prosecdef and (r.rolsuper or r.rolbypassrls)"),
    ("functions are not for everybody", "
        select 'function open to everybody: ' || p.proname
        from own_functions p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g where g.grantee = 0"),
    ("no policy calls what a plan may freeze", "
        select 'immutable in a policy: ' || f.proname from pg_policy p
        join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass
        join pg_proc f on f.oid = d.refobjid where f.provolatile = 'i'
        union all
        select 'immutable function that reads the tenant: ' || p.proname from own_functions p
        where p.provolatile = 'i' and p.prosrc like '%app.current_tenant_id%'"),
    ("new tables are born closed", "
        select 'default privileges of ' || d.defaclrole::regrole::text from pg_default_acl d"),
    ("nobody but the owner makes anything", "
        select 'may create in ' || n.nspname || ': ' || r.rolname from pg_namespace n, pg_roles r
        where n.nspname = 'public' and r.rolname in ('elder_app', 'elder_platform')
          and has_schema_privilege(r.oid, n.oid, 'create')
        union all
        select 'may make temporary tables: ' || r.rolname from pg_roles r
        where r.rolname in ('elder_app', 'elder_platform')
          and has_database_privilege(r.oid, current_database(), 'temp, create')
        union all
        select 'takes on a role: ' || m.member::regrole::text from pg_auth_members m
        where m.member in ('elder_app'::regrole, 'elder_platform'::regrole)"),
];

const VIEWS: &str = "
    with tenant_tables as (
        select c.*, a.attnum as tenant_column from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
        where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
    ), own_functions as (
        select p.* from pg_proc p where p.pronamespace = 'public'::regnamespace
          and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
    )";

/// Everything that a rule finds, exceptions included.
async fn findings(superuser: &Client) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (rule, sql) in RULES {
        let rows = superuser.query(&format!("{VIEWS} {sql}"), &[]).await;
        let rows = rows.unwrap_or_else(|error| panic!("{rule}: {error:?}"));
        found.extend(rows.iter().map(|row| row.get::<_, String>(0)));
    }
    found
}

fn exceptions() -> BTreeSet<String> {
    EXCEPTIONS.iter().map(|(what, _)| (*what).to_owned()).collect()
}

#[tokio::test]
async fn every_table_keeps_tenants_apart_and_every_exception_is_needed() {
    let app = TestApp::start().await;
    let found = findings(&app.superuser).await;
    let (expected, rules) = (exceptions(), RULES.iter().map(|(rule, _)| *rule).collect::<Vec<_>>());
    let new: Vec<_> = found.difference(&expected).collect();
    assert!(new.is_empty(), "these break one of the rules {rules:#?}:\n{new:#?}");
    let unused: Vec<_> = expected.difference(&found).collect();
    assert!(unused.is_empty(), "exceptions that except nothing: {unused:?}");
}

#[tokio::test]
async fn t_19_partitions_that_a_job_makes_are_as_closed_as_the_first() {
    let app = TestApp::start().await;
    let tx = app.worker.job::<Shell>().platform().await.unwrap();
    tx.run("select ensure_partitions(30)", []).await.unwrap();
    tx.commit(app.acme.id, elder_access::Event::new(elder_access::Action::TenantUpdated)).await.unwrap();
    assert_eq!(findings(&app.superuser).await, exceptions());
}

/// What a careless change could do, and what a rule says of it.
const VIOLATIONS: &[(&str, &str)] = &[
    ("create table bad (tenant_id int not null)", "row security: bad"),
    (
        "create table bad (tenant_id int not null); alter table bad enable row level security",
        "row security: bad",
    ),
    ("create table bad (tenant_id int not null)", "policy: bad r elder_app"),
    ("create policy more on roles for select to elder_app using (name = 'b')", "policy: roles r elder_app"),
    (
        "create policy more on roles for select to elder_app using (name = 'b')",
        "policy without a check: roles more",
    ),
    (
        "drop policy tenant_isolation on roles;
          create policy tenant_isolation on roles to elder_app using (true) with check (true)",
        "policy that binds nothing: roles tenant_isolation",
    ),
    ("create policy more on roles to elder_owner using (true)", "policy for another role: roles more"),
    ("grant pg_monitor to elder_app", "takes on a role: elder_app"),
    ("create unique index bad on roles (name)", "unique index: bad"),
    ("create unique index bad_two on roles (id, tenant_id)", "unique index: bad_two"),
    (
        "create unique index target on roles (id); alter table portal_user_roles
          add constraint bad foreign key (role_id) references roles (id)",
        "foreign key: bad",
    ),
    ("grant select on audit_logs_default to elder_app", "partition open: audit_logs_default to elder_app"),
    (
        "create table bad partition of outbox for values from ('1990-01-01') to ('1991-01-01')",
        "row security: bad",
    ),
    ("grant truncate on roles to elder_app", "grant: TRUNCATE on roles"),
    ("grant references on roles to elder_platform", "grant: REFERENCES on roles"),
    ("grant select on roles to public", "open to everybody: roles"),
    ("grant select (kid) on signing_keys to elder_app", "column grant: signing_keys to elder_app"),
    ("create table bad (id int)", "no tenant_id: bad"),
    ("grant select on signing_keys to elder_app", "global table open: signing_keys to elder_app"),
    ("create view bad as select * from roles", "view: bad"),
    ("create materialized view bad as select * from roles", "materialized view: bad"),
    (
        "create function bad() returns int language sql security definer return 1",
        "security definer without a search path: bad",
    ),
    (
        "create function bad() returns int language sql security definer return 1",
        "security definer of a superuser: bad",
    ),
    ("create function bad() returns int language sql return 1", "function open to everybody: bad"),
    (
        "create function bad() returns int language plpgsql immutable as
          $$ begin return current_setting('app.current_tenant_id'); end $$",
        "immutable function that reads the tenant: bad",
    ),
    (
        "create function bad(int) returns boolean language sql immutable return true;
          alter policy tenant_isolation on roles using (bad(tenant_id))",
        "immutable in a policy: bad",
    ),
    (
        "alter default privileges in schema public grant select on tables to elder_app",
        "default privileges of elder_superuser",
    ),
    ("grant create on schema public to elder_app", "may create in public: elder_app"),
    (
        "do $$ begin execute format('grant temp on database %I to elder_app', current_database()); end $$",
        "may make temporary tables: elder_app",
    ),
];

/// A rule that finds nothing could be one that cannot: each is shown what it is for.
#[tokio::test]
async fn each_rule_finds_what_it_forbids() {
    let app = TestApp::start().await;
    for (change, finding) in VIOLATIONS {
        app.superuser
            .batch_execute(&format!("begin; {change}"))
            .await
            .unwrap_or_else(|error| panic!("{change}: {error:?}"));
        let found = findings(&app.superuser).await;
        app.superuser.batch_execute("rollback").await.unwrap();
        assert!(
            found.contains(*finding),
            "{change}: {:#?}",
            found.difference(&exceptions()).collect::<Vec<_>>()
        );
    }
}
