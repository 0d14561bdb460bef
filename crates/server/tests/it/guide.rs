//! The guides: their examples run as they stand, and what they show is what a server answers.

use std::{fmt::Write as _, fs, process::Command};

use elder_testkit::TestDatabase;
use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Process, command, data_directory, output};

/// Demands success of every call of an example that shows no answer; one that does may show a refusal.
const PRELUDE: &str = r#"set -eu
curl() {
  [ -n "$shown" ] || set -- --fail-with-body --show-error "$@"
  command curl "$@" || { printf '%s\n' "$*" >>refused; return 1; }
}
elder() { "$ELDER" "$@"; }
"#;

/// An example that the shell can run, and the answer that the guide shows.
pub(crate) struct Example {
    /// The lines of its block.
    pub(crate) script: String,
    answer: Option<Answer>,
}

enum Answer {
    Json(String),
    Text(String),
}

/// The examples of a guide: each `sh` block, with the `json` or `text` block that comes next.
pub(crate) fn examples(guide: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut answers = false;
    for block in guide.split("\n```").skip(1).step_by(2) {
        let (kind, text) = block.split_once('\n').unwrap();
        let text = text.to_owned();
        let answer = match kind {
            "json" => Some(Answer::Json(text.clone())),
            "text" => Some(Answer::Text(text.clone())),
            _ => None,
        };
        if kind == "sh" {
            examples.push(Example { script: text, answer: None });
        } else if let (true, Some(example)) = (answers, examples.last_mut()) {
            example.answer = answer;
        }
        answers = kind == "sh";
    }
    examples
}

/// The files that a guide has its reader write: the block behind each "Save this as `name`:".
fn files(guide: &str) -> impl Iterator<Item = (&str, &str)> {
    guide.split("Save this as `").skip(1).map(|rest| {
        let (name, rest) = rest.split_once("`:\n\n```").unwrap();
        let text = rest.split_once('\n').unwrap().1;
        (name, text.split_once("\n```").unwrap().0)
    })
}

/// Runs the examples of a guide one after the other in one shell, beside a server with the demonstration data.
async fn run(guide: &str, before: &[Example]) {
    drop(walked(guide, before).await);
}

/// The same; gives the folder in which it was.
async fn walked(guide: &str, before: &[Example]) -> TempDir {
    let (database, data) = (TestDatabase::create().await, data_directory());
    let _server = Process::demo(data.path(), &database);
    let (place, examples) = (tempfile::tempdir().unwrap(), examples(guide));
    for (name, text) in files(guide) {
        fs::write(place.path().join(name), text).unwrap();
    }
    let mut script = PRELUDE.to_owned();
    for (number, example) in before.iter().chain(&examples).enumerate() {
        let shown = if example.answer.is_some() { "yes" } else { "" };
        write!(script, "shown={shown}\n{{\n{}\n}} >answer-{number}\n", example.script).unwrap();
    }
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(script).env("DATA", data.path()).current_dir(place.path());
    let elder = command(data.path(), Some(&database));
    shell.env("ELDER", elder.get_program());
    shell.envs(elder.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let (success, said) = output(&mut shell);
    let refused = fs::read_to_string(place.path().join("refused")).unwrap_or_default();
    assert!(success && refused.is_empty(), "an example failed: {said}{refused}");
    for (number, example) in before.iter().chain(&examples).enumerate() {
        let got = fs::read_to_string(place.path().join(format!("answer-{number}"))).unwrap();
        match &example.answer {
            Some(Answer::Json(shown)) => assert_eq!(json(&got), json(shown), "of\n{}", example.script),
            Some(Answer::Text(shown)) => assert_eq!(lines(&got), lines(shown), "of\n{}", example.script),
            None => {}
        }
    }
    place
}

/// The values that stand one after the other.
fn json(text: &str) -> Vec<Value> {
    let values = serde_json::Deserializer::from_str(text).into_iter();
    values.collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim_end).collect()
}

/// Runs a guide that begins where the first example of "Using the API" ends.
async fn run_signed_in(guide: &str) {
    let mut first = examples(API);
    first.truncate(1);
    run(guide, &first).await;
}

