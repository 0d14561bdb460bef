//! Lists of users: filter, order, fields, total, and pages that neither repeat nor lose anyone.

use std::collections::{BTreeMap, BTreeSet};

use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

const USERS: &str = "/api/v2/users";

async fn add(admin: &Actor, name: &str) -> String {
    let new = json!({ "email": format!("{name}@acme.com"), "full_name": name });
    admin.post(USERS, new).await.expect(201)["id"].as_str().unwrap().to_owned()
}

fn column(page: &Value, name: &str) -> Vec<String> {
    let users = page["data"].as_array().unwrap();
    users.iter().map(|user| user[name].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn users_are_filtered_sorted_counted_and_thinned() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for name in ["carol", "Bob", "alice", "bea"] {
        add(&admin, name).await;
    }
    let filter = "filter=email+ew+%22@acme.com%22+and+not+(full_name+sw+%22CAR%22)";
    let page = admin.get(&format!("{USERS}?{filter}&sort=-full_name&include_total=true&limit=2")).await;
    let page = page.expect(200);
    assert_eq!((column(&page, "full_name"), &page["total"]), (vec!["Bob".into(), "bea".into()], &json!(3)));
    let page =
        admin.get(&format!("{USERS}?{filter}&sort=full_name&fields=email,created_at")).await.expect(200);
    assert_eq!(page.get("total"), None);
    let names: Vec<_> = page["data"][0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["created_at", "email", "id"]);
    assert_eq!(column(&page, "email"), ["alice@acme.com", "bea@acme.com", "Bob@acme.com"]);
}

#[tokio::test]
async fn the_link_header_leads_to_the_next_page_with_everything_else_as_it_was() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for name in ["a", "b", "c"] {
        add(&admin, name).await;
    }
    let answer =
        admin.get(&format!("{USERS}?filter=email+ew+%22@acme.com%22&sort=email&limit=2&fields=email")).await;
    let link = answer.header("link");
    let next = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned();
    let page = admin.get(&next).await;
    assert_eq!(page.header("link"), "");
    let page = page.expect(200);
    assert_eq!((column(&page, "email"), &page["next_cursor"]), (vec!["c@acme.com".into()], &Value::Null));
}

#[tokio::test]
async fn what_cannot_be_asked_of_a_list_is_refused_with_what_can() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    admin.get(&format!("{USERS}?filter=is_active+eq+true&sort=email&limit=200")).await.expect(200);
    for (query, code, words) in [
        ("filter=password_hash+pr", "invalid_filter", "at byte 0"),
        ("filter=email+eq", "invalid_filter", "byte 8"),
        ("filter=is_active+eq+%22yes%22", "invalid_filter", "true or false"),
        ("sort=password_hash", "invalid_parameter", "sorted by"),
        ("sort=email,-email", "invalid_parameter", "twice"),
        ("fields=password_hash", "invalid_parameter", "has no `password_hash`"),
        ("limit=0", "invalid_parameter", "1 to 200"),
        ("limit=10&limit=20", "invalid_parameter", "given twice"),
        ("include_total=maybe", "invalid_parameter", "include_total"),
        ("offset=3", "invalid_parameter", "unknown field"),
        ("filter=%00", "invalid_parameter", "U+0000"),
    ] {
        let problem = admin.get(&format!("{USERS}?{query}")).await.expect_problem(400, code);
        assert!(problem["detail"].as_str().unwrap().contains(words), "{query}: {problem}");
    }
}

