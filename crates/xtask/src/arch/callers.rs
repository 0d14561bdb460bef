//! Callers: what a program builds that shares the types of the API with the server.

use std::process::Command;

use toml::{Table, Value};

use super::Violation;
use crate::{Failure, workspace::Workspace};

const RULE: &str = "callers";

/// The crate that callers depend on.
const MANIFEST: &str = "crates/api-types/Cargo.toml";

/// What does I/O: none of it may reach a caller. Crates that begin so are meant too.
const IO: &[&str] = &[
    "actix", "deadpool", "hyper", "mio", "redis", "reqwest", "rustls", "sea-orm", "socket2", "sqlx", "tokio",
];

/// Looks at all that a caller builds.
pub(super) fn check(workspace: &Workspace) -> Result<Vec<Violation>, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--package=elder-api-types", "--features=client", "--edges=normal,build"])
        .args(["--prefix=none", "--format={p}", "--offline", "--locked"])
        .current_dir(&workspace.root)
        .output()?;
    if !output.status.success() {
        return Err(format!("`cargo tree` failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(judge(&String::from_utf8(output.stdout)?))
}

/// Reports each crate of a tree that does I/O, once.
fn judge(tree: &str) -> Vec<Violation> {
    let does_io = |name: &str| {
        IO.iter().any(|io| name.strip_prefix(io).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
    };
    let mut names: Vec<_> =
        tree.lines().filter_map(|line| line.split(' ').next()).filter(|name| does_io(name)).collect();
    names.sort_unstable();
    names.dedup();
    let words = |name: &str| {
        format!(
            "`{name}` would be built by every caller: put what needs it behind the feature `database`, or elsewhere"
        )
    };
    names.into_iter().map(|name| violation(MANIFEST, words(name))).collect()
}

/// Reports a crate of the product that could show the secrets of requests.
pub(super) fn silent(path: &str, manifest: &str) -> Result<Vec<Violation>, Failure> {
    let table: Table = manifest.parse().map_err(|error| format!("{path} is not valid: {error}"))?;
    let entry = table.get("dependencies").and_then(|list| list.get("elder-api-types"));
    let features = entry.and_then(|entry| entry.get("features")).and_then(Value::as_array);
    let shows = features.is_some_and(|all| all.iter().any(|feature| feature.as_str() == Some("client")));
    let words =
        "the feature `client` lets requests be written with their secrets: it is for tests and callers";
    Ok(shows.then(|| violation(path, words.to_owned())).into_iter().collect())
}

fn violation(path: &str, words: String) -> Violation {
    Violation { path: path.to_owned(), line: 1, rule: RULE, words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_io_is_told_from_what_is_called_alike() {
        let found = judge(
            "elder-api-types v0.1.0 (/elder)\ntokio v1.0.0\ntokio-util v0.7.0\nredistribute v1.0.0\ntokio v1.0.0 (*)\n",
        );
        let named: Vec<_> = found.iter().map(|found| found.words.split('`').nth(1).unwrap()).collect();
        assert_eq!(named, ["tokio", "tokio-util"]);
    }

    #[test]
    fn the_product_does_not_take_the_feature_of_callers_but_for_tests() {
        let with = |list: &str| {
            let manifest =
                format!("[{list}]\nelder-api-types = {{ workspace = true, features = ['client'] }}");
            silent("crates/x/Cargo.toml", &manifest).unwrap().len()
        };
        assert_eq!((with("dependencies"), with("dev-dependencies")), (1, 0));
    }
}