const API: &str = include_str!("../../../../docs/guides/api.md");

#[tokio::test]
async fn the_examples_of_using_the_api_are_true() {
    run(API, &[]).await;
}

#[tokio::test]
async fn the_examples_of_batches_are_true() {
    run_signed_in(include_str!("../../../../docs/guides/batch.md")).await;
}

#[tokio::test]
async fn the_examples_of_api_keys_are_true() {
    run_signed_in(include_str!("../../../../docs/guides/api-keys.md")).await;
}

#[tokio::test]
async fn the_examples_of_second_factors_are_true() {
    run_signed_in(include_str!("../../../../docs/guides/mfa.md")).await;
}

#[tokio::test]
async fn the_examples_of_rate_limits_are_true() {
    run_signed_in(include_str!("../../../../docs/guides/rate-limits.md")).await;
}

#[tokio::test]
async fn the_examples_of_moving_in_are_true() {
    run_signed_in(include_str!("../../../../docs/guides/move-in.md")).await;
}

#[tokio::test]
async fn the_examples_of_applications_are_true() {
    run_signed_in(include_str!("../../../../docs/guides/applications.md")).await;
}

#[tokio::test]
async fn the_guide_to_people_runs() {
    run_signed_in(include_str!("../../../../docs/guides/people.md")).await;
}

#[tokio::test]
async fn the_examples_of_sessions_are_true() {
    run_signed_in(include_str!("../../../../docs/guides/sessions.md")).await;
}

#[tokio::test]
async fn the_examples_of_scim_are_true() {
    run_signed_in(include_str!("../../../../docs/guides/scim.md")).await;
}

#[tokio::test]
async fn the_examples_of_entitlements_are_true() {
    run_signed_in(include_str!("../../../../docs/guides/entitlements.md")).await;
    run_signed_in(include_str!("../../../../docs/guides/entitlements/health-care.md")).await;
    run_signed_in(include_str!("../../../../docs/guides/entitlements/finance.md")).await;
    run_signed_in(include_str!("../../../../docs/guides/entitlements/saas-tiers.md")).await;
    run_signed_in(include_str!("../../../../docs/guides/entitlements/several-tenants.md")).await;
}

#[tokio::test]
async fn the_guide_to_mail_runs() {
    run_signed_in(include_str!("../../../../docs/guides/mail.md")).await;
}

#[tokio::test]
async fn an_auditor_without_elder_verifies_a_log_by_the_words_of_the_guide_and_refuses_another() {
    let is_sealed =
        "for _ in $(seq 100); do elder audit checkpoint --tenant acme && break; sleep 0.1; done 2>wait";
    let before = [Example { script: is_sealed.to_owned(), answer: None }];
    let guide = include_str!("../../../../docs/guides/audit-verification.md");
    let place = walked(guide, &before).await;
    let verify = || {
        let mut script = Command::new("python3");
        script.args(["verify.py", "acme.ndjson", "acme.key", "acme.note"]).current_dir(place.path());
        output(&mut script)
    };
    let (success, said) = verify();
    assert!(success && said.ends_with("ok\n") && !said.starts_with("0 events"), "{said}");
    let export = place.path().join("acme.ndjson");
    let changed = fs::read_to_string(&export).unwrap().replacen("Acme Ltd", "Evil Ltd", 1);
    fs::write(&export, changed).unwrap();
    let (success, said) = verify();
    assert!(!success && said.starts_with("changed: event evt_"), "{said}");
}

#[test]
fn an_example_has_the_answer_that_comes_next_and_no_other() {
    let found = examples(
        "# Title\n\n```sh\nls\n```\n\n```text\na b\n```\n\n```json\n1\n```\n\n```sh\npwd\n```\nEnd.\n",
    );
    let scripts: Vec<_> = found.iter().map(|example| example.script.as_str()).collect();
    assert_eq!(scripts, ["ls", "pwd"]);
    assert!(
        matches!(&found[0].answer, Some(Answer::Text(text)) if text == "a b") && found[1].answer.is_none()
    );
}
