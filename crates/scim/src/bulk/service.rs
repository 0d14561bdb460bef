//! Runs a bulk request: in its order, but what is referred to before what refers to it.

use std::collections::BTreeMap;

use elder_access::{Access, Event, TenantTx, markers::ScimWrite};
use elder_crypto::PasswordHasher;
use elder_http::Problem;
use elder_kernel::{ErrorCode, ScimGroup, User};
use elder_scim_protocol::bulk::{
    BulkRequest, BulkResponse, BulkResult, Entry, Method, Operation, References,
};
use serde::{Deserialize, Serialize};

use crate::{
    Error,
    group::service as groups,
    resource::{Aim, Pushable, Pushed, Within},
    user::service as users,
    valve::service::heed,
    wire::error_of,
};

/// Where the operations are done.
pub(crate) struct Target<'a> {
    pub(crate) access: &'a Access<ScimWrite>,
    pub(crate) hasher: &'a PasswordHasher,
    pub(crate) within: Within,
    pub(crate) base_url: &'a str,
}

/// What an operation has done. It is kept under the key of the request.
#[derive(Serialize, Deserialize)]
struct Done {
    status: u16,
    /// The id and the version of the resource, unless it is gone.
    resource: Option<(String, String)>,
}

/// A request under way.
struct Run<'a> {
    target: &'a Target<'a>,
    entries: Vec<Entry>,
    references: References,
    /// What became of the operations, by their places.
    results: BTreeMap<usize, BulkResult>,
    /// How many errors may still come.
    errors_left: u64,
    /// Why the request as a whole is refused.
    refused: Option<Problem>,
}

/// Does the operations, and says what became of each that was tried.
///
/// # Errors
/// `idempotency_key_reused` if operations of another request were done under its key.
pub(crate) async fn run(target: &Target<'_>, asked: BulkRequest) -> Result<BulkResponse, Problem> {
    let BulkRequest { fail_on_errors, entries } = asked;
    let references = References::of(&entries);
    let errors_left = fail_on_errors.unwrap_or(u64::MAX);
    let mut left: Vec<usize> = (0..entries.len()).collect();
    let mut run = Run { target, entries, references, results: BTreeMap::new(), errors_left, refused: None };
    let mut loose = Vec::new();
    while !left.is_empty() && run.errors_left > 0 {
        let ready = left.iter().position(|index| run.is_ready(*index));
        // Those that are left wait for each other: one of them is created first, and gets its references afterwards.
        let first = ready.or_else(|| left.iter().position(|index| run.creates(*index))).unwrap_or_default();
        let index = left.remove(first);
        if run.perform(index, ready.is_none()).await && ready.is_none() {
            loose.push(index);
        }
    }
    for index in loose {
        run.complete(index).await;
    }
    match run.refused {
        Some(problem) => Err(problem),
        None => Ok(BulkResponse::new(run.results.into_values().collect())),
    }
}

impl Run<'_> {
    fn operation(&self, index: usize) -> Option<&Operation> {
        self.entries.get(index)?.operation.as_ref().ok()
    }

    /// Whether nothing has to be done before.
    fn is_ready(&self, index: usize) -> bool {
        self.operation(index).is_none_or(|operation| self.references.are_settled_for(operation))
    }

    fn creates(&self, index: usize) -> bool {
        self.operation(index).is_some_and(|operation| operation.method == Method::Post)
    }

    /// Does an operation, `loosely` without the references that can't be resolved yet; says whether it succeeded.
    async fn perform(&mut self, index: usize, loosely: bool) -> bool {
        let Some(entry) = self.entries.get(index) else { return false };
        let name = entry.bulk_id.clone().filter(|_| self.creates(index));
        let (resolved, done) = match &entry.operation {
            Err(error) => (None, Err(Error::from(error.clone()).into())),
            Ok(operation) => {
                let loose = loosely.then(|| self.references.loosen(operation));
                match self.references.resolve(loose.as_ref().unwrap_or(operation)) {
                    Err(error) => (None, Err(Error::from(error).into())),
                    Ok(operation) => {
                        let done = self.target.perform(&operation, &index.to_string()).await;
                        (Some(operation), done)
                    }
                }
            }
        };
        let created = done.as_ref().ok().and_then(|done| done.resource.as_ref()).map(|(id, _)| id.clone());
        if let Some(name) = name {
            self.references.settle(&name, created);
        }
        let is_done = done.is_ok();
        self.note(index, resolved, done);
        is_done
    }

    /// Gives a resource that was created loosely all that it refers to.
    async fn complete(&mut self, index: usize) {
        let place = self.results.get(&index).and_then(|result| result.location.as_deref());
        let path = place.and_then(|place| place.strip_prefix(self.target.base_url)).map(str::to_owned);
        let (Some(path), Some(operation)) = (path, self.operation(index)) else { return };
        let done = match self.references.resolve(operation) {
            Err(error) => Err(Error::from(error).into()),
            Ok(whole) => self.target.perform(&whole.into_replacement(&path), &format!("{index} whole")).await,
        };
        match (done, self.results.get_mut(&index)) {
            (Ok(done), Some(result)) => result.version = done.resource.map(|(_, version)| version),
            (Err(problem), Some(result)) => fail(result, &problem),
            (_, None) => {}
        }
    }

    fn note(&mut self, index: usize, operation: Option<Operation>, done: Result<Done, Problem>) {
        let Some(entry) = self.entries.get(index) else { return };
        let mut result = BulkResult {
            method: entry.method.clone(),
            bulk_id: entry.bulk_id.clone(),
            version: None,
            location: None,
            status: String::new(),
            response: None,
        };
        let path = operation.map(|operation| (operation.method, operation.path));
        let at = |path: &str| format!("{}/{}", self.target.base_url, path.trim_matches('/'));
        // RFC 7644 §3.7: where it is, but for a POST that failed.
        result.location = match (&done, &path) {
            (Ok(Done { resource: Some((id, _)), .. }), Some((Method::Post, path))) => {
                Some(format!("{}/{id}", at(path)))
            }
            (_, Some((method, path))) if *method != Method::Post => Some(at(path)),
            _ => None,
        };
        match done {
            Ok(done) => {
                result.status = done.status.to_string();
                result.version = done.resource.map(|(_, version)| version);
            }
            Err(problem) => {
                fail(&mut result, &problem);
                // Where Elder itself fails, the rest would too, and trying again helps.
                self.errors_left =
                    if problem.is_fault_of_server() { 0 } else { self.errors_left.saturating_sub(1) };
                if problem.code() == ErrorCode::IdempotencyKeyReused {
                    (self.errors_left, self.refused) = (0, Some(problem));
                }
            }
        }
        self.results.insert(index, result);
    }
}

