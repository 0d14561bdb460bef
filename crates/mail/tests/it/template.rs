//! `/api/v2/mail-templates`.

use elder_access::{Role, markers};
use elder_mail::{Content, MailKind};
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

use crate::wire::about;

const PATH: &str = "/api/v2/mail-templates/invitation/fr";

fn words() -> Value {
    json!({
        "subject": "{{ inviter }} vous invite",
        "text": "Venez chez {{ brand.name }} : {{ link }}",
        "html": "<p>Venez : <a href=\"{{ link }}\">accepter</a></p>",
    })
}

async fn subject(app: &TestApp, admin: &Actor, locale: Option<&str>) -> String {
    let id = about(app, app.acme.id, &Content::example(MailKind::Invitation), locale).await;
    let mail = admin.get(&format!("/api/v2/mails/{id}")).await.expect(200);
    mail["subject"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_kind_is_there_in_english_and_german() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let page = admin.get("/api/v2/mail-templates?include_total=true").await.expect(200);
    assert_eq!(page["total"], 2 * MailKind::ALL.len());
    let german = admin.get("/api/v2/mail-templates?filter=locale%20eq%20%22de%22").await.expect(200);
    assert_eq!(german["data"].as_array().unwrap().len(), MailKind::ALL.len());
    let one = admin.get("/api/v2/mail-templates/password_reset/de").await.expect(200);
    assert_eq!((&one["is_built_in"], &one["version"]), (&json!(true), &json!(0)));
    assert!(one["html"].as_str().unwrap().starts_with("<!doctype html>"), "{one}");
    admin.get(PATH).await.expect_problem(404, "not_found");
    admin.get("/api/v2/mail-templates/greeting/en").await.expect_problem(400, "invalid_id");
    admin.get("/api/v2/mail-templates/invitation/d_e").await.expect_problem(400, "invalid_id");
}

#[tokio::test]
async fn a_tenant_says_it_in_its_own_words_and_takes_them_back() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let set = admin.put(PATH, words()).await.expect(200);
    assert_eq!((&set["is_built_in"], &set["version"]), (&json!(false), &json!(1)));
    assert_eq!(admin.get(PATH).await.expect(200), set);
    assert_eq!(admin.put(PATH, words()).await.expect(200), set, "the same words are no change");
    assert_eq!(app.audit_count("mail_template.set").await, 1);
    assert_eq!(subject(&app, &admin, Some("fr-CA")).await, "Grace Hopper vous invite");
    let of_globex = about(&app, app.globex.id, &Content::example(MailKind::Invitation), Some("fr")).await;
    let mail = app.other_tenant().await.get(&format!("/api/v2/mails/{of_globex}")).await.expect(200);
    assert_eq!(mail["locale"], "en", "another tenant has not these words");
    admin.delete(PATH).await.expect(204);
    admin.delete(PATH).await.expect_problem(404, "not_found");
    assert_eq!(app.audit_count("mail_template.deleted").await, 1);
    assert_eq!(subject(&app, &admin, Some("fr-CA")).await, "Grace Hopper invites you to acme");
}

#[tokio::test]
async fn the_nearest_language_is_taken() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    assert_eq!(subject(&app, &admin, None).await, "Grace Hopper invites you to acme");
    assert_eq!(subject(&app, &admin, Some("DE-at")).await, "Grace Hopper lädt Sie zu acme ein");
    let german = json!({ "settings": { "branding": { "locale": "de-CH", "display_name": "Acme GmbH" } } });
    admin.patch("/api/v2/tenant", german).await.expect(200);
    assert_eq!(subject(&app, &admin, None).await, "Grace Hopper lädt Sie zu Acme GmbH ein");
    assert_eq!(subject(&app, &admin, Some("pt")).await, "Grace Hopper lädt Sie zu Acme GmbH ein");
    assert_eq!(subject(&app, &admin, Some("en-GB")).await, "Grace Hopper invites you to Acme GmbH");
}

