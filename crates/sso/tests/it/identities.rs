//! Links that admins see, make and undo.

use elder_access::markers;
use elder_testkit::Actor;
use serde_json::{Value, json};

use crate::{
    browser::back_from,
    op::Op,
    saml,
    saml_idp::ANA,
    world::{World, ana, ana_but, set_up},
};

/// Makes an account, and gives the path of its links.
async fn account(admin: &Actor, email: &str) -> (String, String) {
    let new = json!({ "email": email, "full_name": "Somebody" });
    let id = admin.post("/api/v2/users", new).await.expect(201)["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v2/users/{id}/identities");
    (id, path)
}

fn of(idp: &str, subject: &str) -> Value {
    json!({ "identity_provider_id": idp, "subject": subject })
}

#[tokio::test]
async fn s_29_whom_an_admin_has_linked_comes_whatever_their_address_is_and_whatever_becomes_of_the_domain() {
    let rule = json!([{ "if": "email pr", "then": { "groups": ["staff"] } }]);
    let world =
        World::with(json!({ "sync": "first_login", "default_role": "reader", "role_rules": rule })).await;
    let (ana_id, path) = account(&world.admin, "ana@partner.example").await;
    let stranger = ana_but(json!({ "email": "ana@partner.example" }));
    back_from(&world.app, &world.op, &world.idp, stranger.clone()).await.1.is_refused();
    assert_eq!(world.reason().await, "domain_unverified");

    let made = world.admin.post(&path, of(&world.idp, "ana-1")).await.expect(201);
    assert_eq!(
        (&made["user_id"], &made["subject"], &made["domain"]),
        (&json!(ana_id), &json!("ana-1"), &json!(null))
    );
    assert_eq!((&made["last_login_at"], &made["groups"]), (&json!(null), &json!([])));
    assert!(made["linked_by"].is_string());
    assert_eq!(world.app.audit_count("identity.linked").await, 1);
    let (browser, got) = back_from(&world.app, &world.op, &world.idp, stranger).await;
    assert_eq!(got.leads_to(), "/account");
    assert_eq!(browser.account().await.as_deref(), Some("ana@partner.example"));

    // The first sign-in gives what the rules say, also where later ones do not.
    let shown = world.admin.get(&path).await.expect(200)["data"][0].clone();
    assert_eq!((&shown["id"], &shown["groups"]), (&made["id"], &json!(["staff"])));
    assert!(shown["last_login_at"].is_string(), "{shown}");
    let check = format!("/api/v2/access/check?permission=users:read&user_id={ana_id}");
    assert_eq!(world.admin.get(&check).await.expect(200)["allowed"], true);
    world.app.superuser.execute("delete from tenant_domains", &[]).await.unwrap();
    back_from(&world.app, &world.op, &world.idp, ana()).await.1.leads_to();
}

#[tokio::test]
async fn a_link_that_is_undone_takes_its_roles_and_ends_its_sessions_at_once_and_no_others() {
    let world = World::with(json!({ "default_role": "maintainer" })).await;
    let (id, path) = account(&world.admin, "ana@acme.com").await;
    let (_, other) = account(&world.admin, "bert@acme.com").await;
    let made = world.admin.post(&path, of(&world.idp, "ana-1")).await.expect(201);
    world.admin.post(&other, of(&world.idp, "bert-1")).await.expect(201);
    let (browser, _) = back_from(&world.app, &world.op, &world.idp, ana()).await;
    let bert = ana_but(json!({ "sub": "bert-1", "email": "bert@acme.com" }));
    let (bert, _) = back_from(&world.app, &world.op, &world.idp, bert).await;
    assert_eq!(browser.account().await.as_deref(), Some("ana@acme.com"));

    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    let wrong = format!("{other}/{}", made["id"].as_str().unwrap());
    world.admin.delete(&wrong).await.expect_problem(404, "not_found");
    world.admin.delete(&one).await.expect(204);
    world.admin.delete(&one).await.expect_problem(404, "not_found");
    assert_eq!(browser.account().await, None, "the session has ended");
    assert_eq!(bert.account().await.as_deref(), Some("bert@acme.com"));
    let check = format!("/api/v2/access/check?permission=users:read&user_id={id}");
    assert_eq!(world.admin.get(&check).await.expect(200)["allowed"], false);
    let told = "select metadata->'sessions_ended' from audit_logs where action = 'identity.unlinked'";
    let told: Value = world.app.superuser.query_one(told, &[]).await.unwrap().get(0);
    assert_eq!(told, json!(1));
    back_from(&world.app, &world.op, &world.idp, ana()).await.1.is_refused();
    assert_eq!(world.reason().await, "account_exists");
}

