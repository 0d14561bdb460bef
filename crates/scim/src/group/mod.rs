//! Groups as a directory pushes them, and who is in them.

pub(crate) mod routes;
pub(crate) mod service;

use std::collections::BTreeMap;

use elder_kernel::{Id, ScimGroup, User};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A member: a user or a group of the same directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Member {
    User(Id<User>),
    Group(Id<ScimGroup>),
}

impl Member {
    /// The member that a value of `members` names. Ids are Elder's own, so that any other text names nobody.
    fn named(value: &str) -> Option<Self> {
        let user = value.parse().map(Self::User);
        user.or_else(|_| value.parse().map(Self::Group)).ok()
    }

    /// The key of its row.
    fn key(self) -> Uuid {
        match self {
            Self::User(id) => id.uuid(),
            Self::Group(id) => id.uuid(),
        }
    }

    /// Its id on the wire.
    fn id(self) -> String {
        match self {
            Self::User(id) => id.to_string(),
            Self::Group(id) => id.to_string(),
        }
    }
}

/// Members as a client names them, each once, with the names that it shows for them.
#[derive(Debug, Default)]
pub(crate) struct Named {
    members: BTreeMap<Uuid, (Member, Option<String>)>,
    /// How many values can be the ids of nobody.
    nobody: usize,
}

impl Named {
    fn of(values: &[Map<String, Value>]) -> Self {
        let text = |value: &Map<String, Value>, name: &str| {
            value.get(name).and_then(Value::as_str).map(str::to_owned)
        };
        let mut named = Self::default();
        for value in values {
            match Member::named(&text(value, "value").unwrap_or_default()) {
                Some(member) => {
                    named.members.entry(member.key()).or_insert((member, text(value, "display")));
                }
                None => named.nobody += 1,
            }
        }
        named
    }
}

/// What became of the members of a group.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    added: Vec<Member>,
    removed: Vec<Member>,
    /// How many values name nobody of the directory.
    unknown: usize,
}

impl Difference {
    fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }

    fn and(mut self, later: Self) -> Self {
        self.added.extend(later.added);
        self.removed.extend(later.removed);
        Self { unknown: self.unknown + later.unknown, ..self }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn grp_4_what_is_no_id_of_ours_names_nobody_and_whoever_is_named_twice_is_named_once() {
        let id = Id::<User>::from_uuid(Uuid::from_u128(7)).to_string();
        let values = [
            json!({"value": id, "display": "Ana"}),
            json!({"value": id}),
            json!({"value": "fake-member-id"}),
            json!({}),
        ];
        let named = Named::of(&values.map(|value| value.as_object().unwrap().clone()));
        let known: Vec<_> = named.members.into_values().collect();
        let ana = Member::User(Id::from_uuid(Uuid::from_u128(7)));
        assert_eq!((known, named.nobody), (vec![(ana, Some("Ana".to_owned()))], 2));
    }
}
