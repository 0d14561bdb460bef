//! Attributes and rules on claims, without a database.

use elder_api_types::identity_provider::NewIdentityProvider;
use elder_kernel::Seam;
use serde_json::json;

use super::*;

/// A provider with these settings.
fn idp(settings: &Value) -> IdentityProvider {
    let mut body = json!({ "name": "i", "oidc_issuer_url": "https://i.example", "oidc_client_id": "c" });
    for (name, value) in settings.as_object().unwrap() {
        body[name] = value.clone();
    }
    let new: NewIdentityProvider = serde_json::from_value(body).unwrap();
    let seam = Seam::system();
    IdentityProvider {
        id: seam.id(),
        is_global: false,
        idp_type: new.idp_type,
        provider: new.provider,
        name: new.name.into(),
        oidc_issuer_url: new.oidc_issuer_url,
        oidc_client_id: new.oidc_client_id,
        has_client_secret: false,
        oidc_scopes: new.oidc_scopes,
        oidc_response_type: new.oidc_response_type,
        oidc_token_endpoint_auth_method: new.oidc_token_endpoint_auth_method,
        oidc_allowed_tenants: new.oidc_allowed_tenants,
        entity_id: None,
        metadata_url: None,
        sso_url: None,
        slo_url: None,
        certificates: Vec::new(),
        saml: None,
        service_provider: None,
        oidc_jwks_url: None,
        own_certificates: Vec::new(),
        single_logout: false,
        enforced: false,
        trusts_mfa: new.trusts_mfa,
        jit_provisioning_enabled: new.jit_provisioning_enabled,
        conflicts: new.conflicts,
        sync: new.sync,
        attribute_mappings: new.attribute_mappings,
        default_role: new.default_role,
        role_rules: new.role_rules,
        role_rule_matching: new.role_rule_matching,
        is_active: true,
        last_login_at: None,
        last_error: None,
        version: 1,
        created_at: seam.now(),
        updated_at: seam.now(),
    }
}

fn claims(claims: Value) -> Claims {
    serde_json::from_value(claims).unwrap()
}

fn mapped(transforms: &Value, claim: &Value) -> Vec<String> {
    let mapping = json!({ "attribute": "x", "claim": "c", "transforms": transforms });
    let idp = idp(&json!({ "attribute_mappings": [mapping] }));
    assert_eq!(faults(&idp), []);
    Attributes::of(&idp, &claims(json!({ "c": claim }))).values("x").to_vec()
}

#[test]
fn each_transform_does_what_its_name_says() {
    for (transforms, claim, becomes) in [
        (json!([]), json!("Ab"), vec!["Ab"]),
        (json!(["lower"]), json!(["Ab", "CD"]), vec!["ab", "cd"]),
        (json!(["trim"]), json!("  a b "), vec!["a b"]),
        (json!(["first"]), json!(["a", "b"]), vec!["a"]),
        (json!([{ "join": { "separator": " " } }]), json!(["Ana", "Gruber"]), vec!["Ana Gruber"]),
        (json!([{ "join": { "separator": " " } }]), json!([]), vec![]),
        (json!([{ "constant": { "value": "it" } }]), json!(null), vec!["it"]),
        (json!([{ "regex": { "pattern": "^team-(.+)$", "group": 1 } }]), json!(["team-a", "all"]), vec!["a"]),
        (json!([{ "regex": { "pattern": "b+" } }]), json!("abbc"), vec!["bb"]),
        (json!([{ "regex": { "pattern": "b", "group": 7 } }]), json!("abc"), vec![]),
        (json!(["first", "lower", { "regex": { "pattern": "^[^@]+" } }]), json!(["A@b.c", "D"]), vec!["a"]),
        (json!([]), json!([1, true, null, { "deep": 1 }, ["x"]]), vec!["1", "true"]),
    ] {
        assert_eq!(mapped(&transforms, &claim), becomes, "{transforms}");
    }
}

