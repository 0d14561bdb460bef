//! Libraries that only certain crates and rooms may use.

use super::{
    Violation,
    source::{Source, words},
};

/// A library and where it may be used.
struct Confinement {
    rule: &'static str,
    library: &'static str,
    /// Crates that may use it anywhere.
    crates: &'static [&'static str],
    /// Whether a file of another crate may.
    rooms: fn(&Source) -> bool,
    mend: &'static str,
}

const CONFINEMENTS: &[Confinement] = &[
    Confinement {
        rule: "sea-orm",
        library: "sea_orm",
        crates: &["access", "kernel"],
        rooms: |source| is_repository(source),
        mend: "SQL and entities belong into service/repository.rs and service/entity.rs",
    },
    Confinement {
        rule: "tokio-postgres",
        library: "tokio_postgres",
        crates: &["access", "server", "testkit", "bench"],
        rooms: |_| false,
        mend: "take a TenantConn or PlatformConn of elder-access",
    },
    Confinement {
        rule: "actix",
        library: "actix",
        crates: &["http", "access", "metrics", "console", "server", "testkit", "bench", "fuzz"],
        rooms: |source| is_routes(source),
        mend: "HTTP belongs into routes.rs; a service knows nothing of it",
    },
    Confinement {
        rule: "sessions",
        library: "start_cleared",
        crates: &["access"],
        rooms: |source| source.path == "crates/mfa/src/policy/service.rs",
        mend: "ask elder_mfa::policy::admit, whose `Cleared` starts the session",
    },
];

/// Reports the use of a library outside of its rooms. Tests may use anything.
pub(super) fn confined(source: &Source) -> Vec<Violation> {
    if source.is_test() {
        return Vec::new();
    }
    let code = source.product_code();
    let closed =
        CONFINEMENTS.iter().filter(|rule| !rule.crates.contains(&source.krate()) && !(rule.rooms)(source));
    closed.filter_map(|rule| first_use(source, &code, rule)).collect()
}

/// The first use is enough: the file as a whole is in the wrong room.
fn first_use(source: &Source, code: &str, rule: &Confinement) -> Option<Violation> {
    let belongs = |word: &str| {
        word.strip_prefix(rule.library).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    let word = words(code).find(|word| belongs(word.text) && !is_derive(code, word.at))?;
    Some(source.violation(word.at, rule.rule, format!("`{}` may not be used here: {}", word.text, rule.mend)))
}

/// `sea_orm::FromQueryResult` only tells how a row is read into a type: words may derive it.
fn is_derive(code: &str, at: usize) -> bool {
    code.get(at..).is_some_and(|rest| rest.starts_with("sea_orm::FromQueryResult"))
        && code
            .get(..at)
            .and_then(|before| before.rsplit("#[").next())
            .is_some_and(|attribute| attribute.contains("derive(") && !attribute.contains(')'))
}

/// `repository.rs`, `entity.rs`, and what lies in a folder of such a name under `service`.
fn is_repository(source: &Source) -> bool {
    let within = |room: &str| source.path.contains(&format!("/service/{room}/"));
    matches!(source.file(), "repository.rs" | "entity.rs") || within("repository") || within("entity")
}

fn is_routes(source: &Source) -> bool {
    source.file() == "routes.rs" || source.path.contains("/routes/")
}

/// Only the gate decides what a gate is.
pub(super) fn gates(source: &Source) -> Vec<Violation> {
    if matches!(source.krate(), "http" | "access") || source.is_test() {
        return Vec::new();
    }
    let code = source.product_code();
    let mut previous = "";
    let mut found = Vec::new();
    for word in words(&code) {
        if previous == "Gated" && word.text == "for" {
            let words = "only elder-http and elder-access implement `Gated`: use Access, Myself, Operator, Guest or Public";
            found.push(source.violation(word.at, "gated", words));
        }
        previous = word.text;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<&'static str> {
        let source = Source::new(path, text);
        confined(&source).into_iter().chain(gates(&source)).map(|violation| violation.rule).collect()
    }

    #[test]
    fn p_17_no_session_starts_but_from_the_policy() {
        let text = "async fn f() { session::start_cleared(tx, new).await }";
        assert!(rules("crates/mfa/src/policy/service.rs", text).is_empty());
        for path in ["crates/mfa/src/totp/service.rs", "crates/portal-users/src/sign_in/service.rs"] {
            assert_eq!(rules(path, text), ["sessions"], "{path}");
        }
    }

    #[test]
    fn sea_orm_stays_in_repositories_entities_and_the_gate() {
        let text = "use sea_orm::Value;";
        for allowed in [
            "crates/access/src/a.rs",
            "crates/kernel/src/ids.rs",
            "crates/scim/src/token/service/repository.rs",
            "crates/scim/src/token/service/entity.rs",
            "crates/scim/src/token/service/repository/read.rs",
            "crates/scim/tests/it/token.rs",
            "crates/scim/src/token/tests.rs",
        ] {
            assert!(rules(allowed, text).is_empty(), "{allowed}");
        }
        for refused in ["crates/scim/src/token/service.rs", "crates/scim/src/token/routes.rs"] {
            assert_eq!(rules(refused, text), ["sea-orm"], "{refused}");
        }
    }

    #[test]
    fn words_may_derive_how_a_row_is_read_and_nothing_more() {
        let path = "crates/scim/src/token/mod.rs";
        assert!(rules(path, "#[derive(Debug, sea_orm::FromQueryResult)] struct A;").is_empty());
        let gated = "#[cfg_attr(feature = \"database\", derive(sea_orm::FromQueryResult))] struct A;";
        assert!(rules("crates/api-types/src/token.rs", gated).is_empty());
        assert_eq!(rules(path, "use sea_orm::FromQueryResult;"), ["sea-orm"]);
        assert_eq!(rules(path, "#[derive(sea_orm::DeriveEntityModel)] struct A;"), ["sea-orm"]);
        assert_eq!(rules(path, "#[derive(Debug)] impl sea_orm::FromQueryResult for A {}"), ["sea-orm"]);
    }

    #[test]
    fn the_driver_stays_in_the_gate_and_the_server() {
        let text = "fn a(client: &tokio_postgres::Client) {}";
        assert!(rules("crates/server/src/migrations.rs", text).is_empty());
        assert_eq!(rules("crates/scim/src/token/service/repository.rs", text), ["tokio-postgres"]);
    }

    #[test]
    fn actix_stays_in_routes() {
        let text = "use actix_web::HttpResponse;";
        assert!(rules("crates/scim/src/token/routes.rs", text).is_empty());
        assert_eq!(rules("crates/scim/src/token/service.rs", text), ["actix"]);
        assert_eq!(rules("crates/scim/src/token/service.rs", "use actix::Actor;"), ["actix"]);
    }

    #[test]
    fn comments_texts_and_tests_are_no_use() {
        let text = "// sea_orm\nconst A: &str = \"actix_web\";\n#[cfg(test)]\nmod tests { use tokio_postgres::Client; }";
        assert!(rules("crates/scim/src/a.rs", text).is_empty());
    }

    #[test]
    fn only_the_gate_implements_gated() {
        let text = "impl<P> elder_http::Gated for Mine<P> {}";
        assert_eq!(rules("crates/scim/src/a.rs", text), ["gated"]);
        assert!(rules("crates/access/src/a.rs", text).is_empty());
    }
}