#[tokio::test]
async fn w_10_a_cursor_that_was_altered_or_moved_is_refused() {
    let app = TestApp::start().await;
    let (admin, other) = (app.tenant_admin().await, app.other_tenant().await);
    for name in ["a", "b", "c"] {
        add(&admin, name).await;
    }
    let list = format!("{USERS}?sort=email&limit=1");
    let page = admin.get(&list).await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    admin.get(&format!("{list}&cursor={cursor}&fields=email")).await.expect(200);
    let mut flipped = cursor.to_owned().into_bytes();
    flipped[10] = if flipped[10] == b'A' { b'B' } else { b'A' };
    let flipped = String::from_utf8(flipped).unwrap();
    for (path, cursor) in [
        (list.as_str(), flipped.as_str()),
        (&list, "%27+or+1=1+--"),
        (&list, ""),
        ("/api/v2/users?sort=-email&limit=1", cursor),
        ("/api/v2/users?limit=1", cursor),
        ("/api/v2/users?sort=email&filter=is_active+eq+true", cursor),
        ("/api/v2/organizations?sort=name", cursor),
    ] {
        admin.get(&format!("{path}&cursor={cursor}")).await.expect_problem(400, "invalid_cursor");
    }
    other.get(&format!("{list}&cursor={cursor}")).await.expect_problem(400, "invalid_cursor");
}

#[tokio::test]
async fn w_11_pages_show_everyone_who_stayed_once_while_others_come_and_go() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let mut present = BTreeMap::new();
    for number in 0..24 {
        let name = format!("p{:02}", number * 2);
        present.insert(name.clone(), add(&admin, &name).await);
    }
    for sort in ["email", "-email", "-created_at,email", "id"] {
        let stayed: BTreeSet<String> = present.values().cloned().collect();
        let mut gone = BTreeSet::new();
        let mut seen = Vec::new();
        let first = format!("{USERS}?filter=email+sw+%22p%22&sort={sort}&limit=5");
        let mut path = first.clone();
        for turn in 0_usize.. {
            let page = admin.get(&path).await.expect(200);
            seen.extend(column(&page, "id"));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("{first}&cursor={cursor}");
            // Somebody goes and somebody comes, before and behind the place of the list.
            let (name, id) = present.iter().nth((turn * 7) % present.len()).unwrap();
            let (name, id) = (name.clone(), id.clone());
            admin.delete(&format!("{USERS}/{id}")).await.expect(204);
            present.remove(&name);
            gone.insert(id);
            let name = format!("p{:02}{}", (turn * 11) % 48, sort.len());
            present.insert(name.clone(), add(&admin, &name).await);
        }
        let once: BTreeSet<_> = seen.iter().cloned().collect();
        assert_eq!(once.len(), seen.len(), "{sort}: somebody came twice");
        let lost: Vec<_> = stayed.difference(&gone).filter(|id| !once.contains(*id)).collect();
        assert!(lost.is_empty(), "{sort}: {lost:?}");
    }
}

#[tokio::test]
async fn who_never_signed_in_comes_last_whichever_way_the_list_goes() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let mut expected = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        let id = add(&admin, name).await;
        let day = format!("2026-11-{:02}T00:00:00Z", 20 - expected.len());
        if expected.len() < 3 {
            let seen =
                "update portal_users set last_login_at = $2::text::timestamptz where email_folded = $1";
            app.superuser.execute(seen, &[&format!("{name}@acme.com"), &day]).await.unwrap();
        }
        expected.push(id);
    }
    let others = "update portal_users set last_login_at = null where email_folded not like '_@acme.com'";
    app.superuser.execute(others, &[]).await.unwrap();
    let pages = async |sort: &str| {
        let list = format!("{USERS}?filter=email+ew+%22@acme.com%22&sort={sort}&limit=1");
        let (mut names, mut next) = (Vec::new(), Some(list.clone()));
        while let Some(path) = next {
            let page = admin.get(&path).await.expect(200);
            names.extend(column(&page, "full_name"));
            next = page["next_cursor"].as_str().map(|cursor| format!("{list}&cursor={cursor}"));
        }
        names.concat()
    };
    assert_eq!(pages("-last_login_at,email").await, "abcde");
    assert_eq!(pages("last_login_at,-email").await, "cbaed");
    assert!(pages("-last_login_at").await.starts_with("abc"));
    assert!(pages("last_login_at").await.starts_with("cba"));
}