#[test]
fn what_cannot_be_read_is_named_by_its_place() {
    let idp = idp(&json!({
        "attribute_mappings": [
            { "attribute": "x", "claim": "c", "transforms": ["lower", { "regex": { "pattern": "(" } }] },
            { "attribute": "y", "claim": "c", "transforms": [{ "regex": { "pattern": "(a{50}){50}{50}" } }] },
        ],
        "role_rules": [
            { "if": "groups eq \"a\"", "then": {} },
            { "if": "groups", "then": {} },
            { "if": "groups gt \"a\"", "then": {} },
            { "if": "name.first eq \"a\"", "then": {} },
            { "if": "groups[value eq \"a\"]", "then": {} },
        ],
    }));
    let places: Vec<_> = faults(&idp).into_iter().map(|fault| fault.pointer).collect();
    assert_eq!(
        places,
        [
            "/attribute_mappings/0/transforms/1/regex/pattern",
            "/attribute_mappings/1/transforms/0/regex/pattern",
            "/role_rules/1/if",
            "/role_rules/2/if",
            "/role_rules/3/if",
            "/role_rules/4/if",
        ]
    );
}

#[test]
fn a_mapping_takes_the_place_of_what_is_known_and_several_add_up() {
    let mapping = |attribute: &str, claim: &str| json!({ "attribute": attribute, "claim": claim });
    let mappings = json!([mapping("groups", "teams"), mapping("groups", "roles")]);
    let idp = idp(&json!({ "attribute_mappings": mappings }));
    let said =
        json!({ "groups": ["known"], "teams": ["a"], "roles": "b", "name": " Ana\u{7} ", "locale": "de" });
    let attributes = Attributes::of(&idp, &claims(said));
    assert_eq!(attributes.values("Groups"), ["a", "b"]);
    assert_eq!(attributes.full_name().as_deref(), Some("Ana"));
    assert!(attributes.locale().is_some() && attributes.email().is_none());
}

#[test]
fn a_condition_is_asked_of_all_values_in_any_letter_case() {
    let said = claims(json!({ "groups": ["Engineers", "all"], "email": "Ana@acme.com", "department": true }));
    let idp = idp(&json!({ "attribute_mappings": [{ "attribute": "department", "claim": "department" }] }));
    let attributes = Attributes::of(&idp, &said);
    for (condition, holds) in [
        ("groups eq \"engineers\"", true),
        ("groups eq \"engineer\"", false),
        ("GROUPS co \"GINE\"", true),
        ("groups sw \"a\" and email ew \"@acme.com\"", true),
        ("groups eq \"x\" or groups eq \"all\"", true),
        ("groups ne \"all\"", false),
        ("groups ne \"x\"", true),
        ("not (groups eq \"x\")", true),
        ("department eq true", true),
        ("nothing pr", false),
        ("nothing eq null", true),
        ("groups eq null", false),
        ("nothing eq \"\"", false),
        ("nothing ne \"x\"", true),
    ] {
        assert_eq!(Condition::parse(condition).unwrap().holds(&attributes), holds, "{condition}");
    }
}

#[test]
fn all_rules_count_or_the_first_and_the_default_where_none_gives_a_role() {
    let rule = |group: &str, role: &str| json!({ "if": format!("groups eq \"{group}\""), "then": { "tenant_role": role } });
    let settings = |matching: &str| {
        json!({ "default_role": "reader", "role_rule_matching": matching,
            "role_rules": [rule("a", "maintainer"), rule("b", "reader")] })
    };
    let roles = |matching: &str, groups: Value| {
        let idp = idp(&settings(matching));
        let attributes = Attributes::of(&idp, &claims(json!({ "groups": groups })));
        let verdict = Verdict::of(&idp, &attributes);
        let preview = previewed(attributes, verdict, &Found::new());
        (preview.rules, preview.tenant_roles)
    };
    assert_eq!(roles("all", json!(["b", "a"])), (vec![0, 1], vec![Role::Maintainer, Role::Reader]));
    assert_eq!(roles("first", json!(["b", "a"])), (vec![0], vec![Role::Maintainer]));
    assert_eq!(roles("all", json!([])), (vec![], vec![Role::Reader]));
}

