//! Proofs as an auditor takes them: verified with what the API gives, and nothing of the server.

use elder_api_types::audit::{AuditConsistency, AuditKeys, AuditProof};
use elder_audit::{
    leaf,
    note::{Checkpoint, VerifierKey},
    tree::{Digest, is_consistent, root_of},
};
use elder_testkit::{Actor, TestApp};
use serde_json::json;

const ORIGIN: &str = "elder.test";

async fn happen(admin: &Actor, count: usize) {
    for number in 0..count {
        let name = format!("{number} {}", uuid::Uuid::from_u128(rand()));
        admin.post("/api/v2/organizations", json!({ "name": name })).await.expect(201);
    }
}

fn rand() -> u128 {
    u128::from_be_bytes(elder_kernel::Random::system().bytes())
}

async fn keys(actor: &Actor) -> Vec<VerifierKey> {
    let keys: AuditKeys = serde_json::from_value(actor.get("/api/v2/audit/keys").await.expect(200)).unwrap();
    keys.data.iter().map(|key| key.verifier.parse().unwrap()).collect()
}

async fn proof_of(actor: &Actor, id: &str) -> AuditProof {
    let answer = actor.get(&format!("/api/v2/audit/events/{id}/proof")).await.expect(200);
    serde_json::from_value(answer).unwrap()
}

fn leads_to(proof: &AuditProof, keys: &[VerifierKey]) -> Option<bool> {
    let checkpoint = Checkpoint::open(&proof.checkpoint, keys).ok()?;
    let path: Vec<_> = proof.path.iter().map(|hash| Digest::from_base64(hash).unwrap()).collect();
    let leaf = leaf::hash(proof.tenant_id, &proof.event, proof.salt).unwrap();
    Some(root_of(leaf, proof.seq, checkpoint.size, &path) == Ok(checkpoint.root))
}

#[tokio::test]
async fn every_event_is_proven_to_be_in_the_log_as_it_is_shown() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for count in [1, 4, 6] {
        happen(&admin, count).await;
        elder_audit::seal(&app.worker, ORIGIN).await.unwrap();
    }
    let keys = keys(&admin).await;
    let page = admin.get("/api/v2/audit/events").await.expect(200);
    let mut places = Vec::new();
    for event in page["data"].as_array().unwrap() {
        let proof = proof_of(&admin, event["id"].as_str().unwrap()).await;
        // What is proven is what was sealed for the person; what is shown, what it says.
        let sealed = proof.event.actor_ip.clone().unwrap();
        assert!(sealed.starts_with("sealed:") && event["actor_ip"] == "127.0.0.1", "{event}");
        let mut as_sealed = event.clone();
        as_sealed["actor_ip"] = sealed.into();
        assert_eq!(json!(proof.event), as_sealed);
        assert_eq!(leads_to(&proof, &keys), Some(true));
        let mut other = proof.clone();
        other.event.actor_ip = Some("192.0.2.1".to_owned());
        assert_eq!(leads_to(&other, &keys), Some(false));
        places.push(proof.seq);
    }
    places.sort_unstable();
    assert_eq!(places, (0..11).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_event_that_is_not_sealed_yet_says_so() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    happen(&admin, 1).await;
    let page = admin.get("/api/v2/audit/events").await.expect(200);
    let path = format!("/api/v2/audit/events/{}/proof", page["data"][0]["id"].as_str().unwrap());
    admin.get(&path).await.expect_problem(409, "conflict");
    elder_audit::seal(&app.worker, ORIGIN).await.unwrap();
    admin.get(&path).await.expect(200);
}

#[tokio::test]
async fn each_checkpoint_is_proven_to_begin_each_later_one() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for count in [1, 2, 3, 1, 5] {
        happen(&admin, count).await;
        elder_audit::seal(&app.worker, ORIGIN).await.unwrap();
    }
    let keys = keys(&admin).await;
    let page = admin.get("/api/v2/audit/checkpoints").await.expect(200);
    let sizes: Vec<_> =
        page["data"].as_array().unwrap().iter().map(|row| row["size"].as_i64().unwrap()).collect();
    assert_eq!(sizes, [12, 7, 6, 3, 1]);
    for (place, to) in sizes.iter().enumerate() {
        for from in &sizes[place..] {
            let path = format!("/api/v2/audit/checkpoints/consistency?from={from}&to={to}");
            let proof: AuditConsistency = serde_json::from_value(admin.get(&path).await.expect(200)).unwrap();
            let open = |note: &str| Checkpoint::open(note, &keys).unwrap();
            let (from, to) = (open(&proof.from.note), open(&proof.to.note));
            let hashes: Vec<_> = proof.path.iter().map(|hash| Digest::from_base64(hash).unwrap()).collect();
            assert!(is_consistent((from.size, from.root), (to.size, to.root), &hashes), "{path}");
            assert!(!is_consistent((from.size, Digest::empty()), (to.size, to.root), &hashes), "{path}");
        }
    }
    let wrong = "/api/v2/audit/checkpoints/consistency?from=7&to=3";
    admin.get(wrong).await.expect_problem(400, "invalid_parameter");
    let absent = "/api/v2/audit/checkpoints/consistency?from=2&to=3";
    admin.get(absent).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_proof_of_one_tenants_log_is_none_under_another_tenants_key() {
    let app = TestApp::start().await;
    let (admin, other) = (app.tenant_admin().await, app.other_tenant().await);
    happen(&admin, 2).await;
    happen(&other, 2).await;
    elder_audit::seal(&app.worker, ORIGIN).await.unwrap();
    let page = admin.get("/api/v2/audit/events").await.expect(200);
    let proof = proof_of(&admin, page["data"][0]["id"].as_str().unwrap()).await;
    assert_eq!(leads_to(&proof, &keys(&admin).await), Some(true));
    assert_eq!(leads_to(&proof, &keys(&other).await), None);
}
