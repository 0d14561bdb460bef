//! A thousand users made by one batch, beside as many single calls over the same connection.

use std::time::Instant;

use serde_json::{Value, json};

use crate::{
    fault::Fault,
    http::{Answer, Connection},
    operation::{self, Person},
    server::Server,
};

/// As many as a batch may have.
pub(crate) const OPERATIONS: u16 = 1_000;
const USERS: &str = "/api/v2/users";

/// Seconds for all of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) singles: f64,
    pub(crate) atomic: f64,
    pub(crate) independent: f64,
}

/// Makes the users of a round in each way.
pub(crate) fn cost(server: &Server, person: &Person, round: usize) -> Result<Cost, Fault> {
    let mut connection = Connection::open(server.address)?;
    let bearer = format!("Authorization: Bearer {}\r\n", person.token);
    let user = |way: &str, number| json!({ "email": format!("{way}{round}-{number}@example.net"), "full_name": "New Person" });
    let begin = Instant::now();
    for number in 0..OPERATIONS {
        let answer = connection.exchange(&operation::post(USERS, &bearer, &user("single", number)))?;
        expect(&answer, 201)?;
    }
    let singles = begin.elapsed().as_secs_f64();
    let mut batch = |way: &str, is_atomic: bool| -> Result<f64, Fault> {
        let operations: Vec<_> =
            (0..OPERATIONS).map(|number| json!({ "op": "create", "data": user(way, number) })).collect();
        let body = json!({ "atomic": is_atomic, "operations": operations });
        let request = operation::post(&format!("{USERS}/batch"), &bearer, &body);
        let begin = Instant::now();
        let answer = connection.exchange(&request)?;
        let taken = begin.elapsed().as_secs_f64();
        expect(&answer, 200)?;
        if made(answer.body) == usize::from(OPERATIONS) {
            Ok(taken)
        } else {
            Err(Fault::broken("a batch has not made all of its users"))
        }
    };
    let (atomic, independent) = (batch("atomic", true)?, batch("independent", false)?);
    Ok(Cost { singles, atomic, independent })
}

fn expect(answer: &Answer<'_>, status: u16) -> Result<(), Fault> {
    if answer.status == status {
        return Ok(());
    }
    let body = String::from_utf8_lossy(answer.body);
    Err(Fault::broken(format!("{} instead of {status}: {body}", answer.status)))
}

/// How many resources a batch has made.
fn made(body: &[u8]) -> usize {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let results = body.get("results").and_then(Value::as_array);
    let is_made = |result: &&Value| result.get("status").and_then(Value::as_u64) == Some(201);
    results.into_iter().flatten().filter(is_made).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_made_is_counted() {
        assert_eq!(made(br#"{"results":[{"status":201},{"status":409},{"status":201}]}"#), 2);
        assert_eq!(made(b"no answer"), 0);
    }
}
