//! One run: what it has learnt of the server, what it has made there, and what it says in the end.

use std::time::Instant;

use elder_kernel::{Random, Secret};
use elder_scim_protocol::patch::PATCH_URN;
use form_urlencoded::Serializer;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Subject,
    check::{Halt, Verdict},
    names::Names,
    report::{Outcome, Report, StepReport},
    steps::Step,
};
use crate::exchange::{Answer, Client};

/// A kind of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Group,
}

impl Kind {
    pub(super) fn endpoint(self) -> &'static str {
        match self {
            Self::User => "/Users",
            Self::Group => "/Groups",
        }
    }
}

/// A run.
pub(super) struct Run {
    pub(super) subject: Subject,
    pub(super) client: Client,
    pub(super) names: Names,
    /// A token that nobody has made.
    pub(super) wrong_token: Secret<String>,
    /// What `/ServiceProviderConfig` says.
    pub(super) config: Value,
    /// Whether `/ResourceTypes` has groups.
    pub(super) has_groups: bool,
    /// Why nothing further can be looked at.
    pub(super) blocked: Option<&'static str>,
    user: Option<String>,
    other: Option<String>,
    group: Option<String>,
    /// Paths of what is there, in the order of making.
    made: Vec<String>,
    /// Searches for what may be there, and whose id never came.
    unsure: Vec<String>,
    steps: Vec<StepReport>,
}

impl Run {
    pub(super) fn new(subject: Subject, random: &Random) -> Result<Self, reqwest::Error> {
        let client = Client::new(subject.url.clone(), subject.token.clone(), subject.timeout)?;
        let names = Names::new(random, subject.domain.clone());
        Ok(Self {
            wrong_token: Secret::new(names.external("wrong-token")),
            subject,
            client,
            names,
            config: Value::Null,
            has_groups: true,
            blocked: None,
            user: None,
            other: None,
            group: None,
            made: Vec::new(),
            unsure: Vec::new(),
            steps: Vec::new(),
        })
    }

    /// Does one step, or says why it is left out.
    pub(super) async fn step(&mut self, step: &Step, left_out: Option<&str>) {
        let begun = Instant::now();
        let verdict = match left_out.or(self.blocked) {
            Some(words) => Err(Halt::skip(words)),
            None => (step.check)(self).await,
        };
        let (outcome, reason, exchange) = match verdict {
            Ok(()) => (Outcome::Pass, None, None),
            Err(Halt::Skip(words)) => (Outcome::Skip, Some(words), None),
            Err(Halt::Fault(fault)) => (Outcome::Fail, Some(fault.words), Some(fault.exchange)),
        };
        let milliseconds = begun.elapsed().as_millis();
        let Step { name, rule, source, .. } = *step;
        self.steps.push(StepReport { name, rule, source, outcome, milliseconds, reason, exchange });
    }

    /// Makes something, and remembers it however the server answers.
    pub(super) async fn make(&mut self, kind: Kind, body: Value) -> Result<Answer, Halt> {
        self.unsure.push(search(kind, &body));
        let asked = self.client.ask(Method::POST, kind.endpoint(), body, None).await;
        let answer = asked.as_ref().ok();
        let id = answer.and_then(|answer| answer.body.get("id")?.as_str());
        match (answer.map(|answer| answer.status), id) {
            (Some(200..=299), Some(id)) => {
                self.made.push(format!("{}/{id}", kind.endpoint()));
                self.unsure.pop();
            }
            // A failure of the server's may have come after it was made.
            (Some(200..=299 | 500..) | None, _) => {}
            (Some(_), _) => drop(self.unsure.pop()),
        }
        asked.map_err(Halt::from)
    }

    /// Keeps what a step has made for the later ones.
    pub(super) fn keep(&mut self, role: Role, id: &str) {
        let place = match role {
            Role::User => &mut self.user,
            Role::Other => &mut self.other,
            Role::Group => &mut self.group,
        };
        *place = Some(id.to_owned());
    }

    /// The id of what an earlier step has made.
    pub(super) fn id(&self, role: Role) -> Result<String, Halt> {
        let (place, words) = match role {
            Role::User => (&self.user, "there is no user: see `user-create`"),
            Role::Other => (&self.other, "there is no second user: see `paging`"),
            Role::Group => (&self.group, "there is no group: see `group-create`"),
        };
        place.clone().ok_or_else(|| Halt::skip(words))
    }

