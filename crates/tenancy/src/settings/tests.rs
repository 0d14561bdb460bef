//! Settings: bounds, merge patches, and what is stored.

use garde::Validate as _;
use serde_json::{Value, json};

use super::*;

fn merged(patch: &Value) -> Result<TenantSettings, InvalidSettings> {
    merge(&TenantSettings::default(), patch.as_object().unwrap())
}

fn pointers(patch: &Value) -> Vec<String> {
    use elder_kernel::Coded as _;
    merged(patch).unwrap_err().faults().into_iter().map(|fault| fault.pointer).collect()
}

#[test]
fn the_defaults_are_valid_and_nothing_of_them_is_stored() {
    let settings = TenantSettings::default();
    settings.validate().unwrap();
    assert_eq!(stored_form(&settings), json!({}));
    assert_eq!(settings.session.idle().as_secs(), 43_200);
    assert_eq!(settings.session.absolute().as_secs(), 2_592_000);
    assert_eq!(settings.password.min_length, 15);
}

#[test]
fn a_patch_changes_what_it_names_and_null_takes_it_back() {
    let changed = merged(&json!({ "session": { "idle_seconds": 600, "most_concurrent": 3 } })).unwrap();
    assert_eq!(stored_form(&changed), json!({ "session": { "idle_seconds": 600, "most_concurrent": 3 } }));
    let back = json!({ "session": { "idle_seconds": null } });
    let back = merge(&changed, back.as_object().unwrap()).unwrap();
    assert_eq!(stored_form(&back), json!({ "session": { "most_concurrent": 3 } }));
    let none = json!({ "session": null });
    assert_eq!(merge(&back, none.as_object().unwrap()).unwrap(), TenantSettings::default());
}

#[test]
fn every_fault_is_named_with_its_place() {
    assert_eq!(pointers(&json!({ "password": { "min_length": 7 } })), ["/settings/password/min_length"]);
    assert_eq!(pointers(&json!({ "password": { "min_length": "x" } })), ["/settings/password/min_length"]);
    assert_eq!(
        pointers(&json!({ "session": { "idle_seconds": 9_000, "absolute_seconds": 600 } })),
        ["/settings/session/absolute_seconds"]
    );
    assert_eq!(pointers(&json!({ "cors_origins": ["https://a.com", "*"] })), ["/settings/cors_origins/1"]);
    assert_eq!(pointers(&json!({ "ip_allowlist": ["10.0.0.0/33"] })), ["/settings/ip_allowlist/0"]);
    assert_eq!(pointers(&json!({ "branding": [null, null] })), ["/settings/branding"]);
    assert_eq!(
        pointers(&json!({ "branding": { "logo_url": "javascript:x" } })),
        ["/settings/branding/logo_url"]
    );
}

#[test]
fn an_unknown_setting_is_refused() {
    use elder_kernel::Coded as _;
    let refused = merged(&json!({ "session": { "idle": 1 } })).unwrap_err();
    assert_eq!(refused.code(), elder_kernel::ErrorCode::UnknownField);
}

#[test]
fn what_another_version_stored_is_still_read() {
    let stored = json!({ "session": { "idle_seconds": 600, "of_tomorrow": 1 }, "novelty": {} });
    let settings = tolerant(stored).unwrap();
    assert_eq!(settings.session.idle_seconds, 600);
    assert_eq!(settings.session.absolute_seconds, SessionSettings::default().absolute_seconds);
}
