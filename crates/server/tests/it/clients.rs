//! Clients that others would have: generated from the document as the guide says, they take the tour of the README.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use elder_testkit::TestDatabase;

use crate::{
    guide::examples,
    process::{Process, data_directory, output},
};

const GUIDE: &str = include_str!("../../../../docs/guides/clients.md");
const TOURS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/clients");

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where their tools are")]
fn told(variable: &str) -> PathBuf {
    let place = env::var_os(variable);
    place.unwrap_or_else(|| panic!("{variable} is not set: run the tests by `make test`")).into()
}

/// Runs a command to its end and demands that it succeeds; gives what it said.
#[track_caller]
fn run(command: &mut Command) -> String {
    let (success, said) = output(command);
    assert!(success, "{command:?}: {said}");
    said
}

/// Does in a folder what the guide says of generating clients.
fn generate(server: &Process, tools: &Path, place: &Path) {
    let mut path = tools.parent().unwrap().as_os_str().to_owned();
    path.push(":");
    path.push(told("PATH"));
    let mut scripts = vec!["set -eu".to_owned()];
    scripts.extend(examples(GUIDE).into_iter().map(|example| example.script));
    let mut shell = Command::new("sh");
    run(shell.args(["-c", &scripts.join("\n")]).env("URL", &server.url).env("PATH", path).current_dir(place));
}

fn tour_in_python(python: &Path, place: &Path, demo: &Path) -> String {
    let tour = Path::new(TOURS).join("tour.py");
    run(Command::new(python).arg(tour).arg(demo).env("PYTHONPATH", place.join("python")))
}

fn tour_in_typescript(place: &Path, demo: &Path) -> String {
    let project = place.join("typescript");
    for file in ["tour.ts", "tsconfig.json"] {
        fs::copy(Path::new(TOURS).join(file), project.join(file)).unwrap();
    }
    run(Command::new("node").arg(told("ELDER_TEST_TYPESCRIPT")).arg("--project").arg(&project));
    run(Command::new("node").arg(project.join("out/tour.js")).arg(demo))
}

#[tokio::test]
async fn generated_clients_take_the_tour() {
    let (database, data) = (TestDatabase::create().await, data_directory());
    let server = Process::demo(data.path(), &database);
    let (place, demo) = (tempfile::tempdir().unwrap(), data.path().join("demo.json"));
    let python = told("ELDER_TEST_PYTHON");
    generate(&server, &python, place.path());
    assert_eq!(tour_in_python(&python, place.path(), &demo), "the tour is done\n");
    assert_eq!(tour_in_typescript(place.path(), &demo), "the tour is done\n");
}
