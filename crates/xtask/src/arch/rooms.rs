//! Rooms of a resource: SQL is a private child of the service, so that nothing else can call it.

use super::{
    Violation,
    source::{Source, words},
};

/// Reports a repository or entity that is declared outside of a service, or not privately.
pub(super) fn private(source: &Source) -> Vec<Violation> {
    let all: Vec<_> = words(&source.code).collect();
    let mut found = Vec::new();
    for (index, pair) in all.windows(2).enumerate() {
        let [keyword, name] = pair else { continue };
        if keyword.text != "mod" || !matches!(name.text, "repository" | "entity") {
            continue;
        }
        if !is_service(source) {
            let words = format!("`mod {};` belongs into the resource's service.rs", name.text);
            found.push(source.violation(keyword.at, "rooms", words));
        }
        let before = source.code.get(..keyword.at).unwrap_or_default().trim_end();
        let previous = index.checked_sub(1).and_then(|index| all.get(index)).map(|word| word.text);
        if before.ends_with(')') || previous == Some("pub") {
            let words = format!("`{}` must be private to the service: take the `pub` away", name.text);
            found.push(source.violation(keyword.at, "rooms", words));
        }
    }
    found
}

fn is_service(source: &Source) -> bool {
    source.file() == "service.rs" || source.path.ends_with("/service/mod.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        private(&Source::new(path, text)).len()
    }

    #[test]
    fn a_repository_is_declared_in_its_service_privately() {
        assert_eq!(count("crates/x/src/widget/service.rs", "mod entity;\nmod repository;"), 0);
        assert_eq!(count("crates/x/src/widget/service/mod.rs", "mod repository;"), 0);
        assert_eq!(count("crates/x/src/widget/mod.rs", "mod repository;"), 1);
        for public in ["pub mod repository;", "pub(super) mod entity;", "pub(in crate::widget) mod entity;"] {
            assert_eq!(count("crates/x/src/widget/service.rs", public), 1, "{public}");
        }
    }
}
