//! Where keys of persons are found and made.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use elder_kernel::TenantId;
use sea_orm::Value;
use uuid::Uuid;

use super::{Held, Keys, People, Wanted};
use crate::database::{Conn, DbError, Row, Side, packed};

/// The keys that are wanted; those that nobody has are made. Who was erased keeps a row without a key, so that none is made
/// for them again.
const ENSURE: &str = "
    with wanted as materialized (
        select (v->>0)::int as tenant_id, (v->>1)::uuid as person, decode(v->>2, 'base64') as sealed
        from jsonb_array_elements($1::jsonb) as packed (v)),
    made as (
        insert into person_keys (tenant_id, person, sealed)
        select w.tenant_id, w.person, w.sealed from wanted w
        where exists (select from tenants t where t.id = w.tenant_id)
          and not exists (select from person_keys k where k.tenant_id = w.tenant_id and k.person = w.person)
        order by w.tenant_id, w.person
        on conflict do nothing
        returning tenant_id, person, sealed)
    select tenant_id, person, sealed from made
    union all
    select k.tenant_id, k.person, k.sealed from wanted w
    join person_keys k on k.tenant_id = w.tenant_id and k.person = w.person";
const ADD: &str = "
    insert into person_keys (tenant_id, person, sealed)
    select (v->>0)::int, (v->>1)::uuid, decode(v->>2, 'base64') from jsonb_array_elements($1::jsonb) as packed (v)";
const FIND: &str = "
    select k.tenant_id, k.person, k.sealed from jsonb_array_elements($1::jsonb) as packed (v)
    cross join lateral (
        select k.tenant_id, k.person, k.sealed from person_keys k
        where k.tenant_id = (v->>0)::int and k.person = (v->>1)::uuid offset 0) k";
/// What a key is waited for that another transaction is about to make: each try sees what was committed before it.
const TRIES: usize = 3;

impl People {
    /// The keys of those who are wanted; made if need be, and then good if the transaction is committed. Asks the
    /// database only for what this node does not remember. A key is missing only where its tenant is.
    pub(crate) async fn ensure<S: Side>(&self, conn: &Conn<S>, wanted: Wanted) -> Result<Keys, DbError> {
        let mut keys = self.remembered(&wanted);
        for _ in 0..TRIES {
            let missing: Vec<_> = wanted.iter().filter(|whose| !keys.contains_key(whose)).copied().collect();
            if missing.is_empty() {
                break;
            }
            let rows = missing.into_iter().map(|(tenant, person)| self.made(tenant, person).0);
            for row in conn.raw_rows(ENSURE, [packed(rows)]).await? {
                let (whose, held) = self.read(&row)?;
                keys.insert(whose, held);
            }
        }
        Ok(keys)
    }

    /// Makes keys of persons who are new, in the flush of the commit: nobody else can have made them.
    pub(crate) async fn add<S: Side>(&self, conn: &Conn<S>, new: Wanted) -> Result<Keys, DbError> {
        let (mut keys, mut rows) = (Keys::new(), Vec::new());
        for (tenant, person) in new {
            let (row, held) = self.made(tenant, person);
            rows.push(row);
            keys.insert((tenant, person), held);
        }
        if !rows.is_empty() {
            conn.run_last(ADD, [packed(rows)]).await?;
        }
        Ok(keys)
    }

    /// The keys that are there.
    pub(crate) async fn find<S: Side>(&self, conn: &Conn<S>, wanted: Wanted) -> Result<Keys, DbError> {
        if wanted.is_empty() {
            return Ok(Keys::new());
        }
        let rows = wanted.into_iter().map(|(tenant, person)| [tenant.into(), person.into()]);
        let found = conn.raw_rows(FIND, [packed(rows)]).await?;
        found.iter().map(|row| self.read(row)).collect()
    }

    /// Those of the keys that this node remembers.
    pub(crate) fn remembered(&self, wanted: &Wanted) -> Keys {
        wanted.iter().filter_map(|whose| Some((*whose, self.held.get(whose)?))).collect()
    }

    fn made(&self, tenant: TenantId, person: Uuid) -> ([Value; 3], Held) {
        let (key, sealed) = self.keys.make(tenant, person);
        let row = [tenant.into(), person.into(), STANDARD.encode(sealed).into()];
        (row, Held::Key(key.into()))
    }

    fn read(&self, row: &Row) -> Result<((TenantId, Uuid), Held), DbError> {
        let (tenant, person) = (TenantId(row.get("tenant_id")?), row.get("person")?);
        Ok(((tenant, person), self.opened(tenant, person, row.get("sealed")?)?))
    }
}
