//! The auditor's guide: its script, which has nothing of Elder, finds what was done to an export.

use std::{fs, process::Command};

use elder_access::{Job, work::Shell};
use elder_audit::verify::{export, keys, newest};
use elder_kernel::TenantId;
use serde_json::{Value, json};

use crate::verifying::sealed;

const GUIDE: &str = include_str!("../../../../docs/guides/audit-verification.md");

/// Somebody who has the key, a checkpoint and what the guide says.
pub(crate) struct Auditor {
    folder: tempfile::TempDir,
}

impl Auditor {
    /// Takes the key, and the newest checkpoint.
    pub(crate) async fn of(job: &Job<Shell>, tenant: TenantId) -> Self {
        let auditor = Self { folder: tempfile::tempdir().unwrap() };
        let script = GUIDE.split_once("```python\n").unwrap().1.split_once("```").unwrap().0;
        auditor.keep("verify.py", script);
        let lines: Vec<_> = keys(job, tenant).await.unwrap().iter().map(ToString::to_string).collect();
        auditor.keep("log.key", &lines.join("\n"));
        auditor.keep("log.note", &newest(job, tenant).await.unwrap().unwrap());
        auditor
    }

    fn keep(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn python(&self, arguments: &[&str]) -> (bool, String) {
        let mut python = Command::new("python3");
        let output = python.args(arguments).current_dir(self.folder.path()).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    }

    /// What the script finds; nothing if it has let the lines pass.
    pub(crate) fn finds(&self, lines: &[String], kept: bool) -> Vec<String> {
        self.keep("log.ndjson", &lines.join("\n"));
        let files = ["verify.py", "log.ndjson", "log.key", "log.note"];
        let (success, said) = self.python(&files[..if kept { 4 } else { 3 }]);
        let found: Vec<_> = said.lines().map(str::to_owned).collect();
        let (last, found) = found.split_last().unwrap();
        assert_eq!(last == "ok", success, "{said}");
        let findings = &found[..found.len() - 1];
        assert_eq!(findings.is_empty(), success, "{said}");
        findings.to_vec()
    }
}

/// The whole log of a tenant, line by line.
pub(crate) async fn exported(job: &Job<Shell>, tenant: TenantId) -> Vec<String> {
    let mut file = Vec::new();
    export(job, tenant, &mut file).await.unwrap();
    String::from_utf8(file).unwrap().lines().map(str::to_owned).collect()
}

fn number_of(lines: &[String], seq: u64) -> usize {
    lines.iter().position(|line| line.contains(&format!("\"seq\":{seq},"))).unwrap()
}

fn id_of(line: &str) -> String {
    let line: Value = serde_json::from_str(line).unwrap();
    line["event"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_03_the_script_of_the_guide_names_what_was_done_to_an_export() {
    let (app, job) = sealed().await;
    let (auditor, whole) = (Auditor::of(&job, app.acme.id).await, exported(&job, app.acme.id).await);
    assert_eq!(auditor.finds(&whole, true), Vec::<String>::new());
    let at = |seq| number_of(&whole, seq);
    let after = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = whole.clone();
        change(&mut lines);
        auditor.finds(&lines, true)
    };
    let edited = |lines: &mut Vec<String>| lines[at(5)] = lines[at(5)].replacen("success", "failure", 1);
    assert_eq!(after(&edited), [format!("changed: event {} at place 5", id_of(&whole[at(5)]))]);
    let removed = after(&|lines| drop(lines.remove(at(5))));
    assert_eq!(removed, ["removed or inserted: place 5 is expected, and 6 comes"]);
    let inserted = after(&|lines| lines.insert(at(5), lines[at(5)].clone()));
    assert_eq!(inserted, ["removed or inserted: place 6 is expected, and 5 comes"]);
    let swapped = after(&|lines| {
        let (one, two) = (at(4), at(5));
        let moved = lines[one].replacen("\"seq\":4,", "\"seq\":5,", 1);
        lines[one] = lines[two].replacen("\"seq\":5,", "\"seq\":4,", 1);
        lines[two] = moved;
    });
    assert_eq!(swapped[0], "rewritten: between the places 3 and 7");
    let forged = after(&|lines| {
        let note = lines.iter_mut().find(|line| line.contains("checkpoint")).unwrap();
        *note = note.replacen("\\n3\\n", "\\n4\\n", 1);
    });
    assert_eq!(forged, ["forged: a checkpoint behind place 3"]);
    let cut = after(&|lines| lines.truncate(lines.len() - 6));
    assert_eq!(cut, ["cut: a checkpoint that was kept covers 12 events, and 7 are here"]);
    let unsigned = after(&|lines| lines.truncate(lines.len() - 1));
    assert_eq!(unsigned, ["unsigned: what is behind place 7"]);
}

#[tokio::test]
async fn a_03_an_event_that_was_hashed_anew_is_found_by_the_script_too() {
    let (app, job) = sealed().await;
    let (auditor, mut lines) = (Auditor::of(&job, app.acme.id).await, exported(&job, app.acme.id).await);
    let at = number_of(&lines, 5);
    auditor.keep("line.json", &lines[at].replacen("success", "failure", 1));
    let anew = "import json, verify; line = json.load(open('line.json'));
line['leaf'] = verify.encoded(verify.leaf_of(line)); print(json.dumps(line))";
    let (success, line) = auditor.python(&["-c", anew]);
    assert!(success, "{line}");
    lines[at] = line.trim().to_owned();
    let found = auditor.finds(&lines, false);
    assert_eq!(found, ["rewritten: between the places 3 and 7", "rewritten: between the places 7 and 12"]);
}

#[tokio::test]
async fn proofs_of_single_events_are_verified_by_the_script_and_false_ones_are_not() {
    let (app, job) = sealed().await;
    let auditor = Auditor::of(&job, app.acme.id).await;
    let admin = app.tenant_admin().await;
    let events = exported(&job, app.acme.id).await;
    let mut proofs = Vec::new();
    for line in events.iter().filter(|line| line.contains("\"event\"")) {
        let path = format!("/api/v2/audit/events/{}/proof", id_of(line));
        proofs.push(admin.get(&path).await.expect(200).to_string());
    }
    assert_eq!(proofs.len(), 12);
    assert_eq!(auditor.finds(&proofs, true), Vec::<String>::new());
    for (from, to) in [("success", "failure"), ("\"seq\":5,", "\"seq\":6,"), ("\\n12\\n", "\\n13\\n")] {
        let number = proofs.iter().position(|proof| proof.contains("\"seq\":5,")).unwrap();
        let mut bent = proofs.clone();
        bent[number] = bent[number].replacen(from, to, 1);
        assert_ne!(bent, proofs, "{from}");
        assert_eq!(auditor.finds(&bent, true), [format!("unproven: event {}", id_of(&proofs[number]))]);
    }
    // A proof among the lines of a log does not hide that its tail is gone.
    let mut mixed = events[..events.len() - 6].to_vec();
    mixed.push(proofs[0].clone());
    assert_eq!(auditor.finds(&mixed, true).len(), 1);
}

#[tokio::test]
async fn the_script_writes_values_as_elder_does() {
    let (app, job) = sealed().await;
    let auditor = Auditor::of(&job, app.acme.id).await;
    let values = json!([
        0, -0.0, 1, -1.5, 0.1, 1e21, 1e20, 123_456_789.125, 1e-6, 1e-7, 5e-324, 1.7e308, 9_007_199_254_740_991_i64,
        true, null, "\u{7f}\u{1}\n\"\\/é\u{1f600}", { "\u{e000}": 1, "\u{1f600}": 2, "a": [], "": {} }
    ]);
    auditor.keep("values.json", &values.to_string());
    let write = "import json, sys, verify
sys.stdout.buffer.write(verify.canonical(json.load(open('values.json', encoding='utf-8'))).encode())";
    let (success, written) = auditor.python(&["-c", write]);
    let expected = serde_json_canonicalizer::to_string(&values).unwrap();
    assert!(success, "{written}");
    assert_eq!(written, expected);
}
