//! Runs a batch: all operations in one transaction, and one commit for what they have changed.

use actix_web::HttpResponse;
use elder_http::Problem;
use elder_kernel::ErrorCode;

use super::{
    BatchAnswer, BatchOf, BatchResult, Operations,
    request::{Operation, place},
};
use crate::{
    TenantTx,
    authority::{Authority, Write},
    doors::Access,
    event::Event,
    permissions::Permission,
};

/// What an operation has done.
struct Done {
    status: u16,
    id: String,
    event: Option<Event>,
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
        .with_member("error", problem.document())
}

impl<P: Permission + Authority<Mode = Write>> Access<P> {
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
        let (mut results, mut events) = (Vec::with_capacity(operations.len()), Vec::new());
        for (index, operation) in operations.into_iter().enumerate() {
            if !mode.is_atomic {
                tx.set_savepoint().await;
            }
            let done = match operation {
                Ok(operation) => run(of, &tx, operation).await.map_err(|problem| within_data(index, problem)),
                Err(problem) => Err(problem),
            };
            results.push(match done {
                Ok(Done { status, id, event }) => {
                    events.extend(event);
                    BatchResult { index, status, id: Some(id), error: None }
                }
                Err(problem) => {
                    let problem = mode.outlives(index, problem)?;
                    tx.return_to_savepoint().await;
                    let status = problem.code().status();
                    BatchResult { index, status, id: None, error: Some(problem.document()) }
                }
            });
        }
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
        Operation::Create(new) => {
            let (id, event) = of.create(tx, new).await?;
            Done { status: 201, id: id.to_string(), event: Some(event) }
        }
        Operation::Update(id, patch, demand) => {
            let event = tx.demanding(demand, of.update(tx, id, patch)).await?;
            Done { status: 200, id: id.to_string(), event }
        }
        Operation::Delete(id, demand) => {
            let event = tx.demanding(demand, of.delete(tx, id)).await?;
            Done { status: 204, id: id.to_string(), event: Some(event) }
        }
    })
}
