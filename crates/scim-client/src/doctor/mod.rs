//! A doctor for SCIM servers: goes through what identity providers do, and says which of it the server does wrong.

mod check;
mod habits;
mod names;
mod report;
mod run;
mod steps;

use std::{cell::Cell, pin::pin, time::Duration};

use elder_api_types::directory::Provider;
use elder_kernel::{Random, Secret};
use tokio::select;

use crate::BaseUrl;
use run::Run;

pub use report::{Outcome, Report, StepReport};

/// What is to be examined, and how.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The base URL of the server.
    pub url: BaseUrl,
    /// A token that may write.
    pub token: Secret<String>,
    /// Whose way of asking is used.
    pub provider: Provider,
    /// The domain of the addresses that people get.
    pub domain: String,
    /// Whether what was made stays.
    pub keep: bool,
    /// How long an answer may take.
    pub timeout: Duration,
}

/// Goes through all steps and takes away again what they made.
///
/// At the first interrupt the step that is under way ends, so that what it makes is known, the others are left out, and
/// what was made is taken away. The second ends at once; the report says what is left.
///
/// # Errors
/// If the system has no certificates to know servers by.
pub async fn examine(
    subject: Subject,
    random: &Random,
    mut interrupted: impl AsyncFnMut(),
) -> Result<Report, reqwest::Error> {
    let mut run = Run::new(subject, random)?;
    let stopping = Cell::new(false);
    {
        let work = pin!(async {
            steps::all(&mut run, &stopping).await;
            run.clean_up().await;
        });
        select! {
            () = work => {}
            () = async { interrupted().await; stopping.set(true); interrupted().await } => {}
        }
    }
    Ok(run.into_report(stopping.get()))
}
