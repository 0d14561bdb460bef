//! One's own account.

use elder_access::{Entitlements, GlobalRole, Role};
use elder_api_types::license::LicensePhase;
use elder_kernel::TenantId;
use elder_testkit::{PASSWORD, TestApp, licensed, mailed_token, mails};

use crate::browser::{Browser, ana, person};

#[tokio::test]
async fn name_and_language_are_changed_and_the_page_obeys() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    browser.get("/account").await.expect(200).says("<html lang=\"en\">");
    let profile = [("full_name", "Ana <Gruber>"), ("locale", "de")];
    let target = browser.submit("/account/profile", &profile).await.leads_to();
    let page = browser.get(&target).await.expect(200).says("Ihr Profil ist gespeichert.");
    let page = page.says("<html lang=\"de\">").says("value=\"Ana &#60;Gruber&#62;\"");
    assert!(page.text.contains("role=\"status\""));
    assert_eq!(app.audit_count("portal_user.updated").await, 1);

    let long = "x".repeat(201);
    let wrong = browser.submit("/account/profile", &[("full_name", &long), ("locale", "")]).await;
    wrong.expect(400).says("role=\"alert\"");
    assert_eq!(app.audit_count("portal_user.updated").await, 1);
    browser.submit("/account/profile", &[("full_name", "Ana"), ("locale", "")]).await.leads_to();
    browser.get("/account").await.expect(200).says("<html lang=\"en\">");
}

#[tokio::test]
async fn another_address_is_asked_for_with_the_password_and_both_mailboxes_agree() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    browser.get("/account").await.expect(200).says("not confirmed yet");
    let change =
        |email: &'static str, password: &'static str| [("email", email), ("current_password", password)];
    for (email, password, words) in [
        ("ana", PASSWORD, "This is no e-mail address."),
        ("ana@new.example", "another one", "This is not your current password."),
        ("ana@example.com", PASSWORD, "This is your address already."),
    ] {
        let page = browser.submit("/account/email", &change(email, password)).await;
        assert!(matches!(page.status, 400 | 409), "{}", page.text);
        let page = page.says(words).says("<details open>").says(&format!("value=\"{email}\""));
        assert!(!page.text.contains(password), "the page shows the password");
    }
    let target = browser.submit("/account/email", &change("ana@new.example", PASSWORD)).await.leads_to();
    browser.get(&target).await.expect(200).says("Two mails are on their way");
    for (address, words) in [
        ("ana@example.com", "The change takes effect when the link in the other mail"),
        ("ana@new.example", "Your account has the new address now."),
    ] {
        let token = mailed_token(&app, address).await;
        browser.get(&format!("/email-change?token={token}")).await.expect(200);
        browser.submit("/email-change", &[("token", &token)]).await.expect(200).says(words);
    }
    let page = browser.get("/account").await.expect(200).says("ana@new.example");
    assert!(!page.text.contains("not confirmed yet"));
}

#[tokio::test]
async fn the_link_that_proves_an_address_is_sent_again() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    browser.get("/account").await.expect(200);
    let target = browser.submit("/account/email/verification", &[]).await.leads_to();
    browser.get(&target).await.expect(200).says("A mail with a link is on its way.");
    let token = mailed_token(&app, "ana@example.com").await;
    browser.get(&format!("/verify?token={token}")).await.expect(200);
    browser.submit("/verify", &[("token", &token)]).await.expect(200).says("Your address is confirmed.");
    browser.submit("/account/email/verification", &[]).await.leads_to();
    assert!(mails(&app, "ana@example.com").await.is_empty(), "it is proven");
}

#[tokio::test]
async fn who_runs_the_platform_reads_of_the_licence_and_nobody_else_does() {
    const ENDS: &str = "The licence of this installation has ended";
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    let admin = app.person(TenantId::SYSTEM, Some(Role::Admin), Some(GlobalRole::Admin)).await;
    person(&admin, "operator@example.com").await;
    let appoint =
        "update portal_users set global_role = 'support' where email_folded = 'operator@example.com'";
    app.superuser.execute(appoint, &[]).await.unwrap();
    let operator = Browser::open(&app);
    operator.sign_in("operator@example.com").await;
    assert!(!operator.get("/account").await.expect(200).text.contains("licence"));
    app.keeper.entitle(Entitlements { phase: LicensePhase::Grace, ..licensed() });
    for page in ["/account", "/account/security", "/account/devices"] {
        operator.get(page).await.expect(200).says(ENDS);
        assert!(!browser.get(page).await.expect(200).text.contains(ENDS));
    }
    app.keeper.entitle(Entitlements { phase: LicensePhase::Lapsed, ..licensed() });
    operator.get("/account").await.expect(200).says("has lapsed");
}
