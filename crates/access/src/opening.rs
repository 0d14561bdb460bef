//! What an event says of persons, for those who may read it.

use std::collections::BTreeSet;

use elder_api_types::audit::AuditEvent;
use elder_kernel::TenantId;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    authority::Authority,
    database::DbError,
    people::{ERASED, Held, Keys, PREFIX, Person, WITHHELD, Wanted, place},
    transaction::{PlatformTx, TenantTx},
};

impl<A: Authority> TenantTx<A> {
    /// Opens what is personal in events of this tenant, in as far as its keys are there; what is erased reads
    /// [`ERASED`].
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn open_personal<'e>(
        &self,
        events: impl IntoIterator<Item = &'e mut AuditEvent>,
    ) -> Result<(), DbError> {
        let mut events: Vec<_> = events.into_iter().map(|event| (self.tenant(), event)).collect();
        let keys = self.keeper().people().find(self, wanted(&mut events)).await?;
        open(&mut events, &keys);
        Ok(())
    }
}

impl<A: Authority> TenantTx<A> {
    /// Opens what is these persons' own in events of this tenant. What is others' reads [`WITHHELD`].
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn open_own<'e>(
        &self,
        persons: &BTreeSet<Uuid>,
        events: impl IntoIterator<Item = &'e mut AuditEvent>,
    ) -> Result<(), DbError> {
        let mut events: Vec<_> = events.into_iter().map(|event| (self.tenant(), event)).collect();
        for (_, event) in &mut events {
            each_text(event, &mut |text| {
                sealed(text).filter(|(person, _)| !persons.contains(person)).map(|_| WITHHELD.into())
            });
        }
        let keys = self.keeper().people().find(self, wanted(&mut events)).await?;
        open(&mut events, &keys);
        Ok(())
    }

    /// A keyed hash, by which a text is known again in this tenant, and learnt by nobody who has not the master key.
    pub fn mark(&self, text: &str) -> Uuid {
        self.keeper().people().number(self.tenant(), &Person::at(format!("mark/{text}")))
    }
}

impl<A: Authority> PlatformTx<A> {
    /// Like [`TenantTx::open_personal`], for events of several tenants.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn open_personal<'e>(
        &self,
        events: impl IntoIterator<Item = (TenantId, &'e mut AuditEvent)>,
    ) -> Result<(), DbError> {
        let mut events: Vec<_> = events.into_iter().collect();
        let keys = self.keeper().people().find(self, wanted(&mut events)).await?;
        open(&mut events, &keys);
        Ok(())
    }
}

impl<A: Authority> PlatformTx<A> {
    /// Under which number the key lies of who reads an address and has no account.
    pub fn stand_in(&self, tenant: TenantId, address: &str) -> Uuid {
        self.keeper().people().number(tenant, &Person::at(address))
    }
}

fn wanted(events: &mut [(TenantId, &mut AuditEvent)]) -> Wanted {
    let mut wanted = Wanted::new();
    for (tenant, event) in events {
        each_text(event, &mut |text| {
            wanted.extend(sealed(text).map(|(person, _)| (*tenant, person)));
            None
        });
    }
    wanted
}

fn open(events: &mut [(TenantId, &mut AuditEvent)], keys: &Keys) {
    for (tenant, event) in events {
        let id = event.id.uuid();
        each_text(event, &mut |text| opened(keys, *tenant, id, text));
    }
}

/// The value of a sealed text; none for another text, and for one whose key is not there.
fn opened(keys: &Keys, tenant: TenantId, event: Uuid, text: &str) -> Option<Value> {
    let (person, sealed) = sealed(text)?;
    match keys.get(&(tenant, person))? {
        Held::Erased => Some(ERASED.into()),
        Held::Key(key) => {
            let plain = key.open(&place(tenant, person, event), sealed).ok()?;
            serde_json::from_slice(&plain).ok()
        }
    }
}

/// Whose a text is and what is sealed in it.
fn sealed(text: &str) -> Option<(Uuid, &str)> {
    let (person, sealed) = text.strip_prefix(PREFIX)?.split_once(':')?;
    Some((Uuid::try_parse(person).ok()?, sealed))
}

/// Shows every text of an event that may be sealed, and takes what comes in its place.
fn each_text(event: &mut AuditEvent, replace: &mut impl FnMut(&str) -> Option<Value>) {
    for text in [&mut event.actor_ip, &mut event.actor_user_agent, &mut event.reason] {
        if let Some(Value::String(other)) = text.as_deref().and_then(&mut *replace) {
            *text = Some(other);
        }
    }
    each_text_within(&mut event.changes, replace);
    each_text_within(&mut event.metadata, replace);
}

fn each_text_within(value: &mut Value, replace: &mut impl FnMut(&str) -> Option<Value>) {
    match value {
        Value::String(text) => {
            if let Some(other) = replace(text) {
                *value = other;
            }
        }
        Value::Array(items) => {
            for item in items {
                each_text_within(item, replace);
            }
        }
        Value::Object(fields) => {
            for field in fields.values_mut() {
                each_text_within(field, replace);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
