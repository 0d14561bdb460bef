//! The requests of a provider, the same for every server.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use serde_json::{Value, json};

use crate::{
    fault::Fault,
    http::{Answer, Connection},
    operation::{Requests, get, send},
    server::Server,
};

/// Where a provider pushes to, and what it shows.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Before `/Users`.
    pub(crate) base: &'static str,
    /// Whole lines.
    pub(crate) headers: String,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    LookUp,
    Patch,
    Create,
}

/// A user whom a server has.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) id: String,
    pub(crate) user_name: String,
}

/// The users of a server, and a count of what was asked of it.
pub(crate) struct Pushes {
    place: Place,
    users: Arc<[Made]>,
    asked: [AtomicU64; 3],
}

/// The requests of one kind.
pub(crate) struct Load<'a> {
    kind: Kind,
    pushes: &'a Pushes,
}

impl Pushes {
    /// Makes so many users.
    pub(crate) fn prepare(server: &Server, place: Place, users: usize) -> Result<Self, Fault> {
        let mut connection = Connection::open(server.address)?;
        let mut made = Vec::with_capacity(users);
        for number in 0..users {
            let request = place.post("/Users", &user(&format!("person{number}@example.org")));
            made.push(read_user(&expect(&connection.exchange(&request)?, 201)?)?);
        }
        Ok(Self { place, users: made.into(), asked: [const { AtomicU64::new(0) }; 3] })
    }

    /// Users whom the server has already.
    pub(crate) fn with(place: Place, users: &[Made]) -> Self {
        Self { place, users: users.into(), asked: [const { AtomicU64::new(0) }; 3] }
    }

    pub(crate) fn of(&self, kind: Kind) -> Load<'_> {
        Load { kind, pushes: self }
    }
}

impl Place {
    pub(crate) fn get(&self, path: &str) -> Vec<u8> {
        get(&format!("{}{path}", self.base), &self.headers)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Vec<u8> {
        send("POST", &format!("{}{path}", self.base), &self.headers, body)
    }

    pub(crate) fn patch(&self, path: &str, operation: &Value) -> Vec<u8> {
        let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
        let body = json!({ "schemas": [schema], "Operations": [operation] });
        send("PATCH", &format!("{}{path}", self.base), &self.headers, &body)
    }

    /// Asks whether there is a user of that name, as providers do before they create one.
    pub(crate) fn look_up(&self, user_name: &str) -> Vec<u8> {
        self.get(&format!("/Users?filter=userName%20eq%20%22{user_name}%22"))
    }
}

/// A user as a provider pushes one.
pub(crate) fn user(user_name: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": user_name,
        "externalId": user_name,
        "name": { "givenName": "Given", "familyName": "Family" },
        "emails": [{ "value": user_name, "type": "work", "primary": true }],
        "active": true,
    })
}

/// The body of an answer that must have this status.
pub(crate) fn expect(answer: &Answer<'_>, status: u16) -> Result<Value, Fault> {
    if answer.status == status {
        return Ok(serde_json::from_slice(answer.body).unwrap_or_default());
    }
    let body = String::from_utf8_lossy(answer.body);
    Err(Fault::broken(format!("{} instead of {status}: {body}", answer.status)))
}

fn read_user(body: &Value) -> Result<Made, Fault> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    match (text("id"), text("userName")) {
        (Some(id), Some(user_name)) => Ok(Made { id, user_name }),
        _ => Err(Fault::broken(format!("a server made no user: {body}"))),
    }
}

impl Requests for Load<'_> {
    fn name(&self) -> &'static str {
        match self.kind {
            Kind::LookUp => "GET /Users?filter=userName eq",
            Kind::Patch => "PATCH /Users/{id}",
            Kind::Create => "POST /Users",
        }
    }

    fn accepts(&self, status: u16) -> bool {
        match self.kind {
            Kind::LookUp => status == 200,
            // RFC 7644 §3.5.2: with the resource or without.
            Kind::Patch => [200, 204].contains(&status),
            Kind::Create => status == 201,
        }
    }

    fn request(&self) -> Vec<u8> {
        let [look_ups, patches, creates] = &self.pushes.asked;
        let (place, users) = (&self.pushes.place, &self.pushes.users);
        let count = |counter: &AtomicU64| counter.fetch_add(1, Ordering::Relaxed);
        let many = u64::try_from(users.len()).unwrap_or(1).max(1);
        // A step without a common divisor meets each once before any twice.
        let chosen = |number: u64| {
            usize::try_from(number.wrapping_mul(7_919) % many).ok().and_then(|place| users.get(place))
        };
        match self.kind {
            Kind::LookUp => {
                chosen(count(look_ups)).map(|user| place.look_up(&user.user_name)).unwrap_or_default()
            }
            Kind::Patch => {
                let number = count(patches);
                // Every user in turn is deactivated, then every one activated.
                let value = (number / many) % 2 == 1;
                let operation = json!({ "op": "replace", "path": "active", "value": value });
                let path = chosen(number).map(|user| format!("/Users/{}", user.id)).unwrap_or_default();
                place.patch(&path, &operation)
            }
            Kind::Create => place.post("/Users", &user(&format!("new{}@example.org", count(creates)))),
        }
    }

    fn learn(&self, _: &[u8]) {}

    fn is_right(&self, body: &[u8]) -> bool {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        match self.kind {
            Kind::LookUp => found(&body) == 1,
            Kind::Patch => body.is_null() || read_user(&body).is_ok(),
            Kind::Create => read_user(&body).is_ok(),
        }
    }
}

/// How many resources a list has.
pub(crate) fn found(body: &Value) -> usize {
    body.get("Resources").and_then(Value::as_array).map_or(0, Vec::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushes() -> Pushes {
        let users: Vec<_> = (0..3).map(|n| Made { id: n.to_string(), user_name: format!("u{n}") }).collect();
        Pushes::with(Place { base: "/scim/v2", headers: String::new() }, &users)
    }

    #[test]
    fn every_user_is_deactivated_before_one_is_activated() {
        let pushes = pushes();
        let values = || String::from_utf8(pushes.of(Kind::Patch).request()).unwrap();
        let sent: Vec<_> = (0..6).map(|_| values()).collect();
        assert!(sent[..3].iter().all(|request| request.contains("\"value\":false")), "{sent:?}");
        assert!(sent[3..].iter().all(|request| request.contains("\"value\":true")), "{sent:?}");
        let deactivated: std::collections::HashSet<_> = sent[..3].iter().collect();
        assert_eq!(deactivated.len(), 3);
    }

    #[test]
    fn an_empty_list_is_no_answer_to_a_look_up() {
        let pushes = pushes();
        assert!(!pushes.of(Kind::LookUp).is_right(br#"{"totalResults":0,"Resources":[]}"#));
        assert!(pushes.of(Kind::LookUp).is_right(br#"{"totalResults":1,"Resources":[{}]}"#));
    }
}
