//! What an event says of persons, in the form in which the log has it.

use elder_kernel::{AuditEvent, Id, TenantId};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{ERASED, Held, Keys, PREFIX, People, Person, place};

/// Seals the personal data of one event.
pub(crate) struct Sealed<'a> {
    people: &'a People,
    keys: &'a Keys,
    tenant: TenantId,
    event: Uuid,
}

impl<'a> Sealed<'a> {
    pub(crate) fn new(people: &'a People, keys: &'a Keys, tenant: TenantId, event: Id<AuditEvent>) -> Self {
        Self { people, keys, tenant, event: event.uuid() }
    }

    /// In whose log the event is.
    pub(crate) fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// A text; none where its key is not to be had, since it must not lie open.
    pub(crate) fn text(&self, person: &Person, text: &str) -> Option<String> {
        self.bytes(person, &Value::from(text))
    }

    /// A value; null stays null, which is nobody's.
    pub(crate) fn value(&self, person: &Person, value: &Value) -> Value {
        if value.is_null() { Value::Null } else { self.bytes(person, value).into() }
    }

    /// What changed of a field, before and after each by itself.
    pub(crate) fn change(&self, person: &Person, change: &Value) -> Value {
        let side = |name| change.get(name).map_or(Value::Null, |value| self.value(person, value));
        json!({ "before": side("before"), "after": side("after") })
    }

    /// The fields of an object, those that are personal sealed.
    pub(crate) fn object<'f>(
        &self,
        fields: impl Iterator<Item = (&'f String, &'f Value, Option<&'f Person>)>,
        seal: impl Fn(&Self, &Person, &Value) -> Value,
    ) -> Value {
        let sealed = fields.map(|(name, value, person)| {
            (name.clone(), person.map_or_else(|| value.clone(), |person| seal(self, person, value)))
        });
        Value::Object(sealed.collect::<Map<_, _>>())
    }

    fn bytes(&self, person: &Person, value: &Value) -> Option<String> {
        let person = self.people.number(self.tenant, person);
        Some(match self.keys.get(&(self.tenant, person))? {
            Held::Erased => ERASED.to_owned(),
            Held::Key(key) => {
                let sealed = key.seal(&place(self.tenant, person, self.event), value.to_string().as_bytes());
                format!("{PREFIX}{}:{sealed}", person.simple())
            }
        })
    }
}
