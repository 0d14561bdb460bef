//! Domains: claiming, proving by DNS, and who may have which.

use std::collections::BTreeSet;

use elder_access::Role;
use elder_kernel::{Domain, Seam};
use elder_testkit::{Actor, Options, TestApp};
use serde_json::{Value, json};

use crate::dns::DnsServer;

const DOMAINS: &str = "/api/v2/domains";

async fn start() -> (TestApp, DnsServer) {
    let dns = DnsServer::start();
    (TestApp::start_with(Options { resolvers: vec![dns.address], ..Options::default() }).await, dns)
}

async fn claim(actor: &Actor, domain: &str) -> Value {
    actor.post(DOMAINS, json!({ "domain": domain })).await.expect(201)
}

fn path(domain: &Value) -> String {
    format!("{DOMAINS}/{}", domain["id"].as_str().unwrap())
}

fn publish(dns: &mut DnsServer, domain: &Value) {
    let proof = |field: &str| domain["proof"][field].as_str().unwrap();
    dns.publish(proof("name"), proof("value"));
}

#[tokio::test]
async fn a_domain_is_claimed_proved_and_given_up() {
    let (app, mut dns) = start().await;
    let admin = app.tenant_admin().await;
    let domain = claim(&admin, "Acme-Corp.com.").await;
    assert_eq!(domain["domain"], "acme-corp.com");
    assert_eq!(domain["proof"]["name"], "_elder-challenge.acme-corp.com");
    assert_eq!(domain["verified_at"], json!(null));
    let verify = format!("{}/verify", path(&domain));
    admin.post(&verify, json!({})).await.expect_problem(409, "domain_proof_missing");
    dns.publish("_elder-challenge.acme-corp.com", "elder-verification=somebody-else");
    admin.post(&verify, json!({})).await.expect_problem(409, "domain_proof_missing");
    assert_eq!(admin.get(&path(&domain)).await.expect(200), domain);
    publish(&mut dns, &domain);
    let verified = admin.post(&verify, json!({})).await.expect(200);
    assert_eq!(verified["verified_by"], "dns");
    assert_eq!(admin.post(&verify, json!({})).await.expect(200), verified);
    assert_eq!(admin.get(DOMAINS).await.expect(200)["data"], json!([verified]));
    admin.delete(&path(&domain)).await.expect(204);
    admin.get(&path(&domain)).await.expect_problem(404, "not_found");
    for (action, count) in
        [("tenant_domain.claimed", 1), ("tenant_domain.verified", 1), ("tenant_domain.released", 1)]
    {
        assert_eq!(app.audit_count(action).await, count, "{action}");
    }
}

#[tokio::test]
async fn a_record_of_several_strings_proves_and_one_that_cannot_be_looked_up_does_not() {
    let (app, mut dns) = start().await;
    let admin = app.tenant_admin().await;
    let parted = claim(&admin, "parted.acme-corp.com").await;
    let (first, rest) = parted["proof"]["value"].as_str().unwrap().split_at(20);
    dns.publish(parted["proof"]["name"].as_str().unwrap(), &format!("{first}|{rest}"));
    admin.post(&format!("{}/verify", path(&parted)), json!({})).await.expect(200);
    let broken = claim(&admin, "broken.acme-corp.com").await;
    dns.publish(broken["proof"]["name"].as_str().unwrap(), "SERVFAIL");
    let verify = format!("{}/verify", path(&broken));
    admin.post(&verify, json!({})).await.expect_problem(409, "domain_proof_missing");
    assert_eq!(admin.get(&path(&broken)).await.expect(200)["verified_at"], json!(null));
}

#[tokio::test]
async fn a_domain_is_verified_for_one_tenant_alone() {
    let (app, mut dns) = start().await;
    let (acme, globex) = (app.tenant_admin().await, app.other_tenant().await);
    let first = claim(&acme, "shared-corp.com").await;
    publish(&mut dns, &first);
    acme.post(&format!("{}/verify", path(&first)), json!({})).await.expect(200);
    let second = claim(&globex, "SHARED-corp.com").await;
    let verify = format!("{}/verify", path(&second));
    globex.post(&verify, json!({})).await.expect_problem(409, "domain_proof_missing");
    publish(&mut dns, &second);
    globex.post(&verify, json!({})).await.expect_problem(409, "domain_unavailable");
    assert_eq!(globex.get(&path(&second)).await.expect(200)["verified_at"], json!(null));
    acme.delete(&path(&first)).await.expect(204);
    globex.post(&verify, json!({})).await.expect(200);
}

