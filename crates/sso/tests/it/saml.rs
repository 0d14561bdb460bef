//! To a provider that speaks SAML and back: who gets in, and who does not.

use chrono::Duration;
use elder_testkit::{PASSWORD, TestApp};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    browser::{Browser, Got},
    saml_idp::{ANA, SLO, SSO, SamlIdp, Somebody, set_up},
    world::own,
};

/// A tenant that owns `acme.com`, and its provider.
pub(crate) struct World {
    pub(crate) app: TestApp,
    pub(crate) admin: elder_testkit::Actor,
    pub(crate) idp: SamlIdp,
    /// The provider as it is shown.
    pub(crate) set_up: Value,
}

impl World {
    pub(crate) async fn with(settings: Value) -> Self {
        Self::over(TestApp::start().await, settings).await
    }

    pub(crate) async fn over(app: TestApp, settings: Value) -> Self {
        let admin = app.tenant_admin().await;
        own(&app, app.acme.id, "acme.com").await;
        let idp = SamlIdp::new();
        let set_up = set_up(&admin, idp.by_hand(&settings)).await;
        Self { app, admin, idp, set_up }
    }

    pub(crate) fn path(&self, below: &str) -> String {
        format!("/sso/saml/{}/{below}", self.set_up["id"].as_str().unwrap())
    }

    /// Sends a browser to the provider; gives what the browser would bring from there.
    pub(crate) async fn go(&self, browser: &Browser, who: &Somebody<'_>) -> (String, String) {
        let there = browser.get(&self.path("login")).await.leads_to();
        assert!(there.starts_with(SSO), "{there}");
        let asked = SamlIdp::asked(&there);
        let answer = self.idp.answer(&self.set_up, Some(&asked.id), who, self.app.seam.now());
        (answer, asked.relay_state)
    }

    /// Brings an answer as the provider's page would.
    pub(crate) async fn bring(&self, browser: &Browser, (answer, relay): &(String, String)) -> Got {
        browser.brought(&self.path("acs"), &[("SAMLResponse", answer), ("RelayState", relay)]).await
    }

    pub(crate) async fn sign_in(&self, who: &Somebody<'_>) -> Browser {
        let browser = Browser::open(&self.app);
        let brought = self.go(&browser, who).await;
        let got = self.bring(&browser, &brought).await;
        assert_eq!(got.status, 303, "{}", got.text);
        assert_eq!(browser.get(&got.leads_to()).await.leads_to(), "/account");
        browser
    }

    pub(crate) async fn reason(&self) -> String {
        let last = "select reason from audit_logs where action = 'sso.sign_in_failed'
            order by xmin::text::bigint desc limit 1";
        self.app.superuser.query_one(last, &[]).await.unwrap().get(0)
    }

    pub(crate) async fn sessions(&self) -> i64 {
        let count = "select count(*) from sessions where browser_hash is not null and ended_at is null";
        self.app.superuser.query_one(count, &[]).await.unwrap().get(0)
    }
}

