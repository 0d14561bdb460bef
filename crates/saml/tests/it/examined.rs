//! What is said of a provider to whoever sets it up.

use chrono::TimeDelta;
use elder_kernel::{Finding, FindingOutcome as Outcome};
use elder_saml::{Idp, Topic, examine};
use openssl::{nid::Nid, pkey::PKey, rsa::Rsa};

use crate::{SSO_URL, World, forge::Signer, idp, now};

fn outcome(idp: &Idp, topic: Topic) -> (Outcome, String) {
    let findings = examine(idp, now());
    let found: Vec<&Finding<Topic>> = findings.iter().filter(|finding| finding.topic == topic).collect();
    assert_eq!((findings.len(), found.len()), (5, 1), "each topic once");
    (found[0].outcome, found[0].words.clone())
}

#[test]
fn a_provider_with_which_all_is_well_passes() {
    let key = PKey::from_rsa(Rsa::generate(3072).unwrap()).unwrap();
    let idp = idp(&[&Signer::of(key, 0, 400), &Signer::of(Signer::ecdsa(Nid::SECP384R1).key, 0, 400)]);
    let findings = examine(&idp, now());
    assert!(findings.iter().all(|finding| finding.outcome == Outcome::Passed), "{findings:#?}");
    assert_eq!(findings[3].words, "Keys: RSA of 3072 bits, ECDSA of 384 bits.");
}

#[test]
fn s_26_a_certificate_warns_thirty_days_before_its_end() {
    let key = || PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let certificate = |from, until| Signer::of(key(), from, until);
    for (signers, expected) in [
        (vec![certificate(0, 31)], Outcome::Passed),
        (vec![certificate(0, 30)], Outcome::Warning),
        (vec![certificate(0, 1)], Outcome::Warning),
        (vec![certificate(-10, 0)], Outcome::Failed),
        (vec![certificate(-10, -1)], Outcome::Failed),
        (vec![certificate(1, 100)], Outcome::Failed),
        (vec![certificate(-10, 5), certificate(0, 100)], Outcome::Passed),
        (vec![certificate(-10, 5), certificate(1, 100)], Outcome::Warning),
        (vec![certificate(-10, -1), certificate(0, 100)], Outcome::Warning),
    ] {
        let idp = idp(&signers.iter().collect::<Vec<_>>());
        assert_eq!(
            outcome(&idp, Topic::Certificates).0,
            expected,
            "{:?}",
            outcome(&idp, Topic::Certificates)
        );
    }
}

#[test]
fn what_is_missing_or_open_is_said() {
    let world = World::new();
    let plain =
        Idp { sso: Vec::new(), slo: Vec::new(), signing_certificates: Vec::new(), ..world.idp.clone() };
    assert_eq!(outcome(&plain, Topic::Endpoints).0, Outcome::Failed);
    assert_eq!(outcome(&plain, Topic::Certificates).0, Outcome::Failed);
    assert_eq!(outcome(&plain, Topic::Keys).0, Outcome::Failed);
    assert_eq!(outcome(&plain, Topic::Logout).0, Outcome::Warning);
    let mut open = world.idp.clone();
    open.sso[0].location = SSO_URL.replace("https", "http");
    assert_eq!(outcome(&open, Topic::Endpoints).0, Outcome::Warning);
    for (end, expected) in [(0, Outcome::Failed), (1, Outcome::Passed)] {
        let idp = Idp { valid_until: Some(now() + TimeDelta::seconds(end)), ..world.idp.clone() };
        assert_eq!(outcome(&idp, Topic::Metadata).0, expected);
    }
    let names: Vec<_> =
        examine(&world.idp, now()).iter().map(|found| (found.topic.name(), found.outcome)).collect();
    assert_eq!(names[0], ("metadata", Outcome::Passed));
    assert_eq!(outcome(&world.idp, Topic::Endpoints).1, "Sign-ins go by redirect.");
}
