//! Misuse that must not compile, each a file of `tests/compile_fail` beside what the compiler says of it.
//!
//! The compiler is called by itself, on the library that this test is linked with: a harness that builds a project
//! of its own would first compile several hundred crates again, because their features differ there.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The library as cargo built it last, and the folder with all that it depends on.
fn library() -> (PathBuf, PathBuf) {
    let folder = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    let built = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("libelder_access-") && name.ends_with(".rlib")
    });
    let newest = built.max_by_key(|path| path.metadata().unwrap().modified().unwrap());
    (newest.expect("cargo has built the library"), folder)
}

/// The errors of a file, one a line: place, code and message.
fn errors(file: &Path, (library, folder): &(PathBuf, PathBuf)) -> String {
    let output = tempfile::tempdir().unwrap();
    let said = Command::new("rustc")
        .current_dir(file.parent().unwrap())
        .args(["--edition=2024", "--crate-type=lib", "--emit=metadata", "--error-format=short", "--out-dir"])
        .arg(output.path())
        .arg("--extern")
        .arg(format!("elder_access={}", library.display()))
        .arg("-L")
        .arg(format!("dependency={}", folder.display()))
        .arg(file.file_name().unwrap())
        .output()
        .unwrap();
    let text = String::from_utf8(said.stderr).unwrap();
    let lines = text.split_inclusive('\n');
    let errors: String = lines.filter(|line| line.contains(": error")).collect();
    assert_eq!(said.status.success(), errors.is_empty(), "{}: {text}", file.display());
    errors
}

#[test]
fn misuse_of_the_gate_does_not_compile() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_fail");
    let library = library();
    let mut wrong = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(&cases).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|kind| kind == "rs"));
    assert!(files.len() > 10, "{files:?}");
    for file in files {
        let expected = std::fs::read_to_string(file.with_extension("stderr")).unwrap_or_default();
        let found = errors(&file, &library);
        // The one without errors is the good case: the same doors, used as they are meant.
        if found != expected || found.is_empty() != file.ends_with("allowed.rs") {
            wrong.push(format!("{}\n  expected:\n{expected}  found:\n{found}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
