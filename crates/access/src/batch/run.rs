//! Runs a batch: all operations in one transaction, and one commit for what they have changed.

use actix_web::HttpResponse;
use elder_api_types::batch::{BatchAnswer, BatchProblem, BatchResult};
use elder_http::Problem;
use elder_kernel::{ErrorCode, Kind, Precondition};

use super::{
    BatchOf, Made, Operations,
    request::{Operation, place},
};
use crate::{
    TenantTx,
    authority::{Authority, Write},
    doors::Access,
    event::Event,
    permissions::Permission,
};

/// Creations that are done at once at most: one that fails has them all done again, one by one.
const AT_ONCE: usize = 100;

/// What an operation has done.
struct Done {
    status: u16,
    id: String,
    secret: Option<String>,
    event: Option<Event>,
}

impl<K: Kind> From<Made<K>> for Done {
    fn from(Made { id, event, secret }: Made<K>) -> Self {
        Self { status: 201, id: id.to_string(), secret, event: Some(event) }
    }
}

/// Whether one that fails takes the others with it.
#[derive(Clone, Copy)]
struct Mode {
    is_atomic: bool,
}

impl Mode {
    /// What the failure of an operation means to the batch: its end, or a result like any other. Where Elder itself
    /// fails, the rest would too, and trying again helps.
    fn outlives(self, index: usize, problem: Problem) -> Result<Problem, Problem> {
        if problem.is_fault_of_server() {
            return Err(problem);
        }
        if self.is_atomic { Err(failed(index, &problem)) } else { Ok(problem) }
    }
}

fn failed(index: usize, problem: &Problem) -> Problem {
    let detail = format!("Operation {index} failed, so nothing was done: {}", problem.detail());
    Problem::new(ErrorCode::BatchFailed, detail)
        .with_faults(problem.faults().to_vec())
        .with_member("index", index)
        .with_member("error", document(problem))
}

/// The problem of the single call, without what the whole answer says.
fn document(problem: &Problem) -> BatchProblem {
    let (code, faults) = (problem.code(), problem.faults());
    BatchProblem {
        r#type: code.page(),
        title: code.title().to_owned(),
        status: code.status(),
        detail: problem.detail().to_owned(),
        code: code.slug().to_owned(),
        errors: (!faults.is_empty()).then(|| faults.to_vec()),
    }
}

/// A batch under way.
struct Run<'a, C: BatchOf> {
    of: &'a C,
    tx: TenantTx<C::Right>,
    mode: Mode,
    results: Vec<BatchResult>,
    events: Vec<Event>,
}

impl<C: BatchOf> Run<'_, C> {
    /// Does all operations in their order; creations that follow each other at once, if the collection can.
    async fn all(&mut self, operations: Vec<Result<Operation<C>, Problem>>) -> Result<(), Problem> {
        let mut new = Vec::new();
        for operation in operations {
            match operation {
                Ok(Operation::Create(one)) if new.len() < AT_ONCE => new.push(one),
                Ok(Operation::Create(one)) => self.create(std::mem::replace(&mut new, vec![one])).await?,
                other => {
                    self.create(std::mem::take(&mut new)).await?;
                    self.one(other).await?;
                }
            }
        }
        self.create(new).await
    }

    async fn create(&mut self, new: Vec<C::New>) -> Result<(), Problem> {
        if new.len() > 1 && self.create_at_once(&new).await? {
            return Ok(());
        }
        for one in new {
            self.one(Ok(Operation::Create(one))).await?;
        }
        Ok(())
    }

    /// Whether all were created. Which of them was in the way, their single calls tell.
    async fn create_at_once(&mut self, new: &[C::New]) -> Result<bool, Problem> {
        self.tx.set_savepoint().await;
        match self.of.create_all(&self.tx, new).await {
            Ok(Some(made)) => {
                for made in made {
                    self.did(made.into());
                }
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(problem) if problem.is_fault_of_server() => Err(problem),
            Err(_) => {
                self.tx.return_to_savepoint().await;
                Ok(false)
            }
        }
    }

    async fn one(&mut self, operation: Result<Operation<C>, Problem>) -> Result<(), Problem> {
        let index = self.results.len();
        if !self.mode.is_atomic {
            self.tx.set_savepoint().await;
        }
        let done = match operation {
            Ok(operation) => {
                run(self.of, &self.tx, operation).await.map_err(|problem| within_data(index, problem))
            }
            Err(problem) => Err(problem),
        };
        match done {
            Ok(done) => self.did(done),
            Err(problem) => {
                let problem = self.mode.outlives(index, problem)?;
                self.tx.return_to_savepoint().await;
                let status = problem.code().status();
                let error = Some(document(&problem));
                self.results.push(BatchResult { index, status, id: None, secret: None, error });
            }
        }
        Ok(())
    }

    fn did(&mut self, Done { status, id, secret, event }: Done) {
        self.events.extend(event);
        let index = self.results.len();
        self.results.push(BatchResult { index, status, id: Some(id), secret, error: None });
    }
}