#[test]
fn o_15_only_the_boolean_true_of_this_very_address_verifies_it() {
    let idp = idp(&json!({ "attribute_mappings": [{ "attribute": "email", "claim": "upn" }] }));
    let email: Email = "ana@acme.com".parse().unwrap();
    for (said, is_verified) in [
        (json!({ "email": "ana@acme.com", "email_verified": true }), true),
        (json!({ "email": "Ana@ACME.com", "email_verified": true }), true),
        (json!({ "email": "ana@acme.com", "email_verified": false }), false),
        (json!({ "email": "ana@acme.com", "email_verified": "true" }), false),
        (json!({ "email": "ana@acme.com", "email_verified": 1 }), false),
        (json!({ "email": "ana@acme.com", "email_verified": null }), false),
        (json!({ "email": "ana@acme.com" }), false),
        (json!({ "email": "mallory@acme.com", "upn": "ana@acme.com", "email_verified": true }), false),
        (json!({ "upn": "ana@acme.com", "email_verified": true }), false),
    ] {
        assert_eq!(is_email_verified(&idp, &claims(said.clone()), &email), is_verified, "{said}");
    }
}

#[test]
fn o_16_of_entra_the_bare_address_proves_nothing() {
    let idp = idp(&json!({ "provider": "entra" }));
    let email: Email = "ana@acme.com".parse().unwrap();
    for (said, is_verified) in [
        (json!({ "email": "ana@acme.com", "email_verified": true }), false),
        (json!({ "email": "ana@acme.com", "xms_edov": false }), false),
        (json!({ "email": "ana@acme.com", "xms_edov": true }), true),
    ] {
        assert_eq!(is_email_verified(&idp, &claims(said.clone()), &email), is_verified, "{said}");
    }
}

#[test]
fn a_path_is_spelled_out_by_attributes_and_gives_nothing_where_nothing_is() {
    let there = |path: &str| json!({ "path": path, "role": "reader" });
    let then = json!({
        "organizations": [there("Acme/{teams}"), there("{nothing}/x"), there(" /Acme//Sales/ ")],
        "groups": ["staff", "{teams}", "{nothing}"],
    });
    let mapping = json!({ "attribute": "teams", "claim": "teams" });
    let idp =
        idp(&json!({ "attribute_mappings": [mapping], "role_rules": [{ "if": "teams pr", "then": then }] }));
    assert_eq!(faults(&idp), []);
    let said = claims(json!({ "teams": ["/Research/Lab", "Sales"] }));
    let attributes = Attributes::of(&idp, &said);
    let verdict = Verdict::of(&idp, &attributes);
    let paths: Vec<_> = verdict.paths().iter().map(ToString::to_string).collect();
    assert_eq!(paths, ["Acme/Research/Lab", "Acme/Sales", "Acme/Sales"]);
    assert_eq!(verdict.groups, ["staff", "/Research/Lab", "Sales"]);
    let id = Seam::system().id();
    let found: Found = verdict
        .paths()
        .into_iter()
        .filter(|path| path.to_string() == "Acme/Sales")
        .map(|path| (path.clone(), id))
        .collect();
    assert_eq!(verdict.given(&found), [Given::InOrganization(id.uuid(), Some("reader"), None)].into());
    let preview = previewed(attributes, verdict, &found);
    assert_eq!(
        (preview.organizations.len(), &preview.missing_organizations[..]),
        (1, &["Acme/Research/Lab".to_owned()][..])
    );
}

#[test]
fn a_claim_with_many_values_puts_nobody_into_more_than_so_many_groups() {
    let then = json!({ "groups": ["{groups} {groups}"] });
    let idp = idp(&json!({ "role_rules": [{ "if": "groups pr", "then": then }] }));
    let many: Vec<_> = (0..5000).map(|n| n.to_string()).collect();
    let verdict = Verdict::of(&idp, &Attributes::of(&idp, &claims(json!({ "groups": many }))));
    assert_eq!(verdict.groups.len(), MOST_GIVEN);
}