#[tokio::test]
async fn a_provider_means_one_person_by_a_subject_and_each_by_one_subject() {
    let world = World::with(json!({})).await;
    let second = set_up(&world.admin, &Op::start(), json!({ "name": "Second" })).await;
    let (_, ana) = account(&world.admin, "ana@acme.com").await;
    let (_, bert) = account(&world.admin, "bert@acme.com").await;
    world.admin.post(&ana, of(&world.idp, "ana-1")).await.expect(201);
    for (path, subject, pointer) in [(&bert, "ana-1", "/subject"), (&ana, "ana-2", "/identity_provider_id")] {
        let refused = world.admin.post(path, of(&world.idp, subject)).await;
        let problem = refused.expect_problem(409, "already_exists");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    // To the letter, and for each provider by itself.
    world.admin.post(&bert, of(&world.idp, "ANA-1")).await.expect(201);
    world.admin.post(&ana, of(&second, "ana-1")).await.expect(201);
    for subject in [String::new(), "ä".repeat(128)] {
        let refused = world.admin.post(&bert, of(&second, &subject)).await;
        refused.expect_problem(400, "validation_failed");
    }
    world.admin.post(&bert, of(&second, &"x".repeat(255))).await.expect(201);

    let of_idp = |filter: &str| format!("/api/v2/identity-providers/{}/identities{filter}", world.idp);
    let found =
        world.admin.get(&of_idp("?filter=subject%20eq%20%22ana-1%22&include_total=true")).await.expect(200);
    assert_eq!((&found["total"], &found["data"][0]["subject"]), (&json!(1), &json!("ana-1")));
    assert_eq!(world.admin.get(&of_idp("")).await.expect(200)["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn s_28_nobody_is_linked_to_a_provider_of_another_tenant() {
    let world = World::with(json!({})).await;
    let globex = world.app.other_tenant().await;
    let foreign = set_up(&globex, &world.op, json!({})).await;
    let (_, path) = account(&world.admin, "ana@acme.com").await;
    world.admin.post(&path, of(&foreign, "ana-1")).await.expect_problem(404, "not_found");
    globex.post(&path, of(&foreign, "ana-1")).await.expect_problem(404, "not_found");
    globex.get(&path).await.expect_problem(404, "not_found");
    assert_eq!(world.counts().await.1, 0);
}

#[tokio::test]
async fn o_17_nobody_links_or_unlinks_an_account_of_more_rights_than_their_own() {
    let world = World::with(json!({})).await;
    let limited = world.app.member_with::<markers::IdpsWrite>().await;
    let (_, ana) = account(&world.admin, "ana@acme.com").await;
    let boss = json!({ "email": "root@acme.com", "full_name": "Root", "tenant_role": "admin" });
    let boss = world.admin.post("/api/v2/users", boss).await.expect(201);
    let admin = format!("/api/v2/users/{}/identities", boss["id"].as_str().unwrap());
    limited.post(&admin, of(&world.idp, "mine")).await.expect_problem(403, "grant_exceeds_own");
    limited.post(&ana, of(&world.idp, "ana-1")).await.expect(201);
    let linked = world.admin.post(&admin, of(&world.idp, "root-1")).await.expect(201);
    let one = format!("{admin}/{}", linked["id"].as_str().unwrap());
    limited.delete(&one).await.expect_problem(403, "grant_exceeds_own");
    // What a provider gives is given by who links to it (D-05).
    let path = format!("/api/v2/identity-providers/{}", world.idp);
    world.admin.patch(&path, json!({ "default_role": "maintainer" })).await.expect(200);
    let (_, bert) = account(&world.admin, "bert@acme.com").await;
    limited.post(&bert, of(&world.idp, "bert-1")).await.expect_problem(403, "grant_exceeds_own");
    let reader = world.app.member_with::<markers::IdpsRead>().await;
    assert_eq!(reader.get(&ana).await.expect(200)["data"].as_array().unwrap().len(), 1);
    reader.post(&bert, of(&world.idp, "bert-1")).await.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn of_many_who_link_the_same_subject_at_once_one_does() {
    let world = World::with(json!({})).await;
    let node = world.app.another_node().await;
    let mut paths = Vec::new();
    for place in 0..10 {
        paths.push(account(&world.admin, &format!("u{place}@acme.com")).await.1);
    }
    let there = node.called_by(&world.admin);
    let tries = paths.iter().enumerate().map(|(place, path)| {
        let (admin, body) = (if place % 2 == 0 { &world.admin } else { &there }, of(&world.idp, "ana-1"));
        async move { admin.post(path, body).await.status }
    });
    let mut statuses = futures_util::future::join_all(tries).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![201], vec![409; 9]].concat());
    assert_eq!(world.counts().await.1, 1);
}

#[tokio::test]
async fn the_groups_of_a_person_are_shown_with_who_says_so() {
    let rule = json!([{ "if": "email pr", "then": { "groups": ["Staff", "{teams}"] } }]);
    let mapping = json!([{ "attribute": "teams", "claim": "teams" }]);
    let world =
        World::with(json!({ "conflicts": "link", "role_rules": rule, "attribute_mappings": mapping })).await;
    let (directory, scim) = world.app.directory().await;
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ana@acme.com", "active": true,
        "emails": [{ "value": "ana@acme.com", "primary": true }],
    });
    let user = scim.post("/scim/v2/Users", user).await.expect(201)["id"].as_str().unwrap().to_owned();
    let group = async |name: &str, member: &str| {
        let group = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name,
            "members": [{ "value": member }],
        });
        scim.post("/scim/v2/Groups", group).await.expect(201)["id"].as_str().unwrap().to_owned()
    };
    let staff = group("STAFF", &user).await;
    let all = group("Everybody", &staff).await;
    let path = format!("/api/v2/users/{user}/groups");
    let by_directory = |id: &str, is_direct: bool| json!({ "kind": "directory", "directory_id": directory, "group_id": id, "is_direct": is_direct });
    let only_directory = json!([
        { "name": "Everybody", "sources": [by_directory(&all, false)] },
        { "name": "STAFF", "sources": [by_directory(&staff, true)] },
    ]);
    assert_eq!(world.admin.get(&path).await.expect(200)["data"], only_directory);

    let said = ana_but(json!({ "teams": ["lab"] }));
    back_from(&world.app, &world.op, &world.idp, said).await.1.leads_to();
    let by_idp = json!({ "kind": "identity_provider", "identity_provider_id": world.idp });
    let reader = world.app.member(world.app.acme.id, Some(elder_access::Role::Reader)).await;
    let both = json!([
        { "name": "Everybody", "sources": [by_directory(&all, false)] },
        { "name": "lab", "sources": [by_idp] },
        { "name": "STAFF", "sources": [by_directory(&staff, true), by_idp] },
    ]);
    assert_eq!(reader.get(&path).await.expect(200)["data"], both);
    let filtered = reader.get(&format!("{path}?filter=name%20eq%20%22staff%22")).await.expect(200);
    assert_eq!(filtered["data"], json!([both[2]]));
    let of_idp = format!("/api/v2/identity-providers/{}/identities?filter=group%20eq%20%22lab%22", world.idp);
    assert_eq!(world.admin.get(&of_idp).await.expect(200)["data"][0]["user_id"], json!(user));
    let none = format!("/api/v2/identity-providers/{}/identities?filter=group%20eq%20%22labs%22", world.idp);
    assert_eq!(world.admin.get(&none).await.expect(200)["data"], json!([]));

    // A provider that is not active gives nothing (P-29).
    let provider = format!("/api/v2/identity-providers/{}", world.idp);
    world.admin.patch(&provider, json!({ "is_active": false })).await.expect(200);
    assert_eq!(world.admin.get(&path).await.expect(200)["data"], only_directory);
}

#[tokio::test]
async fn o_17_nobody_puts_keys_of_their_own_in_the_place_of_a_provider_that_knows_somebody() {
    let world = saml::World::with(json!({})).await;
    let limited = world.app.member_with::<markers::IdpsWrite>().await;
    let path = format!("/api/v2/identity-providers/{}", world.set_up["id"].as_str().unwrap());
    let own = world.idp.with_another_key();
    let keys = json!({ "certificates": [own.certificate] });
    // It knows nobody whom its keys could name.
    limited.patch(&path, keys.clone()).await.expect(200);
    limited.patch(&path, json!({ "certificates": [world.idp.certificate] })).await.expect(200);
    world.sign_in(&ANA).await;
    for change in [
        keys.clone(),
        json!({ "metadata_xml": own.metadata() }),
        json!({ "entity_id": "https://mine.example" }),
    ] {
        limited.patch(&path, change).await.expect_problem(403, "grant_exceeds_own");
    }
    limited.patch(&path, json!({ "name": "Renamed" })).await.expect(200);
    world.sign_in(&ANA).await;
    world.admin.patch(&path, keys).await.expect(200);
}
