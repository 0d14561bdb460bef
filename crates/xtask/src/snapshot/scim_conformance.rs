//! The page that leads from each requirement of SCIM to the tests that are named by its id.

use std::collections::BTreeMap;

use super::{
    Made,
    markdown::{Page, code},
};
use crate::{Failure, workspace::Workspace};

/// The families of requirements, in the order of the page, and where the RFCs state them.
const FAMILIES: [(&str, &str); 28] = [
    ("disc", "discovery (RFC 7644 §4, RFC 7643 §5–§7)"),
    ("http", "media types, locations, methods (RFC 7644 §3.8, §8.1)"),
    ("auth", "credentials (RFC 7644 §2, §7)"),
    ("mtn", "tenants and directories (RFC 7644 §6)"),
    ("sec", "hostile input (RFC 7644 §7)"),
    ("cre", "POST (RFC 7644 §3.3)"),
    ("get", "GET (RFC 7644 §3.4.1)"),
    ("put", "PUT (RFC 7644 §3.5.1)"),
    ("pat", "PATCH as a whole (RFC 7644 §3.5.2)"),
    ("add", "PATCH add (RFC 7644 §3.5.2.1)"),
    ("rem", "PATCH remove (RFC 7644 §3.5.2.2)"),
    ("rep", "PATCH replace (RFC 7644 §3.5.2.3)"),
    ("del", "DELETE (RFC 7644 §3.6)"),
    ("blk", "bulk (RFC 7644 §3.7)"),
    ("fil", "filters (RFC 7644 §3.4.2.2)"),
    ("srt", "sorting (RFC 7644 §3.4.2.3)"),
    ("pag", "paging by index (RFC 7644 §3.4.2.4)"),
    ("cur", "paging by cursor (RFC 9865)"),
    ("prj", "which attributes come back (RFC 7644 §3.9)"),
    ("srch", "search by POST (RFC 7644 §3.4.3)"),
    ("etg", "versions (RFC 7644 §3.14)"),
    ("err", "errors (RFC 7644 §3.12)"),
    ("att", "attributes (RFC 7643 §2, §7)"),
    ("usr", "users (RFC 7643 §4.1)"),
    ("grp", "groups (RFC 7643 §4.2)"),
    ("ent", "the enterprise extension (RFC 7643 §4.3)"),
    ("pwd", "passwords (RFC 7643 §4.1.1, §9.2)"),
    ("unq", "uniqueness (RFC 7643 §7)"),
];

/// A requirement: the place of its family, and its number in it.
type Id = (usize, u32);

/// `docs/reference/scim-conformance.md`.
pub(super) fn page(workspace: &Workspace) -> Result<Made, Failure> {
    let mut tests: BTreeMap<Id, Vec<String>> = BTreeMap::new();
    for (file, text) in workspace.rust_files()? {
        if !file.starts_with("crates/scim") {
            continue;
        }
        for (ids, words) in text.lines().filter_map(test) {
            for id in ids {
                let link = format!("[{}](../../{file})", words.replace('_', " "));
                tests.entry(id).or_default().push(link);
            }
        }
    }
    let row = |((family, number), tests): (&Id, &Vec<String>)| {
        let (name, subject) = FAMILIES.get(*family).copied().unwrap_or_default();
        [code(&format!("{}-{number}", name.to_uppercase())), subject.to_owned(), tests.join("<br>")]
    };
    let page = Page::new("Conformance to SCIM 2.0", "the names of the tests")
        .paragraph(
            "A test whose name begins with ids, as `grp_7_…` does, shows that these requirements are met. Besides, two \
             suites that others wrote run with every `make test`, whole and without exceptions: scim2-tester and scim-sanity.",
        )
        .table(["Id", "Subject", "Tests"], tests.iter().map(row));
    Ok(Made::Text(page.text()))
}

/// The ids and the rest of a test's name, from the line that declares it.
fn test(line: &str) -> Option<(Vec<Id>, String)> {
    let declared = line.trim_start().trim_start_matches("async ").strip_prefix("fn ")?;
    let parts: Vec<&str> = declared.split_once('(')?.0.split('_').collect();
    let (mut ids, mut rest) = (Vec::new(), parts.as_slice());
    while let [family, number, behind @ ..] = rest
        && let Some(id) = id(family, number)
    {
        ids.push(id);
        rest = behind;
        let (last, behind) = match rest {
            ["to", family, number, behind @ ..] if self::id(family, number).is_some() => (number, behind),
            ["to", number, behind @ ..] => (number, behind),
            _ => continue,
        };
        let Ok(last) = last.parse::<u32>() else { continue };
        ids.extend((id.1 + 1..=last).map(|number| (id.0, number)));
        rest = behind;
    }
    (!ids.is_empty() && !rest.is_empty()).then(|| (ids, rest.join("_")))
}

fn id(family: &str, number: &str) -> Option<Id> {
    let place = FAMILIES.iter().position(|(name, _)| *name == family)?;
    Some((place, number.parse().ok().filter(|number| (1..100).contains(number))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(line: &str) -> Option<(Vec<String>, String)> {
        let (ids, rest) = test(line)?;
        let id = |(family, number): Id| format!("{}-{number}", FAMILIES[family].0);
        Some((ids.into_iter().map(id).collect(), rest))
    }

    #[test]
    fn a_tests_name_gives_its_ids_alone_or_in_a_row() {
        let of = |ids: &[&str], rest: &str| {
            Some((ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>(), rest.to_owned()))
        };
        assert_eq!(named("async fn grp_7_none_is_lost() {"), of(&["grp-7"], "none_is_lost"));
        assert_eq!(named("fn add_7_rep_8_entra_x() {"), of(&["add-7", "rep-8"], "entra_x"));
        assert_eq!(named("fn etg_1_to_3_x() {"), of(&["etg-1", "etg-2", "etg-3"], "x"));
        assert_eq!(named("fn rem_1_to_rem_2_x() {"), of(&["rem-1", "rem-2"], "x"));
        for line in
            ["fn fil_a_filter() {", "fn t_09_x() {", "let grp_7_x = 1;", "fn grp_7() {", "fn add_0_x() {"]
        {
            assert_eq!(named(line), None, "{line}");
        }
    }

    #[test]
    fn requirements_lead_to_their_tests_in_the_order_of_the_families() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace { root: folder.path().to_owned() };
        workspace.write("crates/scim/Cargo.toml", "").unwrap();
        workspace.write("crates/scim/src/lib.rs", "fn grp_2_later() {\nfn disc_1_sooner() {\n").unwrap();
        let Made::Text(text) = page(&workspace).unwrap() else { panic!() };
        let (sooner, later) = (text.find("[sooner](../../crates/scim/src/lib.rs)"), text.find("`GRP-2`"));
        assert!(sooner.unwrap() < later.unwrap(), "{text}");
    }
}