#[tokio::test]
async fn t_21_a_claim_tells_nothing_of_other_tenants() {
    let (app, mut dns) = start().await;
    let (acme, globex) = (app.tenant_admin().await, app.other_tenant().await);
    let taken = claim(&globex, "taken-corp.com").await;
    publish(&mut dns, &taken);
    globex.post(&format!("{}/verify", path(&taken)), json!({})).await.expect(200);
    let mut answers = Vec::new();
    for domain in ["taken-corp.com", "free1-corp.com"] {
        let claimed = acme.post(DOMAINS, json!({ "domain": domain })).await;
        let status = claimed.status;
        let names: BTreeSet<_> = claimed.headers.keys().map(ToString::to_string).collect();
        let claimed = claimed.expect(201);
        let verify = acme.post(&format!("{}/verify", path(&claimed)), json!({})).await;
        let problem = verify.expect_problem(409, "domain_proof_missing");
        let mut shape: Vec<_> = problem.as_object().unwrap().keys().cloned().collect();
        shape.sort();
        answers.push((status, names, claimed.as_object().unwrap().len(), shape));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn twins_are_one_domain() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    assert_eq!(claim(&admin, "bücher-corp.com").await["domain"], "xn--bcher-corp-9db.com");
    for twin in ["BÜCHER-CORP.com", "xn--bcher-corp-9db.com", "Bücher-Corp.COM."] {
        let problem =
            admin.post(DOMAINS, json!({ "domain": twin })).await.expect_problem(409, "already_exists");
        assert_eq!(problem["errors"][0]["pointer"], "/domain");
    }
}

#[tokio::test]
async fn what_nobody_can_own_is_refused() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for domain in
        ["", "acme", "192.0.2.1", "::1", "https://acme.com", "*.acme.com", "gmail.com", "a.local", "a b.com"]
    {
        let problem =
            admin.post(DOMAINS, json!({ "domain": domain })).await.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "/domain", "{domain}");
    }
    let also = json!({ "domain": "acme.com", "verified_at": "2026-01-01T00:00:00Z" });
    admin.post(DOMAINS, also).await.expect_problem(400, "unknown_field");
    assert_eq!(admin.get(DOMAINS).await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn lower_roles_read_and_other_tenants_find_nothing() {
    let app = TestApp::start().await;
    let domain = claim(&app.tenant_admin().await, "acme-corp.com").await;
    let (one, verify) = (path(&domain), format!("{}/verify", path(&domain)));
    let reader = app.member(app.acme.id, Some(Role::Reader)).await;
    assert_eq!(reader.get(&one).await.expect(200), domain);
    reader.post(DOMAINS, json!({ "domain": "b.com" })).await.expect_problem(403, "permission_denied");
    reader.post(&verify, json!({})).await.expect_problem(403, "permission_denied");
    reader.delete(&one).await.expect_problem(403, "permission_denied");
    let other = app.other_tenant().await;
    let random = format!("{DOMAINS}/{}", Seam::system().id::<Domain>());
    for path in [&one, &random] {
        other.get(path).await.expect_problem(404, "not_found");
        other.delete(path).await.expect_problem(404, "not_found");
        other.post(&format!("{path}/verify"), json!({})).await.expect_problem(404, "not_found");
    }
    reader.get(&format!("{DOMAINS}/{}", reader.id())).await.expect_problem(400, "invalid_id");
    assert_eq!(reader.get(&one).await.expect(200), domain);
}

#[tokio::test]
async fn an_operator_marks_a_domain_by_hand() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let domain = claim(&admin, "acme-corp.com").await;
    let id = domain["id"].as_str().unwrap();
    let by_hand = |tenant: &str| format!("/api/v2/global/tenants/{tenant}/domains/{id}/verify");
    admin.post(&by_hand("acme"), json!({})).await.expect_problem(403, "permission_denied");
    app.support().await.post(&by_hand("acme"), json!({})).await.expect_problem(403, "permission_denied");
    let operator = app.operator().await;
    for wrong in ["globex", "ghost", "999999"] {
        operator.post(&by_hand(wrong), json!({})).await.expect_problem(404, "not_found");
    }
    let verified = operator.post(&by_hand("acme"), json!({})).await.expect(200);
    assert_eq!(verified["verified_by"], "operator");
    let event =
        "select actor_user_id from audit_logs where action = 'tenant_domain.verified' and tenant_id = $1";
    let row = app.superuser.query_one(event, &[&app.acme.id.0]).await.unwrap();
    assert_eq!(row.get::<_, uuid::Uuid>(0), operator.user.unwrap().uuid());
}

