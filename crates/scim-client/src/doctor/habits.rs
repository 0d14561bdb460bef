//! Habits: how each provider says the same thing. What is not named here is said as the RFCs do.

use elder_api_types::directory::Provider;
use elder_scim_protocol::schema::{GROUP_TYPE, USER_TYPE};
use serde_json::{Value, json};

use super::{
    names::Names,
    run::{Kind, filter},
};

/// The enterprise extension (RFC 7643 §4.3).
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// How a provider changes something.
pub(super) enum Change {
    /// By these operations.
    Patch(Value),
    /// By sending the whole, changed.
    Put(Value),
}

/// The body of a POST that makes a user.
pub(super) fn new_user(provider: Provider, names: &Names, which: &str) -> Value {
    let name = names.user(which);
    let mut user = json!({
        "schemas": [USER_TYPE.schema.id],
        "userName": name,
        "externalId": names.external(which),
        "name": {"givenName": "Elder", "familyName": "Test"},
        "displayName": "Elder Test",
        "emails": [{"value": name, "type": "work", "primary": true}],
        "active": true,
    });
    let more = match provider {
        Provider::Okta => json!({"locale": "en-US", "groups": [], "password": names.password()}),
        Provider::Entra => json!({
            "schemas": [USER_TYPE.schema.id, ENTERPRISE],
            "meta": {"resourceType": "User"},
            ENTERPRISE: {"department": "Tests"},
        }),
        Provider::OneLogin => json!({"id": null, "active": "true"}),
        Provider::Rauthy => json!({"roles": []}),
        _ => json!({}),
    };
    merge(&mut user, more);
    user
}

/// The body of a POST that makes a group.
pub(super) fn new_group(provider: Provider, names: &Names, which: &str) -> Value {
    let mut group =
        json!({"schemas": [GROUP_TYPE.schema.id], "displayName": names.group(which), "members": []});
    match provider {
        Provider::Entra | Provider::Authentik | Provider::Keycloak => {
            merge(&mut group, json!({"externalId": names.external(which)}));
        }
        _ => {}
    }
    group
}

/// The path by which a user of this name is looked for.
pub(super) fn lookup(provider: Provider, name: &str) -> String {
    match provider {
        Provider::Okta | Provider::Google => {
            filter(Kind::User, &format!("userName eq \"{name}\""), &[("startIndex", "1"), ("count", "100")])
        }
        Provider::Authentik => filter(Kind::User, &format!("userName eq {name}"), &[]),
        _ => filter(Kind::User, &format!("userName eq \"{name}\""), &[]),
    }
}

/// One operation that sets an attribute.
pub(super) fn replace(provider: Provider, path: &str, value: &Value) -> Value {
    json!([{"op": verb(provider, "replace"), "path": path, "value": value}])
}

/// One operation that takes an attribute away.
pub(super) fn remove(provider: Provider, path: &str) -> Value {
    json!([{"op": verb(provider, "remove"), "path": path}])
}

/// One operation that gives the user a mobile phone.
pub(super) fn add_phone(provider: Provider, number: &str) -> Value {
    if provider == Provider::Entra {
        return json!([{"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": number}]);
    }
    json!([{"op": "add", "path": "phoneNumbers", "value": [{"value": number, "type": "mobile"}]}])
}

/// Switches a user off or on.
pub(super) fn switch(provider: Provider, user: &Value, active: bool) -> Change {
    let put = |active: Value| {
        let mut user = user.clone();
        merge(&mut user, json!({"active": active}));
        Change::Put(user)
    };
    match provider {
        Provider::Entra => {
            let word = if active { "True" } else { "False" };
            Change::Patch(json!([{"op": "Replace", "path": "active", "value": word}]))
        }
        Provider::Okta | Provider::Google | Provider::JumpCloud => {
            Change::Patch(json!([{"op": "replace", "value": {"active": active}}]))
        }
        Provider::OneLogin => put(json!(active.to_string())),
        Provider::Keycloak | Provider::Rauthy | Provider::Authentik => put(json!(active)),
        Provider::Generic => Change::Patch(json!([{"op": "replace", "path": "active", "value": active}])),
    }
}

/// Puts users into a group.
pub(super) fn add_members(provider: Provider, ids: &[&str]) -> Value {
    let member = |id: &&str| match provider {
        Provider::Okta | Provider::Google => json!({"value": id, "display": "Elder Test"}),
        Provider::Entra => json!({"$ref": null, "value": id}),
        Provider::Keycloak => json!({"value": id, "$ref": format!("Users/{id}")}),
        _ => json!({"value": id}),
    };
    let members: Vec<_> = ids.iter().map(member).collect();
    json!([{"op": verb(provider, "add"), "path": "members", "value": members}])
}

/// Takes a user out of a group.
pub(super) fn remove_member(provider: Provider, id: &str) -> Value {
    match provider {
        Provider::Entra | Provider::Authentik | Provider::Rauthy | Provider::JumpCloud => {
            json!([{"op": verb(provider, "remove"), "path": "members", "value": [{"value": id}]}])
        }
        _ => json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]),
    }
}

/// Gives a group another name.
pub(super) fn rename(provider: Provider, id: &str, name: &str) -> Value {
    match provider {
        Provider::Okta | Provider::Google => {
            json!([{"op": "replace", "value": {"id": id, "displayName": name}}])
        }
        Provider::Authentik => json!([{
            "op": "replace",
            "value": {"schemas": [GROUP_TYPE.schema.id], "id": id, "displayName": name},
        }]),
        _ => replace(provider, "displayName", &json!(name)),
    }
}

/// Entra writes verbs with a capital letter.
fn verb(provider: Provider, verb: &'static str) -> &'static str {
    match (provider, verb) {
        (Provider::Entra, "add") => "Add",
        (Provider::Entra, "remove") => "Remove",
        (Provider::Entra, "replace") => "Replace",
        _ => verb,
    }
}

/// Sets the fields of `more`, in place of those of the same name.
pub(super) fn merge(body: &mut Value, more: Value) {
    if let (Value::Object(body), Value::Object(more)) = (body, more) {
        body.extend(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_switch_a_user_off_each_in_its_own_way() {
        let user = json!({"userName": "ana", "active": true});
        let said = |provider: Provider| match switch(provider, &user, false) {
            Change::Patch(said) | Change::Put(said) => said,
        };
        assert_eq!(said(Provider::Generic), json!([{"op": "replace", "path": "active", "value": false}]));
        assert_eq!(said(Provider::Okta), json!([{"op": "replace", "value": {"active": false}}]));
        assert_eq!(said(Provider::Entra), json!([{"op": "Replace", "path": "active", "value": "False"}]));
        assert_eq!(said(Provider::OneLogin), json!({"userName": "ana", "active": "false"}));
    }

    #[test]
    fn a_members_removal_names_the_member_by_path_or_by_value() {
        assert_eq!(
            remove_member(Provider::Okta, "1"),
            json!([{"op": "remove", "path": "members[value eq \"1\"]"}])
        );
        let by_value = json!([{"op": "Remove", "path": "members", "value": [{"value": "1"}]}]);
        assert_eq!(remove_member(Provider::Entra, "1"), by_value);
    }
}
