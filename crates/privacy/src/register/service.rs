//! How the register is kept and applied.

mod repository;

use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

use elder_access::{DbError, Worker, work::Housekeeping};

use super::{Line, RegisterError};
use crate::erasure;

/// What was read of the register.
struct Register {
    lines: BTreeSet<Line>,
    /// The first line that is none.
    fault: Option<RegisterError>,
}

/// Appends the erasures that the register does not have. To be called now and then on every node; one that is killed
/// between the file and the database appends the same line again.
///
/// # Errors
/// [`RegisterError`]; the next call tries again.
pub async fn keep_register(worker: &Worker, register: &Path) -> Result<usize, RegisterError> {
    let tx = worker.job::<Housekeeping>().platform().await?;
    let new = repository::unregistered(&tx).await?;
    if new.is_empty() {
        return Ok(0);
    }
    append(register, &new).map_err(|error| RegisterError::File(register.to_owned(), error))?;
    repository::registered(tx, &new).await?;
    Ok(new.len())
}

/// Erases again whom the register names and of whom there is something. Gives how many.
///
/// # Errors
/// [`RegisterError`]; whoever could be erased is, also where a line of the register is not of its form.
pub async fn erase_again(worker: &Worker, register: &Path) -> Result<usize, RegisterError> {
    let mut count = 0;
    let Register { lines, fault } = read(register)?;
    for Line { tenant_id, user_id, request_id, .. } in lines {
        match erasure::service::again(worker, tenant_id, user_id, request_id).await {
            Ok(done) => count += usize::from(done),
            Err(DbError::Held(_)) => {
                tracing::error!(tenant = %tenant_id, user = %user_id, "a legal hold forbids an erasure of the register");
            }
            Err(error) => return Err(error.into()),
        }
    }
    fault.map_or(Ok(count), Err)
}

/// On disk before it counts as registered.
fn append(register: &Path, new: &[Line]) -> io::Result<()> {
    // A line that a crash has cut ends here, and is named when the register is read; what it told of comes once more.
    let is_cut = fs::read(register).is_ok_and(|bytes| bytes.last().is_some_and(|last| *last != b'\n'));
    let mut text = String::from(if is_cut { "\n" } else { "" });
    for line in new {
        text.push_str(&serde_json::to_string(line)?);
        text.push('\n');
    }
    let mut file = OpenOptions::new().append(true).create(true).open(register)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The lines of the register; none if there is no file yet.
fn read(register: &Path) -> Result<Register, RegisterError> {
    let text = match fs::read_to_string(register) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(RegisterError::File(register.to_owned(), error)),
    };
    let (mut lines, mut fault) = (BTreeSet::new(), None);
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str(line) {
            Ok(line) => {
                lines.insert(line);
            }
            Err(error) => {
                fault.get_or_insert(RegisterError::Line(register.to_owned(), at + 1, error));
            }
        }
    }
    Ok(Register { lines, fault })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use elder_api_types::{PrivacyRequestId, UserId};
    use elder_kernel::TenantId;

    use super::*;

    fn line(number: u128) -> Line {
        Line {
            tenant_id: TenantId(7),
            user_id: UserId::from_uuid(uuid::Uuid::from_u128(number)),
            request_id: PrivacyRequestId::from_uuid(uuid::Uuid::from_u128(9)),
            erased_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_was_appended_is_read_once_however_often_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let register = folder.path().join("erasures.ndjson");
        assert!(read(&register).unwrap().lines.is_empty());
        append(&register, &[line(1)]).unwrap();
        append(&register, &[line(2), line(1)]).unwrap();
        assert_eq!(read(&register).unwrap().lines, BTreeSet::from([line(1), line(2)]));
    }

    #[test]
    fn a_line_that_was_cut_is_named_and_keeps_no_other_from_being_read() {
        let folder = tempfile::tempdir().unwrap();
        let register = folder.path().join("erasures.ndjson");
        append(&register, &[line(1)]).unwrap();
        fs::write(&register, fs::read_to_string(&register).unwrap() + "{\"tenant_id\": 7").unwrap();
        append(&register, &[line(2)]).unwrap();
        let Register { lines, fault } = read(&register).unwrap();
        assert_eq!(lines, BTreeSet::from([line(1), line(2)]));
        assert!(matches!(fault, Some(RegisterError::Line(_, 2, _))));
    }
}