#[tokio::test]
async fn somebody_of_the_tenants_own_domain_gets_an_account_and_roles_by_group() {
    let rule = json!([{ "if": "groups eq \"engineers\"", "then": { "tenant_role": "maintainer" } }]);
    let world = World::with(json!({ "role_rules": rule })).await;
    let browser = world.sign_in(&ANA).await;
    assert_eq!(browser.account().await.as_deref(), Some("ana@acme.com"));
    browser.get("/account").await.says("Ana Gruber");
    let held = "select count(*) from sso_grants where role = 'maintainer'";
    assert_eq!(world.app.superuser.query_one(held, &[]).await.unwrap().get::<_, i64>(0), 1);
    let counted = world.app.metrics.encode().unwrap();
    assert!(
        counted.contains("elder_logins_total{method=\"single_sign_on\",outcome=\"success\""),
        "{counted}"
    );
    // Known by the name that the provider gives her, whatever her address is.
    let moved = Somebody { email: "ana@elsewhere.example", groups: &[], ..ANA };
    let browser = world.sign_in(&moved).await;
    assert_eq!(browser.account().await.as_deref(), Some("ana@acme.com"));
    assert_eq!(world.app.superuser.query_one(held, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn the_request_is_signed_and_asks_anew_where_that_is_needed() {
    let world = World::with(json!({ "saml": { "name_id_format": "persistent" } })).await;
    let browser = Browser::open(&world.app);
    let there = browser.get(&world.path("login?for=security")).await.leads_to();
    assert!(there.contains("&Signature="), "{there}");
    let asked = SamlIdp::asked(&there).xml;
    assert!(asked.contains("ForceAuthn=\"true\"") && asked.contains("nameid-format:persistent"), "{asked}");
    let unsigned = json!({ "saml": { "sign_requests": false } });
    let path = format!("/api/v2/identity-providers/{}", world.set_up["id"].as_str().unwrap());
    world.admin.patch(&path, unsigned).await.expect(200);
    let there = browser.get(&world.path("login")).await.leads_to();
    assert!(!there.contains("Signature="), "{there}");
    assert!(!SamlIdp::asked(&there).xml.contains("ForceAuthn=\"true\""));
}

#[tokio::test]
async fn s_20_an_assertion_is_good_once() {
    let world = World::with(json!({})).await;
    let browser = Browser::open(&world.app);
    let brought = world.go(&browser, &ANA).await;
    let node = world.app.another_node().await;
    let tries = (0..50).map(|place| {
        let browser = if place % 2 == 0 { Browser::open(&world.app) } else { Browser::at(&node.base) };
        let (world, brought) = (&world, &brought);
        async move { world.bring(&browser, brought).await.status }
    });
    let statuses = join_all(tries).await;
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert_eq!(browser.get(&world.path("acs")).await.leads_to(), "/account");
    assert_eq!(world.sessions().await, 1);
    // Nor does the same assertion serve another sign-in of the same browser.
    world.go(&browser, &ANA).await;
    world.bring(&browser, &brought).await.is_refused();
    assert_eq!(world.sessions().await, 1);
}

#[tokio::test]
async fn s_21_an_answer_counts_in_the_browser_that_waits_for_it_once_and_for_ten_minutes() {
    let world = World::with(json!({})).await;
    let (attacker, victim) = (Browser::open(&world.app), Browser::open(&world.app));
    // What somebody else was asked for is posted by the victim's browser.
    let brought = world.go(&attacker, &ANA).await;
    let on = world.bring(&victim, &brought).await.leads_to();
    victim.get(&on).await.is_refused().says("began in another browser");
    assert_eq!(victim.account().await, None);
    world.go(&victim, &ANA).await;
    victim.get(&on).await.is_refused();
    assert_eq!(victim.account().await, None);

    // An answer that names a request of another, or none.
    let (_, relay) = world.go(&attacker, &ANA).await;
    let other = world.idp.answer(&world.set_up, Some("_made_up"), &ANA, world.app.seam.now());
    world.bring(&attacker, &(other, relay)).await.is_refused();
    assert_eq!(world.reason().await, "in_response_to_mismatch");

    let late = world.go(&victim, &ANA).await;
    world.app.clock.advance(Duration::minutes(10));
    world.bring(&victim, &late).await.is_refused();
    assert_eq!(world.sessions().await, 0);
}

#[tokio::test]
async fn s_22_nobody_comes_unasked_unless_the_tenant_wants_that() {
    let world = World::with(json!({})).await;
    let unasked = |relay: &str| {
        let answer = world.idp.answer(&world.set_up, None, &ANA, world.app.seam.now());
        (answer, relay.to_owned())
    };
    let browser = Browser::open(&world.app);
    world.bring(&browser, &unasked("")).await.is_refused();
    assert_eq!(world.reason().await, "unsolicited_refused");

    let path = format!("/api/v2/identity-providers/{}", world.set_up["id"].as_str().unwrap());
    world.admin.patch(&path, json!({ "saml": { "idp_initiated": true } })).await.expect(200);
    let brought = unasked("https://evil.example/");
    let on = world.bring(&browser, &brought).await.leads_to();
    assert_eq!(browser.get(&on).await.leads_to(), "/account", "S-23: the relay state leads nowhere");
    world.bring(&Browser::open(&world.app), &brought).await.is_refused();
    assert_eq!(world.reason().await, "assertion_replayed");

    // Who is signed in as somebody else stays who they are.
    let bert = Somebody { name_id: "bert-1", email: "bert@acme.com", groups: &[] };
    let answer = world.idp.answer(&world.set_up, None, &bert, world.app.seam.now());
    let on = world.bring(&browser, &(answer, String::new())).await.leads_to();
    assert_eq!(browser.get(&on).await.status, 409);
    assert_eq!(browser.account().await.as_deref(), Some("ana@acme.com"));

    world.admin.patch(&path, json!({ "is_active": false })).await.expect(200);
    assert_eq!(world.bring(&Browser::open(&world.app), &unasked("")).await.status, 404);
}

#[tokio::test]
async fn s_28_an_answer_for_one_connection_is_none_for_another() {
    let world = World::with(json!({})).await;
    let second = set_up(&world.admin, world.idp.by_hand(&json!({ "name": "The same again" }))).await;
    let other = world.app.other_tenant().await;
    let foreign = set_up(&other, world.idp.by_hand(&json!({}))).await;
    for elsewhere in [&second, &foreign] {
        let browser = Browser::open(&world.app);
        let (answer, relay) = world.go(&browser, &ANA).await;
        let acs = format!("/sso/saml/{}/acs", elsewhere["id"].as_str().unwrap());
        browser.brought(&acs, &[("SAMLResponse", &answer), ("RelayState", &relay)]).await.is_refused();
        // Nor does the browser's own sign-in serve an answer that was written for the other.
        let theirs = world.idp.answer(elsewhere, None, &ANA, world.app.seam.now());
        world.bring(&browser, &(theirs, relay)).await.is_refused();
        browser.get(&acs).await.is_refused();
    }
    let stranger = SamlIdp::new();
    let browser = Browser::open(&world.app);
    let there = browser.get(&world.path("login")).await.leads_to();
    let asked = SamlIdp::asked(&there);
    let forged = stranger.answer(&world.set_up, Some(&asked.id), &ANA, world.app.seam.now());
    world.bring(&browser, &(forged, asked.relay_state)).await.is_refused();
    assert_eq!(world.reason().await, "signature_invalid");
    assert_eq!(world.sessions().await, 0);
}

#[tokio::test]
async fn s_29_a_provider_names_nobody_outside_of_its_tenants_domains() {
    let world = World::with(json!({ "conflicts": "link" })).await;
    own(&world.app, world.app.globex.id, "globex.com").await;
    for email in ["ceo@globex.com", "ana@acme.com.evil.example", "ana@nobodys.example"] {
        let browser = Browser::open(&world.app);
        let brought = world.go(&browser, &Somebody { email, ..ANA }).await;
        let on = world.bring(&browser, &brought).await.leads_to();
        browser.get(&on).await.is_refused();
        assert_eq!(world.reason().await, "domain_unverified", "{email}");
    }
    assert_eq!(world.sessions().await, 0);
}

#[tokio::test]
async fn the_provider_ends_the_sessions_that_rest_on_its_own_s_27() {
    let world = World::with(json!({})).await;
    let (ana, bert) = (
        world.sign_in(&ANA).await,
        world.sign_in(&Somebody { name_id: "bert-1", email: "bert@acme.com", groups: &[] }).await,
    );
    let wish = world.idp.logout(&world.set_up, &ANA, world.app.seam.now());
    let (unsigned, _) = wish.split_once("&SigAlg").unwrap();
    Browser::open(&world.app).get(&world.path(&format!("slo?{unsigned}"))).await.is_refused();
    let forged = SamlIdp::new().logout(&world.set_up, &ANA, world.app.seam.now());
    Browser::open(&world.app).get(&world.path(&format!("slo?{forged}"))).await.is_refused();
    assert_eq!(world.sessions().await, 2);

    let back = Browser::open(&world.app).get(&world.path(&format!("slo?{wish}"))).await.leads_to();
    assert!(back.starts_with(SLO) && back.contains("SAMLResponse="), "{back}");
    assert!(back.contains("RelayState=theirs") && back.contains("&Signature="), "{back}");
    world.app.clock.advance(Duration::seconds(1));
    assert_eq!(ana.account().await, None);
    assert_eq!(bert.account().await.as_deref(), Some("bert@acme.com"));
    assert_eq!(world.app.audit_count("sso.logged_out").await, 1);
    Browser::open(&world.app).get(&world.path(&format!("slo?{wish}"))).await.is_refused();
}

#[tokio::test]
async fn who_signs_out_here_is_signed_out_there_if_the_tenant_wants_that() {
    let world = World::with(json!({ "single_logout": true })).await;
    let browser = world.sign_in(&ANA).await;
    browser.get("/account").await;
    let got = browser.submit("/sign-out", &[]).await;
    assert_eq!(got.status, 200, "{}", got.text);
    got.says("Sign out there too").says(SLO);
    let (_, rest) = got.text.split_once("url=").unwrap();
    let url = rest.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
    let asked = SamlIdp::asked(&url).xml;
    assert!(asked.contains("ana-1") && asked.contains("s-ana-1"), "{asked}");
    assert_eq!(browser.account().await, None);
    assert_eq!(world.sessions().await, 0);
    browser.get(&world.path("slo?SAMLResponse=x")).await.says("You are signed out");

    let world = World::with(json!({})).await;
    let browser = world.sign_in(&ANA).await;
    browser.get("/account").await;
    let got = browser.submit("/sign-out", &[]).await;
    assert!(!got.text.contains(SLO), "{}", got.text);
    assert_eq!(world.sessions().await, 0);
}

#[tokio::test]
async fn the_provider_is_told_what_it_must_know_and_no_more() {
    let world = World::with(json!({})).await;
    let got = Browser::open(&world.app).get(&world.path("metadata")).await;
    assert_eq!(
        (got.status, got.headers["content-type"].to_str().unwrap()),
        (200, "application/samlmetadata+xml")
    );
    for url in ["entity_id", "acs_url", "slo_url"] {
        got.says(world.set_up["service_provider"][url].as_str().unwrap());
    }
    assert!(got.text.contains("X509Certificate") && !got.text.contains("PRIVATE"), "{}", got.text);
    assert_eq!(
        Browser::open(&world.app).get("/sso/saml/idp_01h455vb4pex5vsknk084sn02q/metadata").await.status,
        404
    );
    let sealed = "select own_key from idp_configurations";
    let sealed: Vec<u8> = world.app.superuser.query_one(sealed, &[]).await.unwrap().get(0);
    assert!(!String::from_utf8_lossy(&sealed).contains("PRIVATE"));
}

#[tokio::test]
async fn an_account_that_waits_for_a_second_factor_ends_with_the_provider_too() {
    let world = World::with(json!({})).await;
    world.sign_in(&ANA).await;
    let patch = json!({ "settings": { "mfa": { "required": "everyone", "grace_days": 0 } } });
    world.admin.patch("/api/v2/tenant", patch).await.expect(200);
    let browser = Browser::open(&world.app);
    let brought = world.go(&browser, &ANA).await;
    let on = world.bring(&browser, &brought).await.leads_to();
    browser.get(&on).await.says("form_token");
    let flows = "select count(*) from login_flows where sso_id is not null";
    assert_eq!(world.app.superuser.query_one(flows, &[]).await.unwrap().get::<_, i64>(0), 1);
    let wish = world.idp.logout(&world.set_up, &ANA, world.app.seam.now());
    Browser::open(&world.app).get(&world.path(&format!("slo?{wish}"))).await.leads_to();
    assert_eq!(world.app.superuser.query_one(flows, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn passwords_open_nothing_where_a_provider_is_enforced_but_for_break_glass() {
    let world = World::with(json!({})).await;
    let path = format!("/api/v2/identity-providers/{}", world.set_up["id"].as_str().unwrap());
    let early =
        world.admin.patch(&path, json!({ "enforced": true })).await.expect_problem(400, "validation_failed");
    assert_eq!(early["errors"][0]["pointer"], "/enforced");
    world.sign_in(&ANA).await;
    let person = json!({ "email": "carl@acme.com", "full_name": "Carl", "password": PASSWORD });
    let carl = world.admin.post("/api/v2/users", person).await.expect(201);
    let login = json!({ "email": "carl@acme.com", "password": PASSWORD });
    world.app.guest().post("/api/v2/auth/login", login.clone()).await.expect(200);
    world.admin.patch(&path, json!({ "enforced": true })).await.expect(200);
    world.app.guest().post("/api/v2/auth/login", login.clone()).await.expect_problem(403, "sso_required");
    let wrong = json!({ "email": "carl@acme.com", "password": "not the password at all" });
    world.app.guest().post("/api/v2/auth/login", wrong).await.expect_problem(401, "invalid_credentials");
    let browser = Browser::open(&world.app);
    let page = "/sign-in?tenant=acme";
    browser.get(page).await;
    browser
        .submit(page, &[("email", "carl@acme.com"), ("password", PASSWORD)])
        .await
        .says("identity provider");
    world.sign_in(&ANA).await;

    let named = json!({ "settings": { "break_glass_users": [carl["id"]] } });
    world.admin.patch("/api/v2/tenant", named).await.expect(200);
    world.app.guest().post("/api/v2/auth/login", login.clone()).await.expect(200);
    let none = json!({ "settings": { "break_glass_users": null } });
    world.admin.patch("/api/v2/tenant", none).await.expect(200);
    world.app.guest().post("/api/v2/auth/login", login.clone()).await.expect_problem(403, "sso_required");
    world.admin.patch(&path, json!({ "is_active": false, "enforced": false })).await.expect(200);
    world.app.guest().post("/api/v2/auth/login", login).await.expect(200);
}

#[tokio::test]
async fn a_trial_shows_what_would_follow_and_changes_nothing() {
    let rule = json!([{ "if": "groups eq \"engineers\"", "then": { "tenant_role": "maintainer" } }]);
    let world = World::with(json!({ "role_rules": rule, "is_active": false })).await;
    let path = format!("/api/v2/identity-providers/{}/test-sign-in", world.set_up["id"].as_str().unwrap());
    let counts = "select (select count(*) from portal_users) + (select count(*) from sso_identities)
        + (select count(*) from sso_grants) + (select count(*) from mails) + (select count(*) from sessions)
        + (select count(*) from sso_sessions)";
    let count = async || world.app.superuser.query_one(counts, &[]).await.unwrap().get::<_, i64>(0);
    let before = count().await;
    let ceo = Somebody { email: "ceo@globex.com", ..ANA };
    for (who, said) in [(&ANA, "sign in to the account of ana@acme.com"), (&ceo, "domain_unverified")] {
        let trial = world.admin.post(&path, json!(null)).await.expect(201);
        let url = trial["url"].as_str().unwrap().strip_prefix("http://elder.test").unwrap().to_owned();
        let browser = Browser::open(&world.app);
        let asked = SamlIdp::asked(&browser.get(&url).await.leads_to());
        let answer = world.idp.answer(&world.set_up, Some(&asked.id), who, world.app.seam.now());
        let on = world.bring(&browser, &(answer, asked.relay_state)).await.leads_to();
        let shown = browser.get(&on).await;
        assert_eq!(shown.status, 200, "{}", shown.text);
        shown.says(said).says("engineers").says("maintainer").says("nothing was changed");
        assert_eq!(browser.account().await, None);
        // It is good once.
        Browser::open(&world.app).get(&url).await.is_refused();
        browser.get(&on).await.is_refused();
    }
    assert_eq!(count().await, before);
}

#[tokio::test]
async fn a_sign_in_by_another_entity_does_not_count_where_a_provider_is_to_be_enforced() {
    let mut world = World::with(json!({})).await;
    world.sign_in(&ANA).await;
    let path = format!("/api/v2/identity-providers/{}", world.set_up["id"].as_str().unwrap());
    let other = "https://other.example/metadata";
    let changed = world.admin.patch(&path, json!({ "entity_id": other })).await.expect(200);
    assert!(changed["last_login_at"].is_null(), "{changed}");
    let enforced = json!({ "enforced": true });
    let early = world.admin.patch(&path, enforced.clone()).await.expect_problem(400, "validation_failed");
    assert_eq!(early["errors"][0]["pointer"], "/enforced");
    other.clone_into(&mut world.idp.entity);
    let bert = Somebody { name_id: "bert-1", email: "bert@acme.com", groups: &[] };
    world.sign_in(&bert).await;
    world.admin.patch(&path, enforced).await.expect(200);
    // Nor can one that is enforced become another.
    let again = json!({ "entity_id": crate::saml_idp::ENTITY });
    world.admin.patch(&path, again).await.expect_problem(400, "validation_failed");
}
