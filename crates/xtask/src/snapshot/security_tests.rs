//! The page that leads from each attack and fault of the security catalogue to the tests that are named by its id.

use std::collections::BTreeMap;

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

/// `docs/reference/security-tests.md`.
pub(super) fn page(workspace: &Workspace) -> Result<Made, Failure> {
    let mut tests: BTreeMap<Id, Vec<String>> = BTreeMap::new();
    for (file, text) in workspace.rust_files()? {
        for (id, name) in text.lines().filter_map(test) {
            tests.entry(id).or_default().push(format!("[{}](../../{file})", name.replace('_', " ")));
        }
    }
    let row = |((letter, number), tests): (&Id, &Vec<String>)| {
        let subject = SUBJECTS.iter().find(|(known, _)| known == letter).map_or("", |(_, subject)| subject);
        [code(&format!("{letter}-{number:02}")), subject.to_owned(), tests.join("<br>")]
    };
    let page = Page::new("Tests of attacks and faults", "the names of the tests")
        .paragraph(
            "A test whose name begins with an id, as `t_09_…` does, shows that the attack or fault of this id fails. \
             Each begins with the good case, so that the refusal proves something.",
        )
        .table(["Id", "Subject", "Tests"], tests.iter().map(row));
    Ok(Made::Text(page.text()))
}

/// The id and the rest of a test's name, from the line that declares it.
fn test(line: &str) -> Option<(Id, &str)> {
    let declared = line.trim_start().trim_start_matches("async ").strip_prefix("fn ")?;
    let name = declared.split_once('(')?.0;
    let (letter, rest) = name.split_once('_')?;
    let (number, sentence) = rest.split_once('_')?;
    let mut letters = letter.chars();
    let letter = letters.next().filter(char::is_ascii_lowercase)?;
    let is_id = letters.next().is_none() && number.len() == 2;
    Some(((letter.to_ascii_uppercase(), number.parse().ok().filter(|_| is_id)?), sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tests_name_gives_its_id() {
        assert_eq!(test("async fn t_09_a_b() {"), Some((('T', 9), "a_b")));
        assert_eq!(test("    fn w_01_c() {"), Some((('W', 1), "c")));
        for line in ["fn t_9_a() {", "fn to_09_a() {", "fn a_name() {", "let t_09_a = 1;", "fn t_xx_a() {"] {
            assert_eq!(test(line), None, "{line}");
        }
    }

    #[test]
    fn ids_are_sorted_and_lead_to_their_files() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace { root: folder.path().to_owned() };
        workspace.write("crates/a/Cargo.toml", "").unwrap();
        workspace.write("crates/a/src/lib.rs", "fn w_01_later() {\nfn t_02_sooner() {\n").unwrap();
        let Made::Text(text) = page(&workspace).unwrap() else { panic!() };
        let (sooner, later) = (text.find("[sooner](../../crates/a/src/lib.rs)"), text.find("`W-01`"));
        assert!(sooner.unwrap() < later.unwrap(), "{text}");
    }
}
