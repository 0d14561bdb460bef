//! One member more: of a large group beside a small one.

use std::time::Instant;

use serde_json::json;

use super::{
    directory::Directory,
    requests::{Made, expect},
};
use crate::{fault::Fault, http::Connection, server::Server, statistics::percentile_ms};

/// Members of the small group.
const FEW: usize = 50;
/// Members that one PATCH adds while a group is made.
const AT_ONCE: usize = 5_000;
/// How often a member is added in a round.
const TIMES: usize = 200;

/// Median milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) small: f64,
    pub(crate) large: f64,
}

/// Two groups, and people who are in neither.
pub(crate) struct Pair {
    small: String,
    large: String,
    others: Vec<Made>,
    /// Members of the large one.
    pub(crate) members: usize,
}

impl Pair {
    /// Makes both from the users of the directory.
    pub(crate) fn make(
        elder: &Server,
        directory: &Directory,
        users: &[Made],
        members: usize,
    ) -> Result<Self, Fault> {
        let mut connection = Connection::open(elder.address)?;
        let (many, others) = users.split_at_checked(members).unwrap_or((users, &[]));
        let mut make = |name: &str, members: &[Made]| -> Result<String, Fault> {
            let group =
                json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name });
            let body = expect(&connection.exchange(&directory.place().post("/Groups", &group))?, 201)?;
            let id = body.get("id").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
            for part in members.chunks(AT_ONCE) {
                connection.exchange(&add(directory, &id, part)).map_err(Fault::from).and_then(|answer| {
                    if answer.status < 300 { Ok(()) } else { expect(&answer, 204).map(drop) }
                })?;
            }
            Ok(id)
        };
        let small = make("Small", many.get(..FEW).unwrap_or_default())?;
        let large = make("Large", many)?;
        Ok(Self { small, large, others: others.to_vec(), members })
    }

    /// Adds to both in turn, and takes what was added away again.
    pub(crate) fn cost(&self, elder: &Server, directory: &Directory) -> Result<Cost, Fault> {
        let mut connection = Connection::open(elder.address)?;
        let mut taken = [Vec::new(), Vec::new()];
        for person in self.others.iter().cycle().take(TIMES) {
            for (group, taken) in [&self.small, &self.large].into_iter().zip(&mut taken) {
                let one = std::slice::from_ref(person);
                let request = add(directory, group, one);
                let begin = Instant::now();
                let status = connection.exchange(&request)?.status;
                taken.push(begin.elapsed());
                if status >= 300 {
                    return Err(Fault::broken(format!("adding a member answered {status}")));
                }
                connection.exchange(&remove(directory, group, person))?;
            }
        }
        let [small, large] = taken.map(|mut all| {
            all.sort_unstable();
            percentile_ms(&all, 50)
        });
        Ok(Cost { small, large })
    }
}

fn add(directory: &Directory, group: &str, members: &[Made]) -> Vec<u8> {
    let members: Vec<_> = members.iter().map(|member| json!({ "value": member.id })).collect();
    let operation = json!({ "op": "add", "path": "members", "value": members });
    directory.place().patch(&format!("/Groups/{group}"), &operation)
}

fn remove(directory: &Directory, group: &str, member: &Made) -> Vec<u8> {
    let path = format!("members[value eq \"{}\"]", member.id);
    directory.place().patch(&format!("/Groups/{group}"), &json!({ "op": "remove", "path": path }))
}
