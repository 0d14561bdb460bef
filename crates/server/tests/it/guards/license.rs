//! What the licence does not cover is refused on every route that says so, and changes nothing.

use elder_access::{Entitlements, PermissionRow, SubscriptionTier};
use elder_kernel::TenantId;
use elder_testkit::{Fixture, TestApp, licensed};

use super::support::{call, digest, endpoints, is_scim, permission, provider, rightful};

#[tokio::test]
async fn every_route_with_a_feature_says_402_without_it_and_names_it() {
    let app = TestApp::start().await;
    let ids = Fixture::create(&app, "target").await;
    let mut callers = Vec::new();
    for (route, endpoint) in endpoints() {
        if let Some(feature) = route.gate.feature {
            callers.push((rightful(&app, &route, &ids).await, endpoint, feature));
        }
    }
    assert!(callers.len() > 40, "{}", callers.len());
    let before = digest(&app).await;
    app.keeper.entitle(Entitlements::of_tier(SubscriptionTier::Community));
    for (caller, endpoint, feature) in &callers {
        let answer = call(caller, endpoint, &ids).await;
        assert_eq!(answer.status, 402, "{}: {}", answer.asked, answer.text);
        assert!(answer.text.contains(&format!("`{feature}`")), "{}: {}", answer.asked, answer.text);
    }
    assert_eq!(before, digest(&app).await, "a refused call changed something");
}

#[tokio::test]
async fn a_tenant_beyond_the_licence_is_read_and_not_changed() {
    let app = TestApp::start().await;
    let ids = Fixture::create(&app, "beyond").await;
    let mut callers = Vec::new();
    for (route, endpoint) in endpoints() {
        let Some(row) = permission(&route) else { continue };
        if route.gate.kind == "permission" {
            let caller =
                if is_scim(&route) { provider(&app, &ids).await } else { rightful(&app, &route, &ids).await };
            callers.push((caller, endpoint, row));
        }
    }
    let before = digest(&app).await;
    app.keeper.entitle(Entitlements { first_beyond: Some(TenantId(2)), ..licensed() });
    let (mut refused, mut read) = (0, 0);
    for (caller, endpoint, _) in callers.iter().filter(|(.., row)| PermissionRow::needs_covered_tenant(row)) {
        let answer = call(caller, endpoint, &ids).await;
        assert_eq!(answer.status, 402, "{}: {}", answer.asked, answer.text);
        refused += 1;
    }
    for (caller, endpoint, row) in &callers {
        if !row.writes && endpoint.own_test.is_none() {
            let answer = call(caller, endpoint, &ids).await;
            assert_eq!(answer.status, endpoint.status, "{}: {}", answer.asked, answer.text);
            read += 1;
        }
    }
    assert!(refused > 60 && read > 40, "{refused} {read}");
    assert_eq!(before, digest(&app).await, "a refused call changed something");
}
