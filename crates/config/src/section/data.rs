//! Files that Elder writes.

use std::path::PathBuf;

use crate::setting::section;

section! {
    /// Files that Elder writes.
    Data = "data" {
        /// The directory for the private database, the generated master key and mails without a server.
        #[env("ELDER_DATA_DIR")]
        dir: PathBuf = "elder-data";
    }
}