impl<P: Permission + Authority<Mode = Write>> Access<P> {
    /// Ends a request whose operations were committed one by one, each with its event: under an `Idempotency-Key` the
    /// answer is kept, in a transaction of its own that has changed nothing else.
    ///
    /// # Errors
    /// When the answer cannot be kept; the changes stay.
    pub async fn keep(&self, answer: HttpResponse) -> Result<HttpResponse, Problem> {
        self.begin().await?.keep(answer).await
    }

    /// Does all operations of a batch, or each on its own, and says what became of them.
    ///
    /// # Errors
    /// Then nothing was done: `batch_failed` for an atomic one, or what is the fault of Elder.
    pub async fn batch<C>(&self, of: &C, asked: Operations<C>) -> Result<HttpResponse, Problem>
    where
        C: BatchOf<Right = P>,
    {
        let mode = Mode { is_atomic: asked.is_atomic };
        let operations = self.prepared(of, mode, asked).await?;
        let tx = self.begin().await?;
        of.enter(&tx).await?;
        let results = Vec::with_capacity(operations.len());
        let mut run = Run { of, tx, mode, results, events: Vec::new() };
        run.all(operations).await?;
        let Run { tx, results, events, .. } = run;
        tx.answer_all(events, HttpResponse::Ok().json(BatchAnswer { results })).await
    }

    /// The operations, once all is done that they need before the transaction is open.
    async fn prepared<C>(
        &self,
        of: &C,
        mode: Mode,
        asked: Operations<C>,
    ) -> Result<Vec<Result<Operation<C>, Problem>>, Problem>
    where
        C: BatchOf<Right = P>,
    {
        if mode.is_atomic {
            readable(&asked)?;
        }
        let mut operations = asked.operations;
        for (index, operation) in operations.iter_mut().enumerate() {
            if let Ok(Operation::Create(new)) = operation
                && let Err(problem) = of.prepare(self, new).await
            {
                *operation = Err(mode.outlives(index, within_data(index, problem))?);
            }
        }
        Ok(operations)
    }
}

/// Refuses a batch of which an operation cannot be read, with the faults of all of them.
fn readable<C: BatchOf>(asked: &Operations<C>) -> Result<(), Problem> {
    let unreadable = asked.operations.iter().enumerate();
    let unreadable = unreadable.filter_map(|(index, operation)| Some((index, operation.as_ref().err()?)));
    let Some((index, first)) = unreadable.clone().next() else { return Ok(()) };
    let faults = unreadable.flat_map(|(_, problem)| problem.faults()).cloned().collect();
    Err(failed(index, first).with_faults(faults))
}

/// Where the service has found a fault.
fn within_data(index: usize, problem: Problem) -> Problem {
    problem.within(&format!("{}/data", place(index)))
}

async fn run<C: BatchOf>(of: &C, tx: &TenantTx<C::Right>, operation: Operation<C>) -> Result<Done, Problem> {
    Ok(match operation {
        // What is not there yet has no state; what else the service looks at is not what the request demands.
        Operation::Create(new) => tx.demanding(Precondition::None, of.create(tx, new)).await?.into(),
        Operation::Update(id, patch, demand) => {
            let event = tx.demanding(demand, of.update(tx, id, patch)).await?;
            Done { status: 200, id: id.to_string(), secret: None, event }
        }
        Operation::Delete(id, demand) => {
            let event = tx.demanding(demand, of.delete(tx, id)).await?;
            Done { status: 204, id: id.to_string(), secret: None, event }
        }
    })
}
