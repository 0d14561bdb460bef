//! Background tasks with a name, whose end is logged.

use std::panic::{self, AssertUnwindSafe};

use futures_util::FutureExt as _;
use tokio::task::JoinHandle;
use tracing::Instrument as _;

/// Runs `future` in the background, in a span with its name, and logs its end; a panic at `error`.
///
/// The handle tells of a panic as tokio's own does. Dropping it leaves the task running.
pub fn spawn<F>(name: &'static str, future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let watched = async move {
        // The state of a task that panicked is gone with it, so nobody can see it half changed.
        match AssertUnwindSafe(future).catch_unwind().await {
            Ok(output) => {
                tracing::debug!("the task has ended");
                output
            }
            Err(reason) => {
                tracing::error!("the task has panicked");
                panic::resume_unwind(reason)
            }
        }
    };
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
    tokio::spawn(watched.instrument(tracing::info_span!("task", name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_gives_its_output() {
        assert_eq!(spawn("sum", async { 1 + 1 }).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_panic_reaches_the_handle_and_nobody_else() {
        let failed = spawn("fail", async { panic!("on purpose") }).await;
        assert!(failed.unwrap_err().is_panic());
        assert!(spawn("next", async {}).await.is_ok());
    }
}
