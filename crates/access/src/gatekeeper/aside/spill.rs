//! Files in which rows wait for PostgreSQL: one for each time that it did not take some, the oldest first.
//!
//! A file is written under another name first, so that half a file is never read. One that was stored and not removed, as
//! by a kill in between, is stored again: rows that are there already stay as they are.

use std::{
    collections::VecDeque,
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use serde_json::Value;
use tokio::task::spawn_blocking;

/// What the files are called, after a number that grows.
const SUFFIX: &str = ".ndjson";

/// What waits in a folder.
pub(super) struct Spill {
    folder: Option<PathBuf>,
    most_bytes: u64,
    files: VecDeque<(u64, u64)>,
    next: u64,
}

/// Why rows cannot wait.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoRoom {
    #[error("no folder is configured for them")]
    NoFolder,
    #[error("{0} bytes wait already")]
    Full(u64),
    #[error(transparent)]
    File(#[from] io::Error),
}

impl Spill {
    /// Finds what an earlier process has left.
    pub(super) fn open(folder: Option<PathBuf>, most_bytes: u64) -> Self {
        let mut files: Vec<_> = folder.as_deref().map(numbers).unwrap_or_default();
        files.sort_unstable();
        let next = files.last().map_or(0, |(number, _)| number + 1);
        Self { folder, most_bytes, files: files.into(), next }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    pub(super) fn has_room(&self) -> bool {
        self.folder.is_some() && self.bytes() < self.most_bytes
    }

    fn bytes(&self) -> u64 {
        self.files.iter().map(|(_, bytes)| bytes).sum()
    }

    /// Puts rows into a file.
    pub(super) async fn keep(&mut self, rows: Vec<Value>) -> Result<(), NoRoom> {
        let folder = self.folder.clone().ok_or(NoRoom::NoFolder)?;
        let bytes = self.bytes();
        if bytes >= self.most_bytes {
            return Err(NoRoom::Full(bytes));
        }
        let number = self.next;
        self.next += 1;
        let written =
            spawn_blocking(move || write(&folder, number, &rows)).await.map_err(io::Error::other)??;
        self.files.push_back((number, written));
        Ok(())
    }

    /// The rows that have waited longest.
    pub(super) async fn oldest(&mut self) -> Option<Vec<Value>> {
        while let Some((number, _)) = self.files.front() {
            let path = path(self.folder.as_deref()?, *number);
            let read = spawn_blocking(move || read(&path)).await.map_err(io::Error::other).flatten();
            match read {
                Ok(rows) => return Some(rows),
                Err(error) => {
                    tracing::error!(%error, number, "a file of audit events cannot be read, and is left where it is");
                    self.files.pop_front();
                }
            }
        }
        None
    }

    /// Removes the file of the rows that have waited longest.
    pub(super) async fn forget_oldest(&mut self) {
        let Some(((number, _), folder)) = self.files.pop_front().zip(self.folder.as_deref()) else { return };
        if let Err(error) = tokio::fs::remove_file(path(folder, number)).await {
            tracing::warn!(%error, number, "a file of audit events that are written could not be removed");
        }
    }
}

fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:012}{SUFFIX}"))
}

fn numbers(folder: &Path) -> Vec<(u64, u64)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let number = |name: &str| name.strip_suffix(SUFFIX)?.parse().ok();
    entries
        .filter_map(|entry| Some((number(entry.file_name().to_str()?)?, entry.metadata().ok()?.len())))
        .collect()
}

fn write(folder: &Path, number: u64, rows: &[Value]) -> io::Result<u64> {
    // They hold addresses of people: nobody else may read them.
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut text = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut text, row)?;
        text.push(b'\n');
    }
    let (path, unfinished) = (path(folder, number), folder.join(format!("{number:012}.part")));
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(&text)?;
    file.sync_all()?;
    fs::rename(unfinished, path)?;
    Ok(u64::try_from(text.len()).unwrap_or(u64::MAX))
}

fn read(path: &Path) -> io::Result<Vec<Value>> {
    let text = fs::read_to_string(path)?;
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[tokio::test]
    async fn rows_come_back_in_their_order_also_to_another_process() {
        let folder = folder();
        let mut spill = Spill::open(Some(folder.path().to_owned()), 1_000);
        assert!(spill.is_empty() && spill.oldest().await.is_none());
        for rows in [vec![json!([1]), json!([2])], vec![json!([3])]] {
            spill.keep(rows).await.unwrap();
        }
        let mut spill = Spill::open(Some(folder.path().to_owned()), 1_000);
        assert_eq!(spill.oldest().await.unwrap(), [json!([1]), json!([2])]);
        assert_eq!(spill.oldest().await.unwrap(), [json!([1]), json!([2])], "until they are forgotten");
        spill.forget_oldest().await;
        spill.keep(vec![json!([4])]).await.unwrap();
        for rest in [[json!([3])], [json!([4])]] {
            assert_eq!(spill.oldest().await.unwrap(), rest);
            spill.forget_oldest().await;
        }
        assert!(spill.is_empty() && spill.oldest().await.is_none());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn no_more_waits_than_there_may_and_nothing_without_a_folder() {
        let folder = folder();
        let mut spill = Spill::open(Some(folder.path().to_owned()), 3);
        spill.keep(vec![json!([1])]).await.unwrap();
        assert!(!spill.has_room());
        assert!(matches!(spill.keep(vec![json!([2])]).await, Err(NoRoom::Full(4))));
        let mut nowhere = Spill::open(None, 3);
        assert!(!nowhere.has_room());
        assert!(matches!(nowhere.keep(vec![json!([2])]).await, Err(NoRoom::NoFolder)));
    }

    #[tokio::test]
    async fn what_is_no_such_file_is_left_alone() {
        let folder = folder();
        for (name, text) in
            [("notes.txt", "mine"), ("000000000001.part", "[1"), ("000000000002.ndjson", "[1")]
        {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let mut spill = Spill::open(Some(folder.path().to_owned()), 100);
        assert!(!spill.is_empty());
        assert!(spill.oldest().await.is_none(), "it cannot be read");
        spill.keep(vec![json!([7])]).await.unwrap();
        assert_eq!(spill.oldest().await.unwrap(), [json!([7])]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
    }
}
