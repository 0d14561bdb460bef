//! The endpoints of second factors: of a sign-in, of one's own account, and of those of others.

use serde_json::json;

use super::{Endpoint, create, delete, get, patch, post};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        post("/api/v2/auth/mfa/verify").body(json!({ "flow": "$flow", "backup_code": "$backup_code" })),
        post("/api/v2/auth/mfa/webauthn/options").body(json!({ "flow": "$flow" })).reads(),
        post("/api/v2/auth/mfa/enrol/totp").body(json!({ "flow": "$enrolment_flow" })),
        post("/api/v2/auth/mfa/enrol/webauthn").body(json!({ "flow": "$enrolment_flow" })).reads(),
        post("/api/v2/auth/passkey/options").reads(),
        post("/api/v2/auth/passkey/verify")
            .body(json!({ "ceremony": "none", "credential": {} }))
            .own_test("needs an authenticator that answers the challenge"),
        post("/api/v2/me/step-up").body(json!({ "backup_code": "$backup_code" })),
        post("/api/v2/me/step-up/options").reads(),
        get("/api/v2/me/mfa"),
        patch("/api/v2/me/mfa/factors/{factor_id}", json!({ "name": "Old phone" })),
        delete("/api/v2/me/mfa/factors/{factor_id}"),
        create("/api/v2/me/mfa/totp", json!({ "name": "Phone" })),
        post("/api/v2/me/mfa/totp/{factor_id}/confirm")
            .body(json!({ "code": "$totp_code" }))
            .swaps(&[("factor_id", "pending_factor_id")]),
        post("/api/v2/me/mfa/webauthn/options").reads(),
        create("/api/v2/me/mfa/webauthn", json!({ "ceremony": "none", "credential": {} }))
            .own_test("needs an authenticator that answers the challenge"),
        post("/api/v2/me/mfa/backup-codes"),
        get("/api/v2/users/{user_id}/mfa"),
        Endpoint::new("POST", "/api/v2/users/{user_id}/mfa/reset", 204),
    ]
}
