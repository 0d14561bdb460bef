//! What is read of linked identities.

use elder_kernel::collection::Asked;
use sea_orm::Value;

use super::*;
use crate::{
    identity::Identities,
    plan::{USER, crowded, is_indexed},
};

#[tokio::test]
async fn links_are_found_by_their_person_and_by_their_provider_among_many() {
    let app = crowded().await;
    let tenant = app.acme.id;
    is_indexed(&app, "LOCK", LOCK, &format!("$tenant, '{USER}', md5('x')::uuid")).await;
    is_indexed(&app, "DELETE", DELETE, "$tenant, md5('x')::uuid").await;
    let idp = "select idp_id from sso_identities where tenant_id = $1 limit 1";
    let idp: Uuid = app.superuser.query_one(idp, &[&tenant.0]).await.unwrap().get(0);
    let user: Value = USER.parse::<Uuid>().unwrap().into();
    for (scope, filter, index) in [
        (Scope::of(OF_USER, [tenant.into(), user]), None, "sso_identities_user_idx"),
        (Scope::of(OF_IDP, [tenant.into(), idp.into()]), None, "sso_identities_"),
        (Scope::of(OF_IDP, [tenant.into(), idp.into()]), Some("subject eq \"s1\""), "sso_identities_"),
        (Scope::of(OF_IDP, [tenant.into(), idp.into()]), Some("group eq \"staff\""), "sso_identities_"),
    ] {
        let asked = Asked { filter: filter.map(str::to_owned), ..Asked::default() };
        let page = Selection::read::<Identities>(&asked).unwrap();
        let sql = IDENTITIES.spelled_out(&scope, &page);
        let plan = app.plan(tenant, "", &sql).await;
        assert!(!plan.contains("Seq Scan") && plan.contains(index), "{sql}\n{plan}");
    }
}
