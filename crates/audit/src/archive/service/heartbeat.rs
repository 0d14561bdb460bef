//! A lock that lasts for as long as the work that it is for: PostgreSQL ends a transaction in which nothing happens for a minute.

use std::{pin::pin, time::Duration};

use elder_access::DbError;
use tokio::time::timeout;

use crate::archive::ArchiveError;

/// How often it is used.
const EVERY: Duration = Duration::from_secs(15);

/// Does the work, and uses the lock meanwhile. Where that is gone the work ends as well: another node may have begun the same.
pub(super) async fn during<T, F: Future<Output = Result<bool, DbError>>>(
    work: impl Future<Output = Result<T, ArchiveError>>,
    mut is_held: impl FnMut() -> F,
) -> Result<T, ArchiveError> {
    let mut work = pin!(work);
    loop {
        if let Ok(done) = timeout(EVERY, &mut work).await {
            return done;
        }
        is_held().await?;
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_lock_is_used_for_as_long_as_the_work_takes() {
        let mut used = 0;
        let work = async {
            sleep(Duration::from_mins(3)).await;
            Ok(7)
        };
        let done = during(work, || {
            used += 1;
            std::future::ready(Ok(true))
        });
        assert_eq!(done.await.unwrap(), 7);
        assert!((11..=12).contains(&used), "{used}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_work_ends_where_the_lock_is_gone() {
        let gone = || std::future::ready(Err(DbError::defect(std::io::Error::other("gone"))));
        let work = std::future::pending::<Result<(), ArchiveError>>();
        during(work, gone).await.unwrap_err();
    }
}