#[tokio::test]
async fn a_list_is_paged() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for number in 0..3 {
        claim(&admin, &format!("acme{number}.com")).await;
    }
    let first = admin.get(&format!("{DOMAINS}?limit=2")).await.expect(200);
    assert_eq!(first["data"].as_array().unwrap().len(), 2);
    let cursor = first["next_cursor"].as_str().unwrap();
    let last = admin.get(&format!("{DOMAINS}?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!((last["data"].as_array().unwrap().len(), &last["next_cursor"]), (1, &json!(null)));
    let stranger = app.other_tenant().await;
    stranger.get(&format!("{DOMAINS}?cursor={cursor}")).await.expect_problem(400, "invalid_cursor");
    admin.get(&format!("{DOMAINS}?limit=0")).await.expect_problem(400, "invalid_parameter");
}

#[tokio::test]
async fn domains_are_claimed_and_given_up_in_batches() {
    let app = TestApp::start().await;
    let (admin, stranger) = (app.tenant_admin().await, app.other_tenant().await);
    let batch = format!("{DOMAINS}/batch");
    let claimed = claim(&admin, "old-acme.com").await;
    let foreign = claim(&stranger, "foreign-acme.com").await;
    let create = |domain: &str| json!({ "op": "create", "data": { "domain": domain } });
    let remove = |domain: &Value| json!({ "op": "delete", "id": domain["id"] });
    let operations = json!([
        create("new-acme.com"),
        create("NEW-acme.com"),
        create("com"),
        remove(&claimed),
        remove(&claimed),
        remove(&foreign),
    ]);
    let all = json!({ "atomic": true, "operations": operations });
    let problem = admin.post(&batch, all).await.expect_problem(422, "batch_failed");
    assert_eq!(problem["index"], 2, "what cannot be read is found before anything is done");
    assert_eq!(names(&admin).await, BTreeSet::from(["old-acme.com".to_owned()]));
    let each = json!({ "atomic": false, "operations": operations });
    let answer = admin.post(&batch, each).await.expect(200);
    let results = answer["results"].as_array().unwrap();
    let statuses: Vec<_> = results.iter().map(|result| result["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [201, 409, 400, 204, 404, 404], "{answer}");
    assert_eq!(names(&admin).await, BTreeSet::from(["new-acme.com".to_owned()]));
    assert_eq!(app.audit_count("tenant_domain.released").await, 1);
    let update =
        json!({ "atomic": false, "operations": [{ "op": "update", "id": claimed["id"], "data": {} }] });
    let problem = admin.post(&batch, update).await.expect_problem(400, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "/operations/0/op");
    let reader = app.member(app.acme.id, Some(Role::Reader)).await;
    let one = json!({ "atomic": false, "operations": [create("another-acme.com")] });
    reader.post(&batch, one).await.expect_problem(403, "permission_denied");
}

async fn names(admin: &Actor) -> BTreeSet<String> {
    let page = admin.get(DOMAINS).await.expect(200);
    page["data"].as_array().unwrap().iter().map(|row| row["domain"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn s_30_a_domain_whose_proof_is_missing_for_a_week_is_not_verified_any_more() {
    let (app, mut dns) = start().await;
    let resolver = elder_tenancy::DomainResolver::at(vec![dns.address]).unwrap();
    let admin = app.tenant_admin().await;
    let domain = claim(&admin, "moving-corp.com").await;
    publish(&mut dns, &domain);
    admin.post(&format!("{}/verify", path(&domain)), json!({})).await.expect(200);
    let after = async |days: i64| {
        app.clock.advance(chrono::Duration::days(days));
        elder_tenancy::domain::check_domains_again(&app.worker, &resolver).await.unwrap();
        app.tenant_admin().await.get(&path(&domain)).await.expect(200)
    };
    let counts = async || {
        let mut counts = Vec::new();
        for action in ["proof_missing", "proof_found", "lost"] {
            counts.push(app.audit_count(&format!("tenant_domain.{action}")).await);
        }
        counts
    };
    assert!(after(1).await["missing_since"].is_null());
    assert_eq!(counts().await, [0, 0, 0]);
    let name = domain["proof"]["name"].as_str().unwrap().to_owned();
    // A server that does not answer proves nothing.
    dns.publish(&name, "SERVFAIL");
    for _ in 0..9 {
        assert!(after(1).await["missing_since"].is_null());
    }
    dns.publish(&name, "WITHDRAWN");
    let missing = after(1).await;
    assert!(missing["missing_since"].is_string() && missing["verified_at"].is_string(), "{missing}");
    assert!(after(6).await["verified_at"].is_string());
    publish(&mut dns, &domain);
    assert!(after(1).await["missing_since"].is_null());
    assert_eq!(counts().await, [1, 1, 0]);
    dns.publish(&name, "WITHDRAWN");
    after(1).await;
    let lost = after(7).await;
    assert!(lost["verified_at"].is_null() && lost["verified_by"].is_null(), "{lost}");
    assert_eq!(counts().await, [2, 1, 1]);
    after(7).await;
    assert_eq!(counts().await, [2, 1, 1]);
    // Proven anew, it is the tenant's again.
    publish(&mut dns, &domain);
    let verify = format!("{}/verify", path(&domain));
    let again = app.tenant_admin().await.post(&verify, json!({})).await.expect(200);
    assert_eq!(again["verified_by"], "dns");
}

#[tokio::test]
async fn s_30_what_an_operator_has_verified_is_not_looked_up() {
    let (app, dns) = start().await;
    let resolver = elder_tenancy::DomainResolver::at(vec![dns.address]).unwrap();
    let admin = app.tenant_admin().await;
    let domain = claim(&admin, "by-hand-corp.com").await;
    let verify = format!("/api/v2/global/tenants/acme/domains/{}/verify", domain["id"].as_str().unwrap());
    app.operator().await.post(&verify, json!({})).await.expect(200);
    for _ in 0..2 {
        app.clock.advance(chrono::Duration::days(8));
        elder_tenancy::domain::check_domains_again(&app.worker, &resolver).await.unwrap();
    }
    let shown = app.tenant_admin().await.get(&path(&domain)).await.expect(200);
    assert!(shown["verified_at"].is_string() && shown["missing_since"].is_null(), "{shown}");
}
