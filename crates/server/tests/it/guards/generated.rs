//! Files that are made from the code are those that the code makes.

use std::{path::PathBuf, process::Command};

/// A binary of the workspace, beside the one of the server.
fn binary(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_BIN_EXE_elder")).with_file_name(name);
    assert!(path.exists(), "{name} is not built: run `cargo build --workspace --bins` first");
    path
}

#[test]
fn every_generated_file_is_what_the_code_makes() {
    let output = Command::new(binary("elder-xtask"))
        .args(["snapshot", "--check"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
