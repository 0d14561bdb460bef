//! What each kind of report tells of, and of whom.

use chrono::Duration;
use elder_kernel::{Id, User};
use elder_testkit::TestApp;
use serde_json::{Value, json};

use crate::support::{actions, made};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

fn person<'a>(report: &'a Value, email: &str) -> &'a Value {
    let people = report["people"].as_array().unwrap();
    people.iter().find(|person| person["email"] == email).unwrap_or_else(|| panic!("{report}"))
}

#[tokio::test]
async fn user_access_says_who_has_what_from_whom_and_what_changed() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let ada = json!({ "email": "ada@acme.example", "full_name": "Ada" });
    let ada = admin.post("/api/v2/users", ada).await.expect(201)["id"].as_str().unwrap().to_owned();
    let member = format!("/api/v2/organizations/{}/members/{ada}", app.acme.child);
    admin.put(&member, json!({ "role": "maintainer" })).await;
    app.clock.advance(Duration::seconds(1));
    let report = made(&app, &admin, json!({ "kind": "user_access", "format": "json" })).await.body;
    let found = person(&report, "ada@acme.example");
    assert_eq!((&found["state"], &found["last_sign_in"]), (&json!("active"), &Value::Null));
    assert_eq!(found["roles"], json!(["maintainer in child (by a person)"]));
    assert!(actions(&report).contains(&"portal_user.created"), "{report}");
    assert!(actions(&report).contains(&"organization.member_assigned"), "{report}");
    // Whom the event is about is named by the address.
    let created =
        report["events"].as_array().unwrap().iter().find(|event| event["action"] == "portal_user.created");
    assert_eq!(created.unwrap()["subject"], "portal_user ada@acme.example");
    assert!(report["figures"]["Accounts"].as_u64().unwrap() >= 2);
}

#[tokio::test]
async fn user_access_names_what_is_in_force_and_where_it_comes_from() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let password = json!({ "email": "bob@acme.example", "password": "correct horse battery staple" });
    admin.post("/api/v2/users", password).await.expect(201);
    let (directory, provider) = app.directory().await;
    let mapping = json!({ "source": "group", "value": "Staff", "role": "reader" });
    admin.post(&format!("/api/v2/directories/{directory}/role-mappings"), mapping).await.expect(201);
    let pushed = json!({ "schemas": [USER], "userName": "ada@acme.example" });
    let pushed = provider.post("/scim/v2/Users", pushed).await.expect(201);
    let staff = json!({ "schemas": [GROUP], "displayName": "Staff", "members": [{ "value": pushed["id"] }] });
    provider.post("/scim/v2/Groups", staff).await.expect(201);
    let ada: Id<User> = pushed["id"].as_str().unwrap().parse().unwrap();
    // Of three keys one is revoked and one has ended; a factor that was begun and not proven is none.
    for statement in [
        "insert into mfa_factors (tenant_id, id, user_id, kind, name, sealed_secret, confirmed_at, created_at)
         select $1, gen_random_uuid(), $2, 'totp', 'begun', '', null, $3::timestamptz",
        "insert into mfa_factors (tenant_id, id, user_id, kind, name, credential, credential_id, confirmed_at, created_at)
         select $1, gen_random_uuid(), $2, 'webauthn', 'proven', '{}', '\\x01', $3, $3::timestamptz",
        "insert into api_keys (tenant_id, id, user_id, name, secret_hash, expires_at, revoked_at)
         select $1, gen_random_uuid(), $2, 'k', '', $3::timestamptz + days * interval '1 day', revoked
         from (values (30, null), (30, now()), (-1, null)) as keys (days, revoked)",
    ] {
        let now = app.seam.now();
        app.superuser.execute(statement, &[&app.acme.id.0, &ada.uuid(), &now]).await.unwrap();
    }
    let report = made(&app, &admin, json!({ "kind": "user_access", "format": "json" })).await.body;
    let found = person(&report, "ada@acme.example");
    assert_eq!(found["roles"], json!(["reader of the tenant (by a directory)"]));
    assert_eq!(found["sources"], json!([format!("the directory {directory}")]));
    assert_eq!((&found["factors"], &found["api_keys"]), (&json!(["webauthn"]), &json!(1)));
    let other = person(&report, "bob@acme.example");
    assert_eq!((&other["sources"], &other["factors"]), (&json!(["a password"]), &json!([])));
    assert_eq!((&other["roles"], &other["api_keys"]), (&json!([]), &json!(0)));
}

