//! Cycles between the modules of a crate.
//!
//! An edge is a path that names a module: `crate::module…` or `super::…` up to the root. What `lib.rs` shows under a
//! name of its own is the crate's face and makes no edge.

use std::collections::{BTreeMap, BTreeSet};

use super::{Violation, source::Source};

/// Where one module names another: file and offset.
type Edges<'a> = BTreeMap<(String, String), (&'a Source, usize)>;

/// Reports one cycle for each module that closes one.
pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let mut crates: BTreeMap<&str, Vec<&Source>> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.module().is_some() && !source.is_test()) {
        crates.entry(source.krate()).or_default().push(source);
    }
    crates.values().flat_map(|sources| cycles(&edges(sources))).collect()
}

fn edges<'a>(sources: &[&'a Source]) -> Edges<'a> {
    let top = |source: &Source| Some((*source.module()?.first()?).to_owned());
    let modules: BTreeSet<String> = sources.iter().filter_map(|source| top(source)).collect();
    let mut edges = Edges::new();
    for source in sources {
        let Some(from) = top(source) else { continue };
        for (name, at) in named_at_root(source) {
            if name != from && modules.contains(&name) {
                edges.entry((from.clone(), name)).or_insert((source, at));
            }
        }
    }
    edges
}

/// The names that are looked up in the crate's root, with their offsets.
fn named_at_root(source: &Source) -> Vec<(String, usize)> {
    let code = source.product_code();
    let depth = source.module().map_or(0, |path| path.len());
    let up = "super::".repeat(depth);
    let roots = ["crate::", &up];
    let mut names = Vec::new();
    for root in roots.iter().filter(|root| !root.is_empty()) {
        for (at, _) in code.match_indices(root) {
            let begins = !code
                .get(..at)
                .unwrap_or_default()
                .ends_with(|letter: char| letter.is_alphanumeric() || matches!(letter, '_' | ':' | '$'));
            if begins {
                let start = at + root.len();
                let tail = code.get(start..).unwrap_or_default();
                names.extend(heads(tail).into_iter().map(|name| (name, at)));
            }
        }
    }
    names
}

/// The first name of a path, or of each path of a braced group.
fn heads(tail: &str) -> Vec<String> {
    let Some(group) = tail.strip_prefix('{') else { return vec![first_name(tail)] };
    let (mut depth, mut start) = (0usize, 0);
    let mut names = Vec::new();
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.push(first_name(group.get(start..at).unwrap_or_default()));
                start = at + 1;
                if letter == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names
}

fn first_name(path: &str) -> String {
    path.trim_start().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// One cycle through each edge that lies on one, every set of modules once.
fn cycles(edges: &Edges<'_>) -> Vec<Violation> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for ((from, to), (source, at)) in edges {
        let Some(way) = way(edges, to, from) else { continue };
        if seen.insert(way.iter().cloned().collect::<BTreeSet<_>>()) {
            let words = format!(
                "a cycle of modules: {from} -> {}: move what both need into a module of its own",
                way.join(" -> ")
            );
            found.push(source.violation(*at, "cycles", words));
        }
    }
    found
}

/// The shortest way from one module to another, both ends named.
fn way(edges: &Edges<'_>, from: &str, to: &str) -> Option<Vec<String>> {
    let mut ways = vec![vec![from.to_owned()]];
    let mut reached = BTreeSet::from([from.to_owned()]);
    while !ways.is_empty() {
        if let Some(way) = ways.iter().find(|way| way.last().is_some_and(|last| last == to)) {
            return Some(way.clone());
        }
        let mut longer = Vec::new();
        for way in &ways {
            let next = edges.keys().filter(|(start, _)| way.last() == Some(start)).map(|(_, end)| end);
            for end in next {
                if reached.insert(end.clone()) {
                    longer.push(way.iter().chain([end]).cloned().collect());
                }
            }
        }
        ways = longer;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let source = |(path, text): &(&str, &str)| Source::new(format!("crates/x/src/{path}"), *text);
        let sources: Vec<_> = files.iter().map(source).collect();
        check(&sources).into_iter().map(|violation| violation.words).collect()
    }

    #[test]
    fn two_modules_that_name_each_other_are_a_cycle() {
        let cycle = found(&[("a.rs", "use crate::b::B;"), ("b.rs", "use crate::{a::A, c};"), ("c.rs", "")]);
        assert_eq!(cycle.len(), 1, "{cycle:?}");
        assert!(cycle.concat().starts_with("a cycle of modules: a -> b -> a:"), "{cycle:?}");
    }

    #[test]
    fn a_longer_way_round_is_found_once() {
        let files = [
            ("a/mod.rs", "use crate::b;"),
            ("b.rs", "fn f() { super::c::g() }"),
            ("c.rs", "use crate::a::A;"),
        ];
        assert_eq!(found(&files).len(), 1);
    }

    #[test]
    fn super_is_followed_to_the_root_alone() {
        assert!(
            found(&[("a/mod.rs", "use crate::b;"), ("b/mod.rs", ""), ("b/a.rs", "use super::a::A;")])
                .is_empty()
        );
        let deep = [("a.rs", "use crate::b;"), ("b/mod.rs", ""), ("b/c.rs", "use super::super::a::A;")];
        assert_eq!(found(&deep).len(), 1);
    }

    #[test]
    fn a_tree_of_modules_its_face_and_its_tests_are_no_cycle() {
        let files = [
            ("lib.rs", "mod a; mod b; pub use a::A;"),
            ("a.rs", "use crate::b::B;\n#[cfg(test)]\nmod tests { use crate::c::C; }"),
            ("b.rs", "use crate::A; // crate::a"),
            ("c.rs", "use crate::a::A;"),
        ];
        assert_eq!(found(&files), [""; 0]);
    }
}
