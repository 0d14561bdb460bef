//! Clients that others would have, as the guide says: generated ones and one in Rust take the tour of the README.

mod rust;

use std::{
    env, fs, iter,
    path::{Path, PathBuf},
    process::Command,
};

use elder_testkit::TestDatabase;
use tempfile::TempDir;

use crate::{
    guide::examples,
    process::{Process, data_directory, output},
};

const GUIDE: &str = include_str!("../../../../docs/guides/clients.md");
const TOURS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/clients");

pub(crate) fn told(variable: &str) -> PathBuf {
    let place = env::var_os(variable);
    place.unwrap_or_else(|| panic!("{variable} is not set: run the tests by `make test`")).into()
}

/// Runs a command to its end and demands that it succeeds; gives what it said.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> String {
    let (success, said) = output(command);
    assert!(success, "{command:?}: {said}");
    said
}

/// A server with the demonstration data, and a folder with a client for it.
struct Tour {
    demo: PathBuf,
    place: TempDir,
    python: PathBuf,
    _server: Process,
    _stored: (TestDatabase, TempDir),
}

impl Tour {
    /// Starts the server and does what the guide says of generating a client.
    async fn prepare(language: &str) -> Self {
        let (database, data) = (TestDatabase::create().await, data_directory());
        let (server, place) = (Process::demo(data.path(), &database), tempfile::tempdir().unwrap());
        let python = told("ELDER_TEST_PYTHON");
        let said = examples(GUIDE).into_iter().map(|example| example.script);
        let of_others =
            |script: &String| script.contains(" generate ") && !script.contains(&format!(" -g {language} "));
        let script: Vec<_> = said.filter(|script| !of_others(script)).collect();
        let (tools, usual) = (python.parent().unwrap().to_owned(), told("PATH"));
        let path = env::join_paths(iter::once(tools).chain(env::split_paths(&usual))).unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-euc", &script.join("\n")]).current_dir(place.path());
        // Compiling as little as it may, Java is done sooner.
        run(shell.env("URL", &server.url).env("PATH", path).env("JAVA_OPTS", "-XX:TieredStopAtLevel=1"));
        let demo = data.path().join("demo.json");
        Self { demo, place, python, _server: server, _stored: (database, data) }
    }
}

#[tokio::test]
async fn the_generated_python_client_takes_the_tour() {
    let tour = Tour::prepare("python").await;
    let mut python = Command::new(&tour.python);
    python.arg(Path::new(TOURS).join("tour.py")).arg(&tour.demo);
    let said = run(python.env("PYTHONPATH", tour.place.path().join("python")));
    assert!(said.contains("the tour is done"), "{said}");
}

#[tokio::test]
async fn the_generated_typescript_client_compiles_strictly_and_takes_the_tour() {
    let tour = Tour::prepare("typescript-fetch").await;
    let project = tour.place.path().join("typescript");
    for file in ["tour.ts", "tsconfig.json"] {
        fs::copy(Path::new(TOURS).join(file), project.join(file)).unwrap();
    }
    run(Command::new("node").arg(told("ELDER_TEST_TYPESCRIPT")).arg("--project").arg(&project));
    let said = run(Command::new("node").arg(project.join("out/tour.js")).arg(&tour.demo));
    assert!(said.contains("the tour is done"), "{said}");
}
