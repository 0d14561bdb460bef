//! A file in the operator's folder: a JSON object a line, on disk before it counts as arrived.

use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use serde_json::Value;
use tokio::task::spawn_blocking;

use super::{Batch, SendError, placed};

/// Nothing in the path comes from a caller.
pub(super) async fn append(folder: &Path, batch: &Batch<'_>) -> Result<(), SendError> {
    let folder = folder.join(batch.tenant.to_string());
    let path = folder.join(format!("{}.ndjson", batch.stream));
    let lines: Vec<_> = batch.events.iter().map(|sent| Value::Object(placed(sent)).to_string()).collect();
    let lines = lines.join("\n") + "\n";
    let writing = spawn_blocking(move || {
        std::fs::create_dir_all(&folder)?;
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        if is_torn(&mut file)? {
            file.write_all(b"\n")?;
        }
        file.write_all(lines.as_bytes())?;
        file.sync_data()
    });
    Ok(writing.await.map_err(std::io::Error::other)??)
}

/// Whether the last line was not written to its end, by a node that has died. It is ended, and comes again whole.
fn is_torn(file: &mut File) -> std::io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}
