//! Ranks: a crate depends only on crates of a lower rank.

use toml::{Table, Value};

use super::Violation;
use crate::Failure;

const RULE: &str = "ranks";

/// The crates that are part of the product. All others are for development.
const RANKS: &[(&str, u8)] = &[
    ("kernel", 0),
    ("telemetry", 0),
    ("api-types", 1),
    ("crypto", 1),
    ("scim-protocol", 1),
    ("config", 1),
    ("http", 1),
    ("limits", 1),
    ("outbound", 1),
    ("saml", 1),
    ("access", 2),
    ("scim-client", 2),
    ("oidc", 2),
    ("licensing", 3),
    ("tenancy", 3),
    ("metrics", 3),
    ("entitlements", 3),
    ("mail", 4),
    ("api-keys", 4),
    ("audit", 5),
    ("mfa", 5),
    ("compliance", 6),
    ("portal-users", 6),
    ("scim", 7),
    ("applications", 7),
    ("privacy", 7),
    ("sso", 7),
    ("console", 8),
    ("server", 9),
];

/// The crates that may depend on anything, and that no crate of the product may depend on.
const DEVELOPMENT: &[&str] = &["testkit", "xtask", "bench", "fuzz"];

/// Checks what a crate's `Cargo.toml` depends on, apart from `[dev-dependencies]`.
pub(super) fn check(krate: &str, path: &str, manifest: &str) -> Result<Vec<Violation>, Failure> {
    let table: Table = manifest.parse().map_err(|error| format!("{path} is not valid: {error}"))?;
    let complaint = |needle: &str, words: String| {
        let line = manifest.lines().position(|line| line.starts_with(needle)).map_or(1, |line| line + 1);
        Violation { path: path.to_owned(), line, rule: RULE, words }
    };
    if DEVELOPMENT.contains(&krate) {
        return Ok(Vec::new());
    }
    let Some(rank) = rank(krate) else {
        let words =
            format!("the crate `{krate}` has no rank: add it to RANKS in crates/xtask/src/arch/ranks.rs");
        return Ok(vec![complaint("name", words)]);
    };
    let judge = |package: String| {
        let other = package.strip_prefix("elder-")?;
        let words = match self::rank(other) {
            Some(lower) if lower < rank => return None,
            Some(same) => format!(
                "{krate} (rank {rank}) may not depend on {other} (rank {same}): move what both need to a lower \
                 rank, or tell it by the outbox"
            ),
            None => {
                format!("{krate} may not depend on {other}, which is for development: use [dev-dependencies]")
            }
        };
        Some(complaint(&package, words))
    };
    Ok(dependencies(&table).into_iter().filter_map(judge).collect())
}

fn rank(krate: &str) -> Option<u8> {
    RANKS.iter().find(|(name, _)| *name == krate).map(|(_, rank)| *rank)
}

/// What is needed to build the crate, for whatever target.
fn dependencies(table: &Table) -> Vec<String> {
    let targets = table.get("target").and_then(Value::as_table);
    let tables = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table).chain([table]);
    let lists = tables.flat_map(|table| [table.get("dependencies"), table.get("build-dependencies")]);
    let lists = lists.flatten().filter_map(Value::as_table);
    lists.flat_map(|list| list.iter().map(package)).collect()
}

/// The package that an entry means, whatever it is called here.
fn package((name, value): (&String, &Value)) -> String {
    value.get("package").and_then(Value::as_str).unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(krate: &str, manifest: &str) -> String {
        let found = check(krate, "crates/x/Cargo.toml", manifest).unwrap();
        found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_crate_may_use_lower_ranks_alone() {
        let on = |other: &str| format!("[package]\n[dependencies]\nelder-{other}.workspace = true\n");
        assert_eq!(words("scim", &on("tenancy")), "");
        assert!(words("tenancy", &on("scim")).starts_with("crates/x/Cargo.toml:3: ranks: tenancy (rank 3)"));
        assert!(words("tenancy", &on("metrics")).contains("(rank 3)"));
        assert_eq!(words("tenancy", "[dependencies]\nserde = '1'"), "");
    }

    #[test]
    fn a_product_crate_uses_testkit_in_its_tests_alone() {
        assert_eq!(words("scim", "[dev-dependencies]\nelder-testkit.workspace = true"), "");
        assert!(words("scim", "[dependencies]\nelder-testkit.workspace = true").contains("development"));
        assert_eq!(words("bench", "[dependencies]\nelder-testkit.workspace = true"), "");
    }

    #[test]
    fn neither_a_target_nor_a_new_name_nor_a_build_script_is_a_way_round() {
        let target = "[target.'cfg(unix)'.dependencies]\nelder-server.workspace = true";
        let renamed = "[dependencies]\nother = { package = 'elder-server', path = '../server' }";
        let build = "[build-dependencies]\nelder-server.workspace = true";
        for manifest in [target, renamed, build] {
            assert!(words("scim", manifest).contains("on server (rank"), "{manifest}");
        }
    }

    #[test]
    fn a_crate_without_a_rank_is_reported() {
        assert!(words("surprise", "[package]\nname = 'elder-surprise'").contains("has no rank"));
    }
}