#[tokio::test]
async fn a_report_of_a_user_or_an_organization_has_nothing_of_others() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let made_user = async |name: &str| {
        let body = json!({ "email": format!("{name}@acme.example") });
        admin.post("/api/v2/users", body).await.expect(201)["id"].as_str().unwrap().to_owned()
    };
    let (ada, bob) = (made_user("ada").await, made_user("bob").await);
    for (organization, user) in [(app.acme.child, &ada), (app.acme.root, &bob)] {
        let path = format!("/api/v2/organizations/{organization}/members/{user}");
        admin.put(&path, json!({ "role": "reader" })).await;
    }
    let of = async |scope: Value| {
        let mut body = json!({ "kind": "user_access", "format": "json" });
        body.as_object_mut().unwrap().extend(scope.as_object().unwrap().clone());
        let report = made(&app, &admin, body).await;
        let emails: Vec<String> = report.body["people"]
            .as_array()
            .unwrap()
            .iter()
            .map(|person| person["email"].as_str().unwrap().to_owned())
            .collect();
        (emails, report.text)
    };
    let (emails, text) = of(json!({ "user_id": ada })).await;
    assert_eq!(emails, ["ada@acme.example"]);
    assert!(!text.contains(&bob), "{text}");
    let (emails, text) = of(json!({ "organization_id": app.acme.child })).await;
    assert_eq!(emails, ["ada@acme.example"]);
    assert!(!text.contains(&bob) && text.contains("portal_user.created"), "{text}");
    // Those below belong to it.
    let (mut emails, _) = of(json!({ "organization_id": app.acme.root })).await;
    emails.sort();
    assert_eq!(emails, ["ada@acme.example", "bob@acme.example"]);
}

#[tokio::test]
async fn failed_sign_ins_changes_of_rights_and_disclosures_are_each_in_the_report_of_their_kind() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let email = json!({ "email": "ada@acme.example" });
    let ada = admin.post("/api/v2/users", email).await.expect(201)["id"].as_str().unwrap().to_owned();
    let guess = json!({ "tenant": "acme", "email": "ada@acme.example", "password": "wrong wrong wrong" });
    app.guest().post("/api/v2/auth/login", guess).await;
    admin
        .put(&format!("/api/v2/organizations/{}/members/{ada}", app.acme.root), json!({ "role": "reader" }))
        .await;
    admin.post("/api/v2/audit/exports", json!({ "format": "csv" })).await.expect(201);
    let told = async |kind: &str| made(&app, &admin, json!({ "kind": kind, "format": "json" })).await.body;
    let failed = told("failed_authentication").await;
    assert_eq!(actions(&failed), ["session.refused"]);
    assert_eq!(actions(&told("permission_changes").await), ["organization.member_assigned"]);
    let reads = told("data_access").await;
    // The reports before this one were disclosures too.
    assert_eq!(actions(&reads)[0], "audit_export.created");
    assert!(
        actions(&reads).iter().all(|action| action.ends_with(".created") || action.ends_with(".downloaded"))
    );
    let admin_actions = told("admin_actions").await;
    assert!(!actions(&admin_actions).contains(&"session.refused"), "{admin_actions}");
}

#[tokio::test]
async fn integration_activity_says_which_there_are_and_what_was_done_to_them() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    admin.post("/api/v2/directories", json!({ "name": "Staff" })).await.expect(201);
    app.clock.advance(Duration::seconds(1));
    admin
        .post("/api/v2/audit/streams", json!({ "name": "Elsewhere", "target": { "kind": "file" } }))
        .await
        .expect(201);
    let report = made(&app, &admin, json!({ "kind": "integration_activity", "format": "json" })).await.body;
    let there: Vec<_> = report["integrations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| (found["kind"].as_str().unwrap(), found["name"].as_str().unwrap()))
        .collect();
    assert_eq!(there, [("audit stream", "Elsewhere"), ("directory", "Staff")]);
    assert_eq!(actions(&report), ["scim.directory.created", "audit_stream.created"]);
}
