//! What an admin looks for in a large log: by person, action, resource and time.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use elder_kernel::{Clock, Id, User};
use serde_json::Value;
use uuid::Uuid;

use super::Extent;
use crate::{data, fault::Fault, http::Connection, operation, server::Server};

/// How often each is asked.
const TIMES: u64 = 200;

/// The first id of the large tenant's users.
const FIRST: Uuid = Uuid::from_u128(0x0191_0000_0000_7000_9000_0000_0000_0000);

/// A filter's name, and what makes it of a number.
type Filter = (&'static str, fn(u64) -> String);

/// Each filter's name, and how long its requests took, sorted.
pub(super) fn times(elder: &Server, extent: &Extent) -> Result<Vec<(&'static str, Vec<Duration>)>, Fault> {
    let mut connection = Connection::open(elder.address)?;
    let login = operation::login_to(&data::slug(data::LARGE_TENANT), &data::large_email(1));
    let body: Value = serde_json::from_slice(connection.exchange(&login)?.body).unwrap_or_default();
    let token = body.get("access_token").and_then(Value::as_str).unwrap_or_default();
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let filters: [Filter; 6] = [
        ("none", |_| String::new()),
        ("person", by_person),
        ("action", by_action),
        ("resource", by_resource),
        ("time", by_time),
        ("words", by_words),
    ];
    let mut found = Vec::new();
    for (name, filter) in filters {
        let mut times = Vec::new();
        for number in 0..TIMES {
            let path = format!("/api/v2/audit/events?limit=50{}", filter(number.wrapping_mul(7_919)));
            let request = operation::get(&path, &bearer);
            let begin = Instant::now();
            let answer = connection.exchange(&request)?;
            times.push(begin.elapsed());
            let body: Value = serde_json::from_slice(answer.body).unwrap_or_default();
            let rows = body.get("data").and_then(Value::as_array).map_or(0, Vec::len);
            // Few of a small log are of one person or about one thing.
            if answer.status != 200 || (rows == 0 && extent.searched >= 1_000_000) {
                let said = String::from_utf8_lossy(answer.body);
                return Err(Fault::broken(format!("{path}: {} with {rows} events: {said}", answer.status)));
            }
        }
        times.sort_unstable();
        found.push((name, times));
    }
    Ok(found)
}

fn by_person(number: u64) -> String {
    let user = Id::<User>::from_uuid(Uuid::from_u128(FIRST.as_u128() + u128::from(number % 10_000 + 1)));
    format!("&filter=actor_user_id%20eq%20%22{user}%22")
}

fn by_action(number: u64) -> String {
    let actions = ["portal_user.updated", "session.started", "organization.updated", "session.refused"];
    let action = actions.iter().cycle().nth(usize::try_from(number % 4).unwrap_or_default());
    format!("&filter=action%20eq%20%22{}%22", action.copied().unwrap_or_default())
}

fn by_resource(number: u64) -> String {
    format!("&filter=resource_id%20eq%20%22usr_{:026}%22", number % 100_000)
}

fn by_time(number: u64) -> String {
    let hours = i64::try_from(number % 48).unwrap_or_default();
    let until = (Clock::system().now() - TimeDelta::hours(hours)).format("%Y-%m-%dT%H:%M:%SZ");
    format!("&filter=timestamp%20lt%20%22{until}%22")
}

/// Words of which one is rare and one is not, of things that were not called alone.
fn by_words(number: u64) -> String {
    format!("&q=session.started%20{:026}", (number * 8 + 1) % 100_000)
}
