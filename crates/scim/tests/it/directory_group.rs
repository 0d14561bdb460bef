//! The groups that a directory has pushed and who is in them, as admins see them.

use elder_access::markers;
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

async fn pushed_user(scim: &Actor, email: &str, name: &str) -> String {
    let user = json!({
        "schemas": [USER], "userName": email, "displayName": name, "active": true,
        "emails": [{ "value": email, "primary": true }],
    });
    text(&scim.post("/scim/v2/Users", user).await.expect(201)["id"])
}

async fn pushed_group(scim: &Actor, name: &str, members: &[&str]) -> String {
    let members: Vec<_> = members.iter().map(|id| json!({ "value": id })).collect();
    let group = json!({ "schemas": [GROUP], "displayName": name, "externalId": format!("x-{name}"), "members": members });
    text(&scim.post("/scim/v2/Groups", group).await.expect(201)["id"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// One field of each of a list.
fn each(page: &Value, field: &str) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(|one| text(&one[field])).collect()
}

#[tokio::test]
async fn admins_see_the_groups_of_a_directory_and_who_is_in_them() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (directory, scim) = app.directory().await;
    let ana = pushed_user(&scim, "ana@acme.com", "Ana").await;
    let bert = pushed_user(&scim, "bert@acme.com", "Bert").await;
    let staff = pushed_group(&scim, "Staff", &[&ana, &bert]).await;
    let all = pushed_group(&scim, "Everybody", &[&staff]).await;
    let groups = format!("/api/v2/directories/{directory}/groups");

    let listed = admin.get(&format!("{groups}?sort=name")).await.expect(200);
    assert_eq!(each(&listed, "name"), ["Everybody", "Staff"]);
    let shown = &listed["data"][1];
    assert_eq!(
        (&shown["id"], &shown["directory_id"], &shown["external_id"]),
        (&json!(staff), &json!(directory), &json!("x-Staff"))
    );
    let found = admin.get(&format!("{groups}?filter=name%20eq%20%22STAFF%22")).await.expect(200);
    assert_eq!(each(&found, "id"), std::slice::from_ref(&staff));
    let within = admin.get(&format!("{groups}?filter=member_of%20eq%20%22{all}%22")).await.expect(200);
    assert_eq!(each(&within, "id"), std::slice::from_ref(&staff), "the groups that are in a group");

    // A page at a time, in an order that does not change.
    let members = format!("{groups}/{staff}/members");
    let first = admin.get(&format!("{members}?limit=1")).await.expect(200);
    let next = text(&first["next_cursor"]);
    let second = admin.get(&format!("{members}?limit=1&cursor={next}")).await.expect(200);
    let (mut seen, mut expected) =
        ([each(&first, "user_id"), each(&second, "user_id")].concat(), [ana.clone(), bert]);
    seen.sort_unstable();
    expected.sort_unstable();
    assert_eq!((seen, &second["next_cursor"]), (expected.to_vec(), &Value::Null));
    let one = admin.get(&format!("{members}?filter=email%20eq%20%22ANA@acme.com%22")).await.expect(200);
    let shown = json!({ "user_id": ana, "email": "ana@acme.com", "name": "Ana", "is_active": true });
    assert_eq!(one["data"], json!([shown]));
    // A group that is a member is no person.
    assert_eq!(admin.get(&format!("{groups}/{all}/members")).await.expect(200)["data"], json!([]));
    scim.delete(&format!("/scim/v2/Users/{ana}")).await.expect(204);
    assert_eq!(admin.get(&members).await.expect(200)["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn groups_are_seen_by_right_and_within_their_directory_and_tenant() {
    let app = TestApp::start().await;
    let (directory, scim) = app.directory().await;
    let (other, _) = app.directory_of(app.acme.id, "okta").await;
    let staff = pushed_group(&scim, "Staff", &[]).await;
    let groups = |directory: &str| format!("/api/v2/directories/{directory}/groups");
    let members = |directory: &str| format!("{}/{staff}/members", groups(directory));
    let (directory, other) = (directory.to_string(), other.to_string());
    let reader = app.member_with::<markers::DirectoriesRead>().await;
    assert_eq!(reader.get(&groups(&directory)).await.expect(200)["data"].as_array().unwrap().len(), 1);
    // Who is in them, whoever may see people sees.
    reader.get(&members(&directory)).await.expect_problem(403, "permission_denied");
    let people = app.member_with::<markers::UsersRead>().await;
    assert_eq!(people.get(&members(&directory)).await.expect(200)["data"], json!([]));
    people.get(&groups(&directory)).await.expect_problem(403, "permission_denied");

    let admin = app.tenant_admin().await;
    assert_eq!(admin.get(&groups(&other)).await.expect(200)["data"], json!([]));
    admin.get(&members(&other)).await.expect_problem(404, "not_found");
    let globex = app.other_tenant().await;
    globex.get(&groups(&directory)).await.expect_problem(404, "not_found");
    globex.get(&members(&directory)).await.expect_problem(404, "not_found");
}
