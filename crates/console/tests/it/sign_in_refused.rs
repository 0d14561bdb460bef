//! Sign-ins that fail, and what the page says of them.

use elder_testkit::{Options, PASSWORD, TestApp, quotas};
use serde_json::json;

use crate::browser::{Browser, Got, person};

async fn attempt(browser: &Browser, email: &str, password: &str) -> Got {
    browser.get("/sign-in").await.expect(200);
    browser.submit("/sign-in", &[("email", email), ("password", password)]).await
}

#[tokio::test]
async fn p_09_whatever_is_wrong_the_pages_say_the_same() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    person(&admin, "ana@example.com").await;
    let gone = person(&admin, "bob@example.com").await;
    admin.post(&format!("/api/v2/users/{gone}/deactivate"), json!({})).await.expect(200);
    let browser = Browser::open(&app);
    let mut answers = Vec::new();
    for (email, password) in [
        ("ana@example.com", "another password"),
        ("bob@example.com", PASSWORD),
        ("eve@example.com", PASSWORD),
        ("xxx@example.com", ""),
    ] {
        let asked = browser.get("/sign-in").await.expect(200);
        assert_eq!(asked.status, 200);
        let address = browser.submit("/sign-in", &[("email", email)]).await.expect(200);
        let answer = if password.is_empty() {
            attempt(&browser, email, "wrong").await
        } else {
            attempt(&browser, email, password).await
        };
        let answer = answer.expect(403).says("E-mail address and password do not fit");
        assert!(!answer.text.contains(PASSWORD));
        answers.push((address.text.replace(email, "(e)"), answer.text.replace(email, "(e)")));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
}

#[tokio::test]
async fn of_several_tenants_one_is_chosen() {
    let app = TestApp::start().await;
    person(&app.tenant_admin().await, "ana@example.com").await;
    person(&app.other_tenant().await, "ana@example.com").await;
    let browser = Browser::open(&app);
    let choice = attempt(&browser, "ana@example.com", PASSWORD).await.expect(409);
    let globex = format!("value=\"{}\"", app.globex.id);
    let choice = choice.says("<legend>").says(&globex).says("type=\"radio\"");
    assert!(!choice.text.contains(PASSWORD));
    let tenant = app.globex.id.to_string();
    let fields = [("email", "ana@example.com"), ("password", PASSWORD), ("tenant", tenant.as_str())];
    assert_eq!(browser.submit("/sign-in", &fields).await.leads_to(), "/account");
    browser.get("/account").await.expect(200).says("<dd>globex</dd>");

    // Who comes for a tenant signs in to that one, whatever the form says.
    let other = Browser::open(&app);
    let path = format!("/sign-in?tenant={}", app.acme.slug);
    other.get(&path).await.expect(200);
    other.submit(&path, &fields).await.leads_to();
    other.get("/account").await.expect(200).says("<dd>acme</dd>");
}

#[tokio::test]
async fn a_password_that_is_too_old_is_replaced_on_the_way_in() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    person(&admin, "ana@example.com").await;
    let rule = json!({ "settings": { "password": { "max_age_days": 1 } } });
    admin.patch("/api/v2/tenant", rule).await.expect(200);
    app.superuser.execute("update portal_users set password_changed_at = null", &[]).await.unwrap();
    let browser = Browser::open(&app);
    attempt(&browser, "ana@example.com", PASSWORD).await.expect(403).says("id=\"new_password\"");
    let with =
        |new: &'static str| [("email", "ana@example.com"), ("password", PASSWORD), ("new_password", new)];
    let weak = browser.submit("/sign-in", &with("short-271828")).await.expect(400);
    let weak = weak.says("A password has at least 15 characters.");
    assert!(!weak.text.contains("271828"));
    assert_eq!(
        browser.submit("/sign-in", &with("gravel-otter-quantum-seventeen")).await.leads_to(),
        "/account"
    );
    browser.get("/account").await.expect(200);
}

#[tokio::test]
async fn the_page_speaks_the_language_of_the_browser() {
    let app = TestApp::start().await;
    let browser = Browser::at(&app.base, "de-AT,en;q=0.5");
    browser.get("/sign-in").await.expect(200).says("<html lang=\"de\">").says("Anmelden");
    attempt(&browser, "ana@example.com", "wrong")
        .await
        .expect(403)
        .says("E-Mail-Adresse und Passwort passen nicht");
}

#[tokio::test]
async fn the_page_has_the_looks_of_the_tenant_that_it_is_for() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let branding = json!({ "display_name": "Acme <b>&", "color": "#FFD500", "locale": "de",
        "logo_url": "https://cdn.acme.example/logo.svg?v=1" });
    admin.patch("/api/v2/tenant", json!({ "settings": { "branding": branding } })).await.expect(200);
    let browser = Browser::at(&app.base, "fr");
    let page = browser.get("/sign-in?tenant=acme").await.expect(200).says("<html lang=\"de\">");
    let page = page.says("Acme &#60;b&#62;&#38;").says("/assets/brand-ffd500.css");
    assert!(page.header("content-security-policy").contains("img-src 'self' https://cdn.acme.example;"));
    browser.get("/assets/brand-ffd500.css").await.expect(200).says("--on-accent: #000000");
    browser.get("/register?tenant=acme").await.expect(200).says("/assets/brand-ffd500.css");
    browser.get("/register?tenant=nobody").await.expect(200).says("<p class=\"brand\">Elder</p>");
    let unknown =
        browser.get("/sign-in?tenant=nobody").await.expect(200).says("<p class=\"brand\">Elder</p>");
    assert!(unknown.header("content-security-policy").contains("img-src 'self';"));
}

#[tokio::test]
async fn who_asks_too_often_gets_a_page_that_says_how_long_to_wait() {
    let app = TestApp::start_with(Options { quotas: Some(quotas(3)), ..Options::default() }).await;
    let browser = Browser::open(&app);
    browser.get("/sign-in").await.expect(200);
    let mut last = browser.submit("/sign-in", &[("email", "ana@example.com")]).await;
    for _ in 0..4 {
        last = browser.submit("/sign-in", &[("email", "ana@example.com")]).await;
    }
    let page = last.expect(429).says("Too many requests");
    assert!(!page.header("retry-after").is_empty());
}

#[tokio::test]
async fn during_maintenance_operators_alone_get_in() {
    let app = TestApp::start().await;
    person(&app.tenant_admin().await, "ana@example.com").await;
    let browser = Browser::open(&app);
    browser.sign_in("ana@example.com").await;
    let closed = json!({ "maintenance": { "message": "Back at noon.", "retry_after_seconds": 60 } });
    app.operator().await.patch("/api/v2/global/settings", closed).await.expect(200);
    browser.get("/account").await.expect(503).says("Back at noon.");
    browser.get("/sign-in").await.expect(200);
    attempt(&browser, "ana@example.com", PASSWORD).await.expect(503).says("Back at noon.");
}