    /// The path of what an earlier step has made.
    pub(super) fn path(&self, role: Role) -> Result<String, Halt> {
        let kind = if role == Role::Group { Kind::Group } else { Kind::User };
        Ok(format!("{}/{}", kind.endpoint(), self.id(role)?))
    }

    /// What an earlier step has made, read anew.
    pub(super) async fn read(&self, role: Role) -> Result<Answer, Halt> {
        let answer = self.client.get(&self.path(role)?).await?;
        answer.expect(&[200])?;
        Ok(answer)
    }

    /// Changes by PATCH, and reads it anew: an answer may be without a body (RFC 7644 §3.5.2).
    pub(super) async fn patch(&self, role: Role, operations: Value) -> Result<Answer, Halt> {
        let body = json!({"schemas": [PATCH_URN], "Operations": operations});
        let answer = self.client.ask(Method::PATCH, &self.path(role)?, body, None).await?;
        answer.expect(&[200, 204])?;
        self.read(role).await
    }

    /// Deletes what an earlier step has made.
    pub(super) async fn delete(&mut self, role: Role) -> Verdict {
        let path = self.path(role)?;
        let answer = self.client.ask(Method::DELETE, &path, Value::Null, None).await?;
        answer.expect(&[204])?;
        self.made.retain(|made| *made != path);
        Ok(())
    }

    /// Takes away what is still there, the youngest first: groups before those who are in them.
    pub(super) async fn clean_up(&mut self) {
        if self.subject.keep {
            return;
        }
        self.look_for_lost_ones().await;
        let mut place = self.made.len();
        while let Some(path) = place.checked_sub(1).and_then(|last| self.made.get(last)).cloned() {
            place -= 1;
            let deleted = self.client.ask(Method::DELETE, &path, Value::Null, None).await;
            if deleted.is_ok_and(|answer| matches!(answer.status, 200..=299 | 404)) {
                self.made.remove(place);
            }
        }
    }

    /// What may have been made without its id being told is found by its name.
    async fn look_for_lost_ones(&mut self) {
        for search in std::mem::take(&mut self.unsure) {
            let endpoint = search.split('?').next().unwrap_or_default();
            let found = self.client.get(&search).await;
            let Some(found) = found.as_ref().ok().and_then(|answer| answer.list().ok()) else {
                self.unsure.push(search);
                continue;
            };
            let ids = found.iter().filter_map(|one| one.get("id")?.as_str());
            let paths: Vec<_> = ids.map(|id| format!("{endpoint}/{id}")).collect();
            self.made.extend(paths.into_iter().filter(|path| !self.made.contains(path)).collect::<Vec<_>>());
        }
    }

    pub(super) fn into_report(self, interrupted: bool) -> Report {
        let paths = self.made.iter().chain(&self.unsure);
        let left_behind: Vec<_> = paths.map(|path| self.subject.url.at(path)).collect();
        let count = |outcome: Outcome| self.steps.iter().filter(|step| step.outcome == outcome).count();
        Report {
            url: self.subject.url.to_string(),
            provider: self.subject.provider.name(),
            passed: count(Outcome::Pass),
            failed: count(Outcome::Fail),
            skipped: count(Outcome::Skip),
            interrupted,
            steps: self.steps,
            left_behind,
        }
    }
}

/// What later steps work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The person whom most steps change.
    User,
    /// Another one.
    Other,
    /// The group.
    Group,
}

/// What the person is called whom most steps change.
pub(super) const USER: &str = "one";
/// What the other one is called.
pub(super) const OTHER: &str = "two";
/// What the group is called.
pub(super) const GROUP: &str = "group";

/// The path that finds what a body makes.
fn search(kind: Kind, body: &Value) -> String {
    let attribute = match kind {
        Kind::User => "userName",
        Kind::Group => "displayName",
    };
    let name = body.get(attribute).and_then(Value::as_str).unwrap_or_default();
    filter(kind, &format!("{attribute} eq \"{name}\""), &[])
}

/// The path of a list with a filter.
pub(super) fn filter(kind: Kind, filter: &str, more: &[(&str, &str)]) -> String {
    let pairs = [("filter", filter)].into_iter().chain(more.iter().copied());
    let query = Serializer::new(String::new()).extend_pairs(pairs).finish();
    // Not every server reads a plus as a blank.
    format!("{}?{}", kind.endpoint(), query.replace('+', "%20"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_written_so_that_every_server_reads_it() {
        let path = filter(Kind::User, "userName eq \"a+b@example.com\"", &[("count", "1")]);
        assert_eq!(path, "/Users?filter=userName%20eq%20%22a%2Bb%40example.com%22&count=1");
    }
}
