//! Letters as files, where there is no mail server.

use std::{
    io,
    path::{Path, PathBuf},
};

use tokio::{
    fs::{self, DirBuilder, OpenOptions},
    io::AsyncWriteExt as _,
};

use super::SendError;

/// A folder of `.eml` files.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Makes the folder if it is not there.
    pub(super) async fn make(&self) -> Result<(), SendError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.0).await;
        made.map_err(|source| SendError::Folder { path: self.0.clone(), source })
    }

    /// Writes a letter. It appears whole; another try replaces it.
    pub(super) async fn write(&self, id: &str, mail: &[u8]) -> Result<(), SendError> {
        self.make().await?;
        let path = self.0.join(format!("{id}.eml"));
        let unfinished = path.with_extension("unfinished");
        let written = async {
            write_private(&unfinished, mail).await?;
            fs::rename(&unfinished, &path).await
        };
        match written.await {
            Ok(()) => {
                tracing::info!(path = %path.display(), "a mail was written");
                Ok(())
            }
            Err(source) => Err(SendError::Folder { path, source }),
        }
    }
}

async fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).await?;
    file.write_all(content).await?;
    file.sync_all().await
}