fn fail(result: &mut BulkResult, problem: &Problem) {
    result.status = problem.code().status().to_string();
    result.response = Some(error_of(problem));
    result.version = None;
}

impl Target<'_> {
    /// Does one operation in a transaction of its own. Under a key it is done once: what was done by a sending that has
    /// got no answer, or is on its way, is taken as it is.
    async fn perform(&self, operation: &Operation, part: &str) -> Result<Done, Problem> {
        let access = self.access.part(part);
        match self.perform_by(&access, operation).await {
            Err(problem) => access.first_answer().ok_or(problem),
            done => done,
        }
    }

    async fn perform_by(&self, access: &Access<ScimWrite>, operation: &Operation) -> Result<Done, Problem> {
        let mut parts = operation.path.trim_matches('/').split('/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("Users"), id, None) => self.user(access, operation, id).await,
            (Some("Groups"), _, None) if !self.within.sync_groups => Err(Error::NoGroups.into()),
            (Some("Groups"), id, None) => self.group(access, operation, id).await,
            _ => Err(Error::NotFound.into()),
        }
    }

    async fn user(
        &self,
        access: &Access<ScimWrite>,
        operation: &Operation,
        id: Option<&str>,
    ) -> Result<Done, Problem> {
        let (tx, data) = (access.begin().await?, &operation.data);
        let done = match (operation.method, id) {
            (Method::Post, None) => users::create(&tx, self.hasher, self.within, data)
                .await
                .map(|(user, event)| (201, Some(user), Some(event))),
            (Method::Put, Some(id)) => {
                users::replace(&tx, self.hasher, self.aim(operation, id)?, data).await.map(changed)
            }
            (Method::Patch, Some(id)) => {
                users::patch(&tx, self.hasher, self.aim(operation, id)?, data).await.map(changed)
            }
            (Method::Delete, Some(id)) => users::delete(&tx, self.aim::<User>(operation, id)?)
                .await
                .map(|event| (204, None, Some(event))),
            _ => return Err(no_such_method()),
        };
        let (tx, (status, row, event)) = heed(access, self.within, tx, done).await?;
        finish(tx, status, row, event).await
    }

    async fn group(
        &self,
        access: &Access<ScimWrite>,
        operation: &Operation,
        id: Option<&str>,
    ) -> Result<Done, Problem> {
        let (tx, data) = (access.begin().await?, &operation.data);
        let (status, row, event) = match (operation.method, id) {
            (Method::Post, None) => {
                let (group, event) = groups::create(&tx, self.within, data).await?;
                (201, Some(group), Some(event))
            }
            (Method::Put, Some(id)) => changed(groups::replace(&tx, self.aim(operation, id)?, data).await?),
            (Method::Patch, Some(id)) => {
                let patched = groups::patch(&tx, self.aim(operation, id)?, data).await?;
                changed((patched.group, patched.event))
            }
            (Method::Delete, Some(id)) => {
                (204, None, Some(groups::delete(&tx, self.aim::<ScimGroup>(operation, id)?).await?))
            }
            _ => return Err(no_such_method()),
        };
        finish(tx, status, row, event).await
    }

    fn aim<'o, K: Pushable>(&self, operation: &'o Operation, id: &str) -> Result<Aim<'o, K>, Error> {
        let id = id.parse().map_err(|_| Error::NotFound)?;
        Ok(Aim { within: self.within, id, if_match: operation.version.as_deref() })
    }
}

/// What a PUT or PATCH comes to.
fn changed<K>((row, event): (Pushed<K>, Option<Event>)) -> (u16, Option<Pushed<K>>, Option<Event>) {
    (200, Some(row), event)
}

fn no_such_method() -> Problem {
    Problem::new(ErrorCode::MethodNotAllowed, "POST goes to a type, PUT, PATCH and DELETE to a resource.")
}

async fn finish<K: Pushable>(
    tx: TenantTx<ScimWrite>,
    status: u16,
    row: Option<Pushed<K>>,
    event: Option<Event>,
) -> Result<Done, Problem> {
    let done = Done { status, resource: row.map(|row| (row.id.to_string(), row.etag())) };
    tx.end_part(event, &done).await?;
    Ok(done)
}
