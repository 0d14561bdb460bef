//! What stands in the database before anything is measured, and how rows are counted.

use std::num::NonZeroUsize;

use elder_crypto::{PasswordHasher, PasswordParams};
use elder_kernel::{Id, Random, Secret, User};
use uuid::Uuid;

use crate::{cluster::Cluster, fault::Fault};

/// The tenant that is measured.
pub(crate) const TENANT: i32 = 2;
/// How many users it has.
pub(crate) const USERS: u64 = 100_000;
/// How many other tenants there are.
pub(crate) const OTHER_TENANTS: u64 = 1_000;
/// A tenant with more users, of which lists are read.
pub(crate) const LARGE_TENANT: i32 = 1_003;
/// How many of them can sign in; they are admins.
pub(crate) const LARGE_SIGNED_IN: u64 = 50;
/// How many users sign in; they are admins.
pub(crate) const SIGNED_IN: u64 = 200;
/// The password of each of them.
pub(crate) const PASSWORD: &str = "a long walk to the harbour";

/// The first id; a user's number is added to it.
const FIRST_USER: Uuid = Uuid::from_u128(0x0191_0000_0000_7000_8000_0000_0000_0000);

/// Rows of the tables that a change writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    users: i64,
    audit_events: i64,
    outbox_events: i64,
}

/// The id of a user by number, from 1.
pub(crate) fn user(number: u64) -> Id<User> {
    Id::from_uuid(Uuid::from_u128(FIRST_USER.as_u128() + u128::from(number)))
}

/// The address of a user by number.
pub(crate) fn email(number: u64) -> String {
    format!("user{number}@example.com")
}

/// What a tenant is called in URLs.
pub(crate) fn slug(tenant: i32) -> String {
    format!("tenant-{tenant}")
}

/// The address of a user of the large tenant by number.
pub(crate) fn large_email(number: u64) -> String {
    format!("many{number}@example.com")
}

/// Fills the database, the large tenant with so many users.
pub(crate) fn load(cluster: &Cluster, large: u64) -> Result<(), Fault> {
    let hash = password_hash()?;
    // As under the development licence, with which the server starts.
    cluster.execute("update license_state set max_tenants = -1, max_users = -1, max_entities = -1")?;
    cluster.execute(&tenants())?;
    cluster.execute(&users(&hash))?;
    cluster.execute(&large_tenant(large, &hash))?;
    cluster.execute(&sessions())?;
    cluster.execute("vacuum analyze")?;
    cluster.execute("checkpoint")
}

fn tenants() -> String {
    let last = LARGE_TENANT;
    format!(
        "insert into tenants (id, name, slug, subscription_tier)
            select n, 'Tenant ' || n, 'tenant-' || n, 'enterprise' from generate_series({TENANT}, {last}) n;
         select setval('tenants_id_seq', {last});"
    )
}

/// The users of the tenant, then five for each other tenant.
fn users(password_hash: &str) -> String {
    let few = 5 * OTHER_TENANTS;
    format!(
        "insert into portal_users (tenant_id, id, email, email_folded, full_name, full_name_folded, password_hash,
            password_changed_at, tenant_role, email_verified, locale, time_zone)
         select case when n <= {USERS} then {TENANT} else {TENANT} + 1 + (n - {USERS} - 1) % {OTHER_TENANTS} end,
            ('01910000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
            'user' || n || '@example.com', 'user' || n || '@example.com', 'Given' || n || ' Family' || n,
            'given' || n || ' family' || n,
            case when n <= {SIGNED_IN} then '{password_hash}' end, case when n <= {SIGNED_IN} then now() end,
            case when n <= {SIGNED_IN} then 'admin' end, true, 'en-US', 'Europe/Vienna'
         from generate_series(1, {USERS} + {few}) n"
    )
}

/// The first user signs in.
fn large_tenant(users: u64, password_hash: &str) -> String {
    format!(
        "insert into portal_users (tenant_id, id, email, email_folded, full_name, full_name_folded, password_hash,
            password_changed_at, tenant_role)
         select {LARGE_TENANT}, ('01910000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid,
            'many' || n || '@example.com', 'many' || n || '@example.com', 'Given' || n, 'given' || n,
            case when n <= {LARGE_SIGNED_IN} then '{password_hash}' end, case when n <= {LARGE_SIGNED_IN} then now() end,
            case when n <= {LARGE_SIGNED_IN} then 'admin' end
         from generate_series(1, {users}) n"
    )
}

/// Sessions for PostgreSQL alone to renew.
fn sessions() -> String {
    format!(
        "insert into sessions (tenant_id, id, user_id, refresh_hash, rotated_at, amr, auth_time, created_at,
            last_seen_at, idle_expires_at, expires_at)
         select {TENANT}, ('01910000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid,
            ('01910000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, uuid_send(gen_random_uuid()), now(), '{{pwd}}',
            now(), now(), now(), now() + interval '12 hours', now() + interval '30 days'
         from generate_series(1, 10000) n"
    )
}

fn password_hash() -> Result<String, Fault> {
    let params = PasswordParams::default();
    let hasher = PasswordHasher::start(&params, Some(NonZeroUsize::MIN), None, &Random::system())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let hash = runtime.block_on(hasher.hash(Secret::new(PASSWORD.to_owned())));
    hash.map_err(|busy| Fault::broken(busy.to_string()))
}

impl Counts {
    /// The rows that are there now.
    pub(crate) fn of(cluster: &Cluster) -> Result<Self, Fault> {
        let count =
            |table| cluster.number(&format!("select count(*) from {table} where tenant_id = {TENANT}"));
        Ok(Self {
            users: count("portal_users")?,
            audit_events: count("audit_logs")?,
            outbox_events: count("outbox")?,
        })
    }

    /// Faults unless each of `made` users left one user, one audit event and one outbox event behind.
    pub(crate) fn expect_growth(self, since: Self, made: u64, who: &str) -> Result<(), Fault> {
        let grown = [
            self.users - since.users,
            self.audit_events - since.audit_events,
            self.outbox_events - since.outbox_events,
        ];
        if grown.iter().all(|rows| u64::try_from(*rows) == Ok(made)) {
            return Ok(());
        }
        Err(Fault::broken(format!(
            "{who} made {made} users, but the tables users, audit_logs and outbox grew by {grown:?}"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_here_are_the_ids_in_the_database() {
        assert_eq!(user(255).uuid().to_string(), "01910000-0000-7000-8000-0000000000ff");
    }

    #[test]
    fn a_missing_row_is_a_fault() {
        let before = Counts { users: 1, audit_events: 1, outbox_events: 1 };
        let after = Counts { users: 3, audit_events: 3, outbox_events: 3 };
        assert!(after.expect_growth(before, 2, "x").is_ok());
        assert!(Counts { outbox_events: 2, ..after }.expect_growth(before, 2, "x").is_err());
    }
}
