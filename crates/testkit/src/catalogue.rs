//! How to call every route: one line an endpoint. A route that is missing here fails the guards of the whole system.

mod audit;
mod directories;
mod entitlements;
mod identity_providers;
mod platform;
mod scim;
mod second_factors;

use serde_json::{Value, json};

use self::scim::scim;

/// One endpoint, and a call of it that succeeds in a fresh [`crate::Fixture`].
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The method.
    pub method: &'static str,
    /// The pattern, as the route has it.
    pub path: String,
    /// A query to go with it, with parameters in braces.
    pub query: &'static str,
    /// A good body; `$name` stands for a value of the fixture.
    pub body: Option<Value>,
    /// What the good call is answered with.
    pub status: u16,
    /// Parameters of the path that stand for another value of the fixture than the one of their own name.
    pub swaps: &'static [(&'static str, &'static str)],
    /// A call that is no GET and yet changes nothing.
    pub reads: bool,
    /// A GET that leaves an event: who has seen that is worth one.
    pub discloses: bool,
    /// The path's parameters are the same for every tenant (a schema's name).
    pub ids_are_public: bool,
    /// Why the good call needs more than a fixture and has a test of its own. This list may only shrink.
    pub own_test: Option<&'static str>,
}

impl Endpoint {
    fn new(method: &'static str, path: &str, status: u16) -> Self {
        Self {
            method,
            path: path.to_owned(),
            query: "",
            body: None,
            status,
            swaps: &[],
            reads: false,
            discloses: false,
            ids_are_public: false,
            own_test: None,
        }
    }