#[tokio::test]
async fn a_template_that_cannot_be_used_is_refused_with_its_line() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for (field, bad, words_of_it) in [
        ("subject", json!("{{ nobody }}"), "does not have"),
        ("subject", json!("two\nlines"), "one line"),
        ("text", json!("a\nb {{ link "), "line 2"),
        ("text", json!("no link at all"), "link"),
        ("html", json!("<p>\n{% set a = 'x' %}</p>"), "line 2"),
        ("html", json!("{{ link ~ link }}"), "`~`"),
        ("html", json!("{{ link }}{% include 'x' %}"), "`include`"),
        ("html", json!("{{ link|safe }}"), "filter"),
        ("html", json!(""), "length"),
        ("text", json!("x".repeat(20_001)), "length"),
    ] {
        let mut template = words();
        template[field] = bad;
        let problem = admin.put(PATH, template.clone()).await.expect_problem(400, "validation_failed");
        let fault = &problem["errors"][0];
        assert_eq!(fault["pointer"], format!("/{field}"), "{problem}");
        assert!(fault["detail"].as_str().unwrap().contains(words_of_it), "{problem}");
        let previewed = admin.post(&format!("{PATH}/preview"), template).await;
        previewed.expect_problem(400, "validation_failed");
    }
    admin.get(PATH).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_preview_shows_a_draft_with_example_values_and_stores_nothing() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let branding = json!({ "settings": { "branding": { "display_name": "A & B", "color": "#ffd500" } } });
    admin.patch("/api/v2/tenant", branding).await.expect(200);
    let path = "/api/v2/mail-templates/invitation/de/preview";
    let stored = admin.post(path, json!({})).await.expect(200);
    assert_eq!(stored["subject"], "Grace Hopper lädt Sie zu A & B ein");
    let html = stored["html"].as_str().unwrap();
    assert!(html.contains("A &amp; B") && html.contains("background:#ffd500;color:#000000"), "{html}");
    let draft = admin.post(path, json!({ "subject": "Hallo {{ recipient }}" })).await.expect(200);
    assert_eq!((&draft["subject"], &draft["text"]), (&json!("Hallo ada@example.com"), &stored["text"]));
    assert_eq!(admin.post(path, json!({})).await.expect(200), stored);
    let new = admin.post(&format!("{PATH}/preview"), words()).await.expect(200);
    assert_eq!(new["subject"], "Grace Hopper vous invite");
    admin.get(PATH).await.expect_problem(404, "not_found");
    for color in ["red", "#fff", "#12345g", "url(x)"] {
        let patch = json!({ "settings": { "branding": { "color": color } } });
        admin.patch("/api/v2/tenant", patch).await.expect_problem(400, "validation_failed");
    }
}

#[tokio::test]
async fn a_stored_template_that_fails_is_passed_over_for_the_built_in_words() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let broken =
        "insert into mail_templates (tenant_id, kind, locale, subject, text, html, created_at, updated_at)
        values ($1, 'invitation', 'de', '{{ gone }}', '{{ gone }}', '{{ gone }}', now(), now())";
    app.superuser.execute(broken, &[&app.acme.id.0]).await.unwrap();
    assert_eq!(subject(&app, &admin, Some("de")).await, "Grace Hopper lädt Sie zu acme ein");
}

#[tokio::test]
async fn only_who_may_change_templates_does() {
    let app = TestApp::start().await;
    let maintainer = app.member(app.acme.id, Some(Role::Maintainer)).await;
    maintainer.get("/api/v2/mail-templates").await.expect_problem(403, "permission_denied");
    let reader = app.member_with::<markers::MailsRead>().await;
    reader.get("/api/v2/mail-templates/invitation/en").await.expect(200);
    reader.put(PATH, words()).await.expect_problem(403, "permission_denied");
    reader.delete(PATH).await.expect_problem(403, "permission_denied");
    let admin = app.tenant_admin().await;
    admin.put(PATH, words()).await.expect(200);
    let stranger = app.other_tenant().await;
    stranger.get(PATH).await.expect_problem(404, "not_found");
    stranger.delete(PATH).await.expect_problem(404, "not_found");
    let stale = admin.with_header("if-match", "\"another\"");
    stale
        .put(PATH, json!({ "subject": "s", "text": "{{ link }}", "html": "{{ link }}" }))
        .await
        .expect_problem(412, "version_mismatch");
    admin.get(PATH).await.expect(200);
}
