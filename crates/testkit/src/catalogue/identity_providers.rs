//! Identity providers, and the way to them.

use serde_json::json;

use super::{Endpoint, batch, create, delete, get, patch, post};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        post("/api/v2/auth/discover").body(json!({ "email": "$email" })).reads(),
        get("/api/v2/identity-providers"),
        create(
            "/api/v2/identity-providers",
            json!({
                "name": "New", "provider": "okta", "oidc_issuer_url": "https://acme.okta.example",
                "oidc_client_id": "elder", "oidc_client_secret": "a secret of the provider",
                "attribute_mappings": [{ "attribute": "groups", "claim": "teams", "transforms": ["lower"] }],
                "role_rules": [{ "if": "groups eq \"staff\"", "then": { "roles": ["$mapped_role_id"] } }],
            }),
        ),
        batch("/api/v2/identity-providers/batch", &json!({ "op": "delete", "id": "$idp_id" })),
        get("/api/v2/identity-providers/{idp_id}"),
        patch("/api/v2/identity-providers/{idp_id}", json!({ "name": "Renamed" })),
        delete("/api/v2/identity-providers/{idp_id}"),
        post("/api/v2/identity-providers/{idp_id}/provisioning/preview")
            .body(json!({ "claims": { "sub": "1", "email": "ana@example.com" } }))
            .reads(),
        post("/api/v2/identity-providers/{idp_id}/test").reads(),
        Endpoint { status: 201, ..post("/api/v2/identity-providers/{idp_id}/test-sign-in") },
        post("/api/v2/identity-providers/{idp_id}/renew-key").body(json!({ "step": "publish" })),
        get("/api/v2/identity-providers/{idp_id}/identities").swaps(&[("idp_id", "linking_idp_id")]),
        get("/api/v2/users/{user_id}/identities"),
        create(
            "/api/v2/users/{user_id}/identities",
            json!({ "identity_provider_id": "$idp_id", "subject": "new" }),
        ),
        delete("/api/v2/users/{user_id}/identities/{identity_id}"),
        get("/api/v2/users/{user_id}/groups"),
        get("/api/v2/global/identity-providers"),
        create(
            "/api/v2/global/identity-providers",
            json!({
                "name": "Staff", "oidc_issuer_url": "https://staff.example", "oidc_client_id": "elder",
                "oidc_token_endpoint_auth_method": "none",
            }),
        ),
        get("/api/v2/global/identity-providers/{idp_id}"),
        patch("/api/v2/global/identity-providers/{idp_id}", json!({ "name": "Renamed" })),
        delete("/api/v2/global/identity-providers/{idp_id}"),
        get("/sso/oidc/jwks/{idp_id}"),
        post("/sso/oidc/logout/{idp_id}")
            .own_test("a session that rests on a provider takes a sign-in by one: sso/session"),
        get("/sso/oidc/userinfo/{idp_id}")
            .own_test("a session that rests on a provider takes a sign-in by one: sso/session"),
        post("/sso/oidc/refresh/{idp_id}")
            .own_test("a session that rests on a provider takes a sign-in by one: sso/session"),
        post("/sso/oidc/backchannel-logout/{idp_id}")
            .own_test("a logout token takes a provider that signs it: sso/session"),
    ]
}