    fn body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    fn query(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    fn swaps(self, swaps: &'static [(&'static str, &'static str)]) -> Self {
        Self { swaps, ..self }
    }

    fn reads(self) -> Self {
        Self { reads: true, ..self }
    }

    fn discloses(self) -> Self {
        Self { discloses: true, ..self }
    }

    fn ids_are_public(self) -> Self {
        Self { ids_are_public: true, ..self }
    }

    fn own_test(self, reason: &'static str) -> Self {
        Self { own_test: Some(reason), ..self }
    }
}

fn get(path: &str) -> Endpoint {
    Endpoint::new("GET", path, 200)
}

fn post(path: &str) -> Endpoint {
    Endpoint::new("POST", path, 200)
}

fn create(path: &str, body: Value) -> Endpoint {
    Endpoint::new("POST", path, 201).body(body)
}

fn batch(path: &str, operation: &Value) -> Endpoint {
    post(path).body(json!({ "atomic": true, "operations": [operation] }))
}

fn put(path: &str, body: Value) -> Endpoint {
    Endpoint::new("PUT", path, 200).body(body)
}

fn patch(path: &str, body: Value) -> Endpoint {
    Endpoint::new("PATCH", path, 200).body(body)
}

fn delete(path: &str) -> Endpoint {
    Endpoint::new("DELETE", path, 204)
}

/// Every endpoint, by domain.
pub fn catalogue() -> Vec<Endpoint> {
    [
        open(),
        sign_in(),
        own_account(),
        second_factors::endpoints(),
        users(),
        invitations(),
        tenant(),
        organizations(),
        roles(),
        service_accounts(),
        api_keys(),
        entitlements::endpoints(),
        audit::endpoints(),
        audit::compliance(),
        directories::endpoints(),
        identity_providers::endpoints(),
        mails(),
        applications(),
        managed_tenants(),
        platform::endpoints(),
        scim("/scim/v2"),
        scim("/scim/v2/{dir_id}"),
    ]
    .concat()
}

fn open() -> Vec<Endpoint> {
    vec![
        get("/.well-known/jwks.json"),
        get("/api/v2/openapi.json"),
        get("/docs"),
        get("/docs/{file}"),
        get("/problems"),
        get("/problems/{code}"),
        get("/healthz"),
        get("/livez"),
        get("/readyz"),
        get("/metrics"),
    ]
}

fn sign_in() -> Vec<Endpoint> {
    vec![
        post("/api/v2/auth/login")
            .body(json!({ "email": "$email", "password": "password", "tenant": "$tenant" })),
        post("/api/v2/auth/refresh")
            .body(json!({ "refresh_token": "$refresh_token" })),
        create(
            "/api/v2/auth/setup",
            json!({ "token": "none", "email": "owner@example.com", "password": "a long password", "full_name": "O" }),
        )
        .own_test("works once for a platform, with its setup link"),
        post("/api/v2/auth/token")
            .body(json!({ "code": "$code_token", "code_verifier": "$code_verifier", "redirect_uri": "$redirect_uri" })),
        Endpoint::new("POST", "/api/v2/auth/register", 202).body(
            json!({ "email": "new@example.com", "full_name": "New", "password": "correct horse battery staple" }),
        ),
        Endpoint::new("POST", "/api/v2/auth/email/verify", 200).body(json!({ "token": "$email_token" })),
        Endpoint::new("POST", "/api/v2/auth/password/forgot", 202).body(json!({ "email": "$email" })),
        Endpoint::new("POST", "/api/v2/auth/password/reset", 204)
            .body(json!({ "token": "$reset_token", "password": "correct horse battery staple" })),
        create(
            "/api/v2/auth/invitations/accept",
            json!({ "token": "$invitation_token", "full_name": "New", "password": "correct horse battery staple" }),
        ),
        Endpoint::new("POST", "/api/v2/auth/logout", 204),
    ]
}

fn own_account() -> Vec<Endpoint> {
    vec![
        get("/api/v2/me"),
        patch("/api/v2/me", json!({ "full_name": "Another Name" })),
        Endpoint::new("PUT", "/api/v2/me/password", 204)
            .body(json!({ "current_password": "password", "password": "correct horse battery staple" })),
        Endpoint::new("POST", "/api/v2/me/email", 202)
            .body(json!({ "email": "another@example.com", "current_password": "password" })),
        Endpoint::new("POST", "/api/v2/me/email/verification", 202),
        get("/api/v2/me/sessions"),
        delete("/api/v2/me/sessions/{session_id}"),
        get("/api/v2/me/devices"),
        get("/api/v2/me/devices/{device_id}"),
        patch("/api/v2/me/devices/{device_id}", json!({ "name": "Another Name" })),
        delete("/api/v2/me/devices/{device_id}"),
    ]
}

fn users() -> Vec<Endpoint> {
    vec![
        get("/api/v2/users"),
        create("/api/v2/users", json!({ "email": "new@example.com", "full_name": "New" })),
        batch(
            "/api/v2/users/batch",
            &json!({ "op": "update", "id": "$user_id", "data": { "full_name": "Another Name" } }),
        ),
        get("/api/v2/users/{user_id}"),
        patch("/api/v2/users/{user_id}", json!({ "full_name": "Another Name" })),
        delete("/api/v2/users/{user_id}"),
        post("/api/v2/users/{user_id}/activate").swaps(&[("user_id", "inactive_user_id")]),
        post("/api/v2/users/{user_id}/deactivate"),
        Endpoint::new("PUT", "/api/v2/users/{user_id}/password", 204)
            .body(json!({ "password": "correct horse battery staple" })),
        Endpoint::new("POST", "/api/v2/users/{user_id}/email/verification", 202),
        get("/api/v2/users/{user_id}/sessions"),
        delete("/api/v2/users/{user_id}/sessions/{session_id}"),
        post("/api/v2/users/{user_id}/sessions/revoke"),
        post("/api/v2/sessions/revoke"),
        post("/api/v2/users/{user_id}/impersonate").body(json!({ "reason": "A report shows nothing" })),
        get("/api/v2/users/{user_id}/grants"),
        put("/api/v2/users/{user_id}/grants", json!({ "tenant_role": null, "roles": ["$role_id"] })),
        get("/api/v2/access/check").query("?permission=users:read"),
    ]
}

fn invitations() -> Vec<Endpoint> {
    vec![
        get("/api/v2/invitations"),
        create("/api/v2/invitations", json!({ "email": "new@example.com", "roles": ["$role_id"] })),
        batch(
            "/api/v2/invitations/batch",
            &json!({ "op": "create", "data": { "email": "new@example.com" } }),
        ),
        get("/api/v2/invitations/{invitation_id}"),
        delete("/api/v2/invitations/{invitation_id}"),
        post("/api/v2/invitations/{invitation_id}/resend"),
    ]
}

fn tenant() -> Vec<Endpoint> {
    vec![
        get("/api/v2/tenant"),
        patch("/api/v2/tenant", json!({ "name": "Renamed" })),
        get("/api/v2/tenant/features"),
        get("/api/v2/tenant/usage"),
        get("/api/v2/domains"),
        create("/api/v2/domains", json!({ "domain": "newly-claimed.com" })),
        batch("/api/v2/domains/batch", &json!({ "op": "create", "data": { "domain": "newly-claimed.com" } })),
        get("/api/v2/domains/{id}"),
        delete("/api/v2/domains/{id}"),
        post("/api/v2/domains/{id}/verify").own_test("needs a DNS server that has the proof"),
    ]
}

fn organizations() -> Vec<Endpoint> {
    vec![
        get("/api/v2/organizations"),
        create("/api/v2/organizations", json!({ "name": "New" })),
        batch(
            "/api/v2/organizations/batch",
            &json!({ "op": "create", "data": { "name": "New", "parent_id": "$org_id" } }),
        ),
        get("/api/v2/organizations/{org_id}"),
        patch("/api/v2/organizations/{org_id}", json!({ "name": "Renamed" })),
        delete("/api/v2/organizations/{org_id}"),
        post("/api/v2/organizations/{org_id}/move").body(json!({ "parent_id": "$other_org_id" })),
        get("/api/v2/organizations/{org_id}/subtree"),
        get("/api/v2/organizations/{org_id}/ancestors"),
        get("/api/v2/organizations/{org_id}/members"),
        batch(
            "/api/v2/organizations/{org_id}/members/batch",
            &json!({ "op": "update", "id": "$user_id", "data": { "role_id": "$other_org_role_id" } }),
        ),
        put("/api/v2/organizations/{org_id}/members/{user_id}", json!({ "role_id": "$other_org_role_id" })),
        delete("/api/v2/organizations/{org_id}/members/{user_id}"),
    ]
}

fn roles() -> Vec<Endpoint> {
    vec![
        get("/api/v2/permissions"),
        get("/api/v2/roles"),
        create("/api/v2/roles", json!({ "name": "New", "tier": "tenant", "permissions": ["roles:write"] })),
        batch("/api/v2/roles/batch", &json!({ "op": "delete", "id": "$role_id" })),
        get("/api/v2/roles/{role_id}"),
        patch("/api/v2/roles/{role_id}", json!({ "name": "Renamed" })),
        delete("/api/v2/roles/{role_id}"),
    ]
}

fn service_accounts() -> Vec<Endpoint> {
    const INACTIVE: &[(&str, &str)] = &[("service_account_id", "inactive_service_account_id")];
    vec![
        get("/api/v2/service-accounts"),
        create(
            "/api/v2/service-accounts",
            json!({ "name": "New", "permissions": ["service_accounts:write"] }),
        ),
        batch(
            "/api/v2/service-accounts/batch",
            &json!({ "op": "update", "id": "$service_account_id", "data": { "name": "Renamed" } }),
        ),
        get("/api/v2/service-accounts/{service_account_id}"),
        patch("/api/v2/service-accounts/{service_account_id}", json!({ "name": "Renamed" })),
        delete("/api/v2/service-accounts/{service_account_id}"),
        post("/api/v2/service-accounts/{service_account_id}/activate").swaps(INACTIVE),
        post("/api/v2/service-accounts/{service_account_id}/deactivate"),
        get("/api/v2/service-accounts/{service_account_id}/api-keys"),
        create("/api/v2/service-accounts/{service_account_id}/api-keys", json!({ "name": "New" })),
        batch(
            "/api/v2/service-accounts/{service_account_id}/api-keys/batch",
            &json!({ "op": "create", "data": { "name": "New" } }),
        ),
    ]
}

fn api_keys() -> Vec<Endpoint> {
    const OF_ACCOUNT: &[(&str, &str)] = &[("key_id", "account_key_id")];
    vec![
        get("/api/v2/api-keys"),
        batch("/api/v2/api-keys/batch", &json!({ "op": "delete", "id": "$key_id" })),
        get("/api/v2/api-keys/{key_id}"),
        post("/api/v2/api-keys/{key_id}/rotate").body(json!({ "overlap_seconds": 60 })).swaps(OF_ACCOUNT),
        delete("/api/v2/api-keys/{key_id}"),
        get("/api/v2/me/api-keys"),
        create("/api/v2/me/api-keys", json!({ "name": "New" })),
        get("/api/v2/me/api-keys/{key_id}"),
        post("/api/v2/me/api-keys/{key_id}/rotate").body(json!({ "overlap_seconds": 60 })),
        delete("/api/v2/me/api-keys/{key_id}"),
    ]
}

fn mails() -> Vec<Endpoint> {
    let words = json!({ "subject": "Come", "text": "{{ link }}", "html": "<a href=\"{{ link }}\">Come</a>" });
    vec![
        get("/api/v2/mails"),
        get("/api/v2/mails/{mail_id}"),
        post("/api/v2/mails/{mail_id}/retry"),
        get("/api/v2/mail-templates"),
        get("/api/v2/mail-templates/{kind}/{locale}").ids_are_public(),
        put("/api/v2/mail-templates/{kind}/{locale}", words).ids_are_public(),
        delete("/api/v2/mail-templates/{kind}/{locale}").ids_are_public(),
        post("/api/v2/mail-templates/{kind}/{locale}/preview").body(json!({})).reads().ids_are_public(),
        get("/api/v2/global/mails"),
    ]
}

fn applications() -> Vec<Endpoint> {
    let new = json!({ "name": "New", "redirect_uris": ["https://app.example/back"] });
    vec![
        get("/api/v2/applications"),
        create("/api/v2/applications", new.clone()),
        batch("/api/v2/applications/batch", &json!({ "op": "create", "data": new })),
        get("/api/v2/applications/{application_id}"),
        patch("/api/v2/applications/{application_id}", json!({ "name": "Renamed" })),
        delete("/api/v2/applications/{application_id}"),
    ]
}

fn managed_tenants() -> Vec<Endpoint> {
    const CLOSED: &[(&str, &str)] = &[("tenant", "closed_tenant")];
    vec![
        get("/api/v2/global/tenants"),
        create("/api/v2/global/tenants", json!({ "name": "New", "slug": "brand-new" })),
        get("/api/v2/global/tenants/{tenant}"),
        patch("/api/v2/global/tenants/{tenant}", json!({ "name": "Renamed" })),
        get("/api/v2/global/tenants/{tenant}/usage"),
        post("/api/v2/global/tenants/{tenant}/activate").swaps(CLOSED),
        post("/api/v2/global/tenants/{tenant}/deactivate"),
        post("/api/v2/global/tenants/{tenant}/schedule-deletion").body(json!({ "after_days": 30 })),
        post("/api/v2/global/tenants/{tenant}/cancel-deletion").swaps(CLOSED),
        post("/api/v2/global/tenants/{tenant}/domains/{id}/verify"),
        get("/api/v2/global/users").query("?search=person"),
        post("/api/v2/global/users/{tenant}/{user_id}/deactivate"),
        post("/api/v2/global/users/{tenant}/{user_id}/sessions/revoke"),
        post("/api/v2/global/sessions/revoke"),
        post("/api/v2/global/users/{tenant}/{user_id}/impersonate")
            .body(json!({ "reason": "A report shows nothing", "ticket": "4711", "minutes": 5 })),
        put("/api/v2/global/users/{tenant}/{user_id}/global-role", json!({ "global_role": "support" }))
            .swaps(&[("tenant", "system"), ("user_id", "system_user_id")]),
    ]
}
