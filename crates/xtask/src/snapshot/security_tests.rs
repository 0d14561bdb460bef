//! The page that leads from each attack and fault of the security catalogue to the tests and drills that name its id.

use std::{collections::BTreeMap, path::Path};

use super::{
    Made,
    markdown::{Page, code},
};
use crate::{Failure, workspace::Workspace};

/// What an id's letter stands for.
const SUBJECTS: [(char, &str); 8] = [
    ('T', "tenants in PostgreSQL"),
    ('S', "SAML"),
    ('O', "OpenID Connect"),
    ('P', "passwords, sessions, tokens"),
    ('D', "directories"),
    ('W', "web and API"),
    ('A', "audit"),
    ('R', "reliability"),
];

/// An id such as `T-09`, so that it sorts by its letter and number.
type Id = (char, u32);

/// Where the drills are.
const DRILLS: &str = "infrastructure/drills";

/// `docs/reference/security-tests.md`.
pub(super) fn page(workspace: &Workspace) -> Result<Made, Failure> {
    let mut tests: BTreeMap<Id, Vec<String>> = BTreeMap::new();
    for (file, text) in workspace.rust_files()? {
        for (ids, name) in text.lines().filter_map(test) {
            let link = format!("[{}](../../{file})", name.replace('_', " "));
            for id in ids {
                tests.entry(id).or_default().push(link.clone());
            }
        }
    }
    for (name, ids) in drills(workspace)? {
        let link = format!("the drill [{name}](../../{DRILLS}/{name})");
        for id in ids {
            tests.entry(id).or_default().push(link.clone());
        }
    }
    let row = |((letter, number), tests): (&Id, &Vec<String>)| {
        let subject = SUBJECTS.iter().find(|(known, _)| known == letter).map_or("", |(_, subject)| subject);
        [code(&format!("{letter}-{number:02}")), subject.to_owned(), tests.join("<br>")]
    };
    let page = Page::new("Tests of attacks and faults", "the names of the tests and the drills' own words")
        .paragraph(
            "A test whose name begins with an id, as `t_09_…` does, shows that the attack or fault of this id fails. \
             Each begins with the good case, so that the refusal proves something. A drill does it to running programs; \
             what it said is in [docs/operations](../operations/README.md).",
        )
        .table(["Id", "Subject", "Tests"], tests.iter().map(row));
    Ok(Made::Text(page.text()))
}

/// The drills, and the ids that each names in the line of its usage.
fn drills(workspace: &Workspace) -> Result<Vec<(String, Vec<Id>)>, Failure> {
    let names = if workspace.has(DRILLS) { workspace.names(DRILLS)? } else { Vec::new() };
    let mut drills = Vec::new();
    let is_script = |name: &String| Path::new(name).extension().is_some_and(|extension| extension == "sh");
    for name in names.into_iter().filter(is_script) {
        let text = workspace.read(&format!("{DRILLS}/{name}"))?;
        let usage = text.lines().find(|line| line.starts_with("# Usage:")).unwrap_or_default();
        drills.push((name, usage.split([' ', ',']).filter_map(spelt_out).collect()));
    }
    Ok(drills)
}

/// The id in a word such as `R-17`.
fn spelt_out(word: &str) -> Option<Id> {
    let (letter, number) = word.split_once('-')?;
    id(&letter.to_ascii_lowercase(), number).filter(|_| letter.len() == 1)
}

/// The ids and the rest of a test's name, from the line that declares it.
fn test(line: &str) -> Option<(Vec<Id>, &str)> {
    let declared = line.trim_start().trim_start_matches("async ").strip_prefix("fn ")?;
    let (mut ids, mut rest) = (Vec::new(), declared.split_once('(')?.0);
    while let Some((letter, behind)) = rest.split_once('_')
        && let Some((number, sentence)) = behind.split_once('_')
        && let Some(id) = id(letter, number)
    {
        ids.push(id);
        rest = sentence;
    }
    (!ids.is_empty()).then_some((ids, rest))
}

fn id(letter: &str, number: &str) -> Option<Id> {
    let mut letters = letter.chars();
    let letter = letters.next().filter(char::is_ascii_lowercase)?;
    let is_id = letters.next().is_none() && number.len() == 2;
    Some((letter.to_ascii_uppercase(), number.parse().ok().filter(|_| is_id)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tests_name_gives_its_ids() {
        assert_eq!(test("async fn t_09_a_b() {"), Some((vec![('T', 9)], "a_b")));
        assert_eq!(test("    fn w_01_r_17_c() {"), Some((vec![('W', 1), ('R', 17)], "c")));
        for line in ["fn t_9_a() {", "fn to_09_a() {", "fn a_name() {", "let t_09_a = 1;", "fn t_xx_a() {"] {
            assert_eq!(test(line), None, "{line}");
        }
    }

    #[test]
    fn a_drill_names_its_ids_where_it_says_how_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace { root: folder.path().to_owned() };
        assert_eq!(drills(&workspace).unwrap(), []);
        let text =
            "# R-99\n# Usage: infrastructure/drills/flood.sh [users]   R-01, R-21 wide-open x-1\nR-03\n";
        workspace.write("infrastructure/drills/flood.sh", text).unwrap();
        workspace.write("infrastructure/drills/load.py", "# Usage: R-02\n").unwrap();
        assert_eq!(drills(&workspace).unwrap(), [("flood.sh".to_owned(), vec![('R', 1), ('R', 21)])]);
    }

    #[test]
    fn ids_are_sorted_and_lead_to_their_files() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace { root: folder.path().to_owned() };
        workspace.write("crates/a/Cargo.toml", "").unwrap();
        workspace.write("crates/a/src/lib.rs", "fn w_01_later() {\nfn t_02_sooner() {\n").unwrap();
        workspace.write("infrastructure/drills/a.sh", "# Usage: a.sh R-01\n").unwrap();
        let Made::Text(text) = page(&workspace).unwrap() else { panic!() };
        let (sooner, later) = (text.find("[sooner](../../crates/a/src/lib.rs)"), text.find("`W-01`"));
        assert!(sooner.unwrap() < later.unwrap(), "{text}");
        assert!(text.contains("the drill [a.sh](../../infrastructure/drills/a.sh)"), "{text}");
    }
}
