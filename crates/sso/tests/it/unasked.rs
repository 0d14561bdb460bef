//! Who comes from the provider's own page without having been asked, where the provider makes no accounts but only links them
//! (S-22).

use serde_json::json;

use crate::{
    browser::{Browser, Got},
    saml::World,
    saml_idp::ANA,
};

/// A provider that people may come from unasked, and that makes no accounts.
async fn linking(conflicts: &str) -> World {
    let settings = json!({
        "saml": { "idp_initiated": true }, "jit_provisioning_enabled": false, "conflicts": conflicts,
    });
    World::with(settings).await
}

/// Brings Ana unasked, and goes on to where that leads.
async fn unasked(world: &World, browser: &Browser) -> Got {
    let answer = world.idp.answer(&world.set_up, None, &ANA, world.app.seam.now());
    let on = world.bring(browser, &(answer, String::new())).await.leads_to();
    browser.get(&on).await
}

async fn account(world: &World) -> String {
    let new = json!({ "email": "ana@acme.com", "full_name": "Ana" });
    let made = world.admin.post("/api/v2/users", new).await.expect(201);
    made["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn s_22_who_has_no_account_gets_none_by_coming_unasked() {
    let world = linking("link").await;
    let browser = Browser::open(&world.app);
    unasked(&world, &browser).await.is_refused();
    assert_eq!((world.reason().await.as_str(), world.sessions().await), ("no_account", 0));
    assert_eq!(browser.account().await, None);
}

#[tokio::test]
async fn s_22_an_account_that_is_there_is_opened_to_who_comes_unasked_only_as_the_tenant_has_said() {
    for (conflicts, leads_to) in
        [("refuse", None), ("ask", Some("/account/link")), ("link", Some("/account"))]
    {
        let world = linking(conflicts).await;
        account(&world).await;
        let browser = Browser::open(&world.app);
        let got = unasked(&world, &browser).await;
        match leads_to {
            Some(place) => assert_eq!(got.leads_to(), place, "{conflicts}"),
            None => {
                got.is_refused();
            }
        }
        // Whose account it is says so in a session of their own, with a proof of their own.
        let is_in = conflicts == "link";
        assert_eq!(browser.account().await.is_some(), is_in, "{conflicts}");
        assert_eq!(world.sessions().await, i64::from(is_in), "{conflicts}");
    }
}

#[tokio::test]
async fn s_22_whom_an_admin_has_linked_comes_unasked_until_the_link_is_undone() {
    let world = linking("refuse").await;
    let path = format!("/api/v2/users/{}/identities", account(&world).await);
    let link = json!({ "identity_provider_id": world.set_up["id"], "subject": ANA.name_id });
    let linked = world.admin.post(&path, link).await.expect(201);
    let browser = Browser::open(&world.app);
    assert_eq!(unasked(&world, &browser).await.leads_to(), "/account");
    world.admin.delete(&format!("{path}/{}", linked["id"].as_str().unwrap())).await.expect(204);
    assert_eq!(browser.account().await, None);
    unasked(&world, &browser).await.is_refused();
    assert_eq!(world.reason().await, "account_exists");
}
