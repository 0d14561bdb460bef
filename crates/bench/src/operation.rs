//! The requests that are measured, byte for byte the same for Elder and for the floor server.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use elder_kernel::{Id, User};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::data;

/// How many users a page has.
pub(crate) const PAGE: usize = 100;

/// Somebody who has signed in, or can.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) email: String,
    pub(crate) token: String,
    pub(crate) refresh_token: String,
}

/// Requests that a server is loaded with, one after the other.
pub(crate) trait Requests: Sync {
    /// What they are called.
    fn name(&self) -> &'static str;
    /// Whether an answer of this status says that it was done.
    fn accepts(&self, status: u16) -> bool;
    /// The next request.
    fn request(&self) -> Vec<u8>;
    /// Keeps what an answer gives for later requests.
    fn learn(&self, body: &[u8]);
    /// Whether the answer says what was asked for.
    fn is_right(&self, body: &[u8]) -> bool;
}

/// What a request of one kind looks like, and how its answer must look.
pub(crate) struct Operation {
    name: &'static str,
    status: u16,
    kind: Kind,
    people: Arc<[Person]>,
    made: AtomicU64,
    /// Refresh tokens that are good: each is spent once, and its answer holds the next.
    good: Mutex<VecDeque<String>>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Read,
    List,
    Create,
    Login,
    Refresh,
}

/// One operation of each kind.
pub(crate) struct Operations {
    pub(crate) read: Operation,
    pub(crate) list: Operation,
    pub(crate) create: Operation,
    pub(crate) login: Operation,
    pub(crate) refresh: Operation,
}

impl Operations {
    /// Those of `people`, counted from `first`: no two users may be created with the same address.
    pub(crate) fn of(people: Vec<Person>, first: u64) -> Self {
        let people: Arc<[Person]> = people.into();
        let operation = |name, status, kind| Operation {
            name,
            status,
            kind,
            people: Arc::clone(&people),
            made: AtomicU64::new(first),
            good: Mutex::new(people.iter().map(|person| person.refresh_token.clone()).collect()),
        };
        Self {
            read: operation("GET /api/v2/users/{id}", 200, Kind::Read),
            list: operation("GET /api/v2/users?limit=100", 200, Kind::List),
            create: operation("POST /api/v2/users", 201, Kind::Create),
            login: operation("POST /api/v2/auth/login", 200, Kind::Login),
            refresh: operation("POST /api/v2/auth/refresh", 200, Kind::Refresh),
        }
    }
}

impl Requests for Operation {
    fn name(&self) -> &'static str {
        self.name
    }

    fn accepts(&self, status: u16) -> bool {
        status == self.status
    }

    /// Of another person each time, and about another user.
    fn request(&self) -> Vec<u8> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let count = u64::try_from(self.people.len()).unwrap_or(1).max(1);
        let Some(person) = usize::try_from(number % count).ok().and_then(|place| self.people.get(place))
        else {
            return Vec::new();
        };
        let bearer = format!("Authorization: Bearer {}\r\n", person.token);
        match self.kind {
            Kind::Read => get(&format!("/api/v2/users/{}", scattered_user(number)), &bearer),
            Kind::List => get(&format!("/api/v2/users?limit={PAGE}"), &bearer),
            Kind::Create => {
                let body = json!({ "email": format!("new{number}@example.net"), "full_name": "New Person" });
                post("/api/v2/users", &bearer, &body)
            }
            Kind::Login => login(&person.email),
            Kind::Refresh => {
                let token = self.good.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                post("/api/v2/auth/refresh", "", &json!({ "refresh_token": token.unwrap_or_default() }))
            }
        }
    }

    fn learn(&self, body: &[u8]) {
        if let Kind::Refresh = self.kind
            && let Ok(tokens) = serde_json::from_slice::<Renewed>(body)
        {
            self.good.lock().unwrap_or_else(PoisonError::into_inner).push_back(tokens.refresh_token);
        }
    }

    fn is_right(&self, body: &[u8]) -> bool {
        let Ok(body) = serde_json::from_slice::<Value>(body) else { return false };
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        match self.kind {
            Kind::Read => text("id").starts_with("usr_") && text("email").ends_with("@example.com"),
            Kind::List => body.get("data").and_then(Value::as_array).is_some_and(|rows| rows.len() == PAGE),
            Kind::Create => text("id").starts_with("usr_") && text("email").ends_with("@example.net"),
            Kind::Login | Kind::Refresh => !text("access_token").is_empty(),
        }
    }
}

/// What is kept of a renewal.
#[derive(Deserialize)]
struct Renewed {
    refresh_token: String,
}

/// Signs a person in.
pub(crate) fn login(email: &str) -> Vec<u8> {
    login_to(&data::slug(data::TENANT), email)
}

/// Signs a person in to a tenant.
pub(crate) fn login_to(tenant: &str, email: &str) -> Vec<u8> {
    let body = json!({ "tenant": tenant, "email": email, "password": data::PASSWORD });
    post("/api/v2/auth/login", "", &body)
}

/// A request without a body.
pub(crate) fn get(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").into_bytes()
}

/// A POST of JSON.
pub(crate) fn post(path: &str, headers: &str, body: &Value) -> Vec<u8> {
    send("POST", path, headers, body)
}

/// A request with a body of JSON.
pub(crate) fn send(method: &str, path: &str, headers: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Users all over the tenant: a step without a common divisor meets each once before any twice.
fn scattered_user(number: u64) -> Id<User> {
    data::user(number.wrapping_mul(7_919) % data::USERS + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn operations() -> Operations {
        let person = Person {
            email: "user1@example.com".to_owned(),
            token: "t".to_owned(),
            refresh_token: "first".to_owned(),
        };
        Operations::of(vec![person], 0)
    }

    #[test]
    fn reads_meet_every_user_once_before_any_twice() {
        let met: HashSet<_> = (0..data::USERS).map(scattered_user).collect();
        assert_eq!(met.len(), usize::try_from(data::USERS).unwrap());
    }

    #[test]
    fn no_two_users_are_created_with_the_same_address() {
        let operations = operations();
        assert_ne!(operations.create.request(), operations.create.request());
    }

    #[test]
    fn a_refresh_token_is_sent_once_and_its_answer_gives_the_next() {
        let refresh = operations().refresh;
        let sent = || String::from_utf8(refresh.request()).unwrap();
        assert!(sent().ends_with(r#"{"refresh_token":"first"}"#));
        refresh.learn(br#"{"access_token":"a","refresh_token":"second"}"#);
        assert!(sent().ends_with(r#"{"refresh_token":"second"}"#));
    }

    #[test]
    fn an_answer_is_right_only_with_what_was_asked_for() {
        let operations = operations();
        assert!(operations.read.is_right(br#"{"id":"usr_0","email":"a@example.com"}"#));
        assert!(!operations.read.is_right(b"{}"));
        assert!(!operations.list.is_right(br#"{"data":[]}"#));
        assert!(!operations.login.is_right(br#"{"status":"mfa_required"}"#));
    }
}
