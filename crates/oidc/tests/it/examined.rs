//! What the one who sets a connection up is told about it.

use elder_kernel::FindingOutcome as Outcome;
use elder_oidc::{Algorithm, ClientAuthentication, Connection, examine};
use elder_testkit::{Fault, FaultyProvider};
use serde_json::json;

use crate::{connection, outbound};

async fn findings(
    provider: &FaultyProvider,
    connection: &Connection,
) -> Vec<(&'static str, Outcome, String)> {
    let clock = elder_kernel::Clock::system();
    let examined = examine(&outbound(provider.port()), connection, &clock).await;
    let worst = examined.findings.iter().map(|finding| finding.outcome).max().unwrap();
    assert_eq!(examined.outcome(), worst);
    examined
        .findings
        .into_iter()
        .map(|finding| (finding.topic.name(), finding.outcome, finding.words))
        .collect()
}

#[tokio::test]
async fn a_good_connection_passes_in_every_point() {
    let provider = FaultyProvider::start();
    let findings = findings(&provider, &connection(&provider.issuer())).await;
    let topics: Vec<_> = findings.iter().map(|finding| finding.0).collect();
    let expected = ["discovery", "clock", "endpoints", "keys", "algorithms", "pkce", "client_authentication"];
    assert_eq!(topics, expected);
    assert!(findings.iter().all(|finding| finding.1 == Outcome::Passed), "{findings:#?}");
    assert_eq!(findings[3].2, "Keys: RSA of 2048 bits.");
    assert_eq!(provider.asked("/token"), 1, "an address is asked for, and nothing sent");
}

#[tokio::test]
async fn each_fault_of_a_connection_is_found_at_its_point() {
    let provider = FaultyProvider::start();
    let good = || connection(&provider.issuer());
    let other = |algorithms, authentication| Connection { algorithms, authentication, ..good() };
    let date = "Thu, 01 Jan 2026 00:00:00 GMT";
    for (fault, connection, topic, outcome) in [
        (Fault::Discovery(json!({"issuer": "https://evil.example"})), good(), "discovery", Outcome::Failed),
        (Fault::Dated(date), good(), "clock", Outcome::Warning),
        (Fault::Says("/token", 503, String::new()), good(), "endpoints", Outcome::Failed),
        (Fault::Says("/jwks", 200, "<html>".to_owned()), good(), "keys", Outcome::Failed),
        (Fault::Keys(json!({"keys": []})), good(), "keys", Outcome::Failed),
        (
            Fault::Claims(json!({})),
            other(vec![Algorithm::ES256], good().authentication),
            "algorithms",
            Outcome::Failed,
        ),
        (
            Fault::Discovery(json!({"code_challenge_methods_supported": ["plain"]})),
            good(),
            "pkce",
            Outcome::Warning,
        ),
        (
            Fault::Claims(json!({})),
            other(good().algorithms, ClientAuthentication::None),
            "client_authentication",
            Outcome::Warning,
        ),
    ] {
        provider.fault(fault);
        let findings = findings(&provider, &connection).await;
        let wrong: Vec<_> = findings.iter().filter(|finding| finding.1 != Outcome::Passed).collect();
        assert_eq!(
            wrong.iter().map(|finding| (finding.0, finding.1)).collect::<Vec<_>>(),
            [(topic, outcome)]
        );
        assert!(!wrong[0].2.contains('<'), "{}", wrong[0].2);
    }
}
