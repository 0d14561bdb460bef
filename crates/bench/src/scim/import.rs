//! An import by Bulk: whether its thousandth part costs what its first did.

use std::time::Instant;

use serde_json::{Value, json};

use super::{
    directory::Directory,
    requests::{Made, expect, user},
};
use crate::{fault::Fault, http::Connection, procfs, server::Server};

/// Operations of a request.
const OPERATIONS: usize = 1_000;

/// How an import went.
pub(crate) struct Course {
    pub(crate) users: Vec<Made>,
    /// Users a second in the first and the last tenth.
    pub(crate) first: f64,
    pub(crate) last: f64,
    /// Resident memory of the server after the first tenth and at the end, in KiB.
    pub(crate) first_kib: u64,
    pub(crate) last_kib: u64,
}

/// Imports so many users, in order.
pub(crate) fn course(elder: &Server, directory: &Directory, users: usize) -> Result<Course, Fault> {
    let mut connection = Connection::open(elder.address)?;
    let (mut made, mut taken, mut first_kib) = (Vec::with_capacity(users), Vec::new(), 0);
    let requests = (users / OPERATIONS).max(1);
    let tenth = (requests / 10).max(1);
    for request in 0..requests {
        let request_body = bulk(request * OPERATIONS);
        let begin = Instant::now();
        let body = expect(&connection.exchange(&directory.place().post("/Bulk", &request_body))?, 200)?;
        taken.push(begin.elapsed());
        read(&body, request * OPERATIONS, &mut made)?;
        if request + 1 == tenth {
            first_kib = procfs::memory(elder.pid())?.resident_kib;
        }
    }
    let rate = |times: &[std::time::Duration]| {
        let seconds: f64 = times.iter().map(std::time::Duration::as_secs_f64).sum();
        f64::from(u32::try_from(times.len() * OPERATIONS).unwrap_or(u32::MAX)) / seconds
    };
    let (first, last) = (taken.get(..tenth), taken.get(requests - tenth..));
    let [first, last] = [first, last].map(|times| rate(times.unwrap_or_default()));
    Ok(Course { users: made, first, last, first_kib, last_kib: procfs::memory(elder.pid())?.resident_kib })
}

fn name(number: usize) -> String {
    format!("import{number}@example.org")
}

fn bulk(begin: usize) -> Value {
    let operation = |number: usize| {
        let id = format!("b{number}");
        json!({ "method": "POST", "path": "/Users", "bulkId": id, "data": user(&name(number)) })
    };
    let operations: Vec<_> = (begin..begin + OPERATIONS).map(operation).collect();
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations })
}

/// Each must have been made.
fn read(body: &Value, begin: usize, made: &mut Vec<Made>) -> Result<(), Fault> {
    let results = body.get("Operations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for (offset, result) in results.iter().enumerate() {
        let is_made = result.get("status").and_then(Value::as_str) == Some("201");
        let location = result.get("location").and_then(Value::as_str).unwrap_or_default();
        let Some(id) = location.rsplit('/').next().filter(|_| is_made) else {
            return Err(Fault::broken(format!("an import was refused: {result}")));
        };
        made.push(Made { id: id.to_owned(), user_name: name(begin + offset) });
    }
    if results.len() == OPERATIONS { Ok(()) } else { Err(Fault::broken("an import has lost operations")) }
}
