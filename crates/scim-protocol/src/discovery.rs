//! What the server can do (RFC 7644 §4, RFC 7643 §5–§7), told from the definitions that the engine works by.

use serde_json::{Map, Value, json};

use crate::schema::{Attribute, GROUP_TYPE, Kind, ResourceType, Schema, USER_TYPE};

const CONFIG_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
const TYPE_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const SCHEMA_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// The resource types that every client is offered. A type that stands here must be creatable: conformance suites try.
pub static OFFERED_TYPES: [&ResourceType; 2] = [&USER_TYPE, &GROUP_TYPE];

/// Bounds of `/Bulk`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bulk {
    /// How many operations one request may hold.
    pub max_operations: u32,
    /// How many bytes.
    pub max_payload_size: u64,
}

/// How a client shows its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    /// `Authorization: Bearer` (RFC 6750).
    Bearer,
    /// As the password of HTTP Basic (RFC 7617).
    Basic,
}

/// What a server supports beyond the engine; PATCH and filters it always has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Features {
    /// `/Bulk`, if there is one.
    pub bulk: Option<Bulk>,
    /// How many results a page has at most.
    pub max_results: u64,
    /// Whether a password may be set.
    pub change_password: bool,
    /// Whether lists are sorted as asked for.
    pub sort: bool,
    /// Whether `If-Match` and `If-None-Match` count.
    pub etag: bool,
    /// How a client may show its token; the first way is the recommended one.
    pub authentication: Vec<Authentication>,
    /// Where people read on.
    pub documentation_uri: Option<String>,
}

/// `/ServiceProviderConfig` (RFC 7643 §5).
pub fn service_provider_config(
    base_url: &str,
    types: &[&'static ResourceType],
    features: &Features,
) -> Value {
    let supported = |supported: bool| json!({ "supported": supported });
    let bulk = features.bulk.unwrap_or(Bulk { max_operations: 0, max_payload_size: 0 });
    let mut config = json!({
        "schemas": [CONFIG_URN],
        "patch": supported(true),
        "bulk": {
            "supported": features.bulk.is_some(),
            "maxOperations": bulk.max_operations,
            "maxPayloadSize": bulk.max_payload_size,
        },
        "filter": {"supported": true, "maxResults": features.max_results},
        "changePassword": supported(features.change_password),
        "sort": supported(features.sort),
        "etag": supported(features.etag),
        // RFC 9865 §4. Cursors last as long as the master key, so that no timeout is told.
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": features.max_results,
            "maxPageSize": features.max_results,
        },
        "authenticationSchemes": authentication_schemes(features),
        "meta": meta("ServiceProviderConfig", &at(base_url, "/ServiceProviderConfig")),
    });
    if let Value::Object(config) = &mut config {
        if let Some(uri) = &features.documentation_uri {
            config.insert("documentationUri".to_owned(), Value::from(uri.as_str()));
        }
        let offers = |endpoint: &str| types.iter().any(|kind| kind.endpoint == endpoint);
        if offers("/Roles") && offers("/Entitlements") {
            config.insert("RolesAndEntitlements".to_owned(), roles_and_entitlements());
        }
    }
    config
}

/// What draft-ietf-scim-roles-entitlements-01 §3.1 asks of who offers the two types.
fn roles_and_entitlements() -> Value {
    json!({
        "roles": {
            "supported": true, "multipleRolesSupported": true, "primarySupported": true, "typeSupported": true,
        },
        "entitlements": {
            "supported": true, "multipleEntitlementsSupported": true, "primarySupported": true, "typeSupported": true,
        },
    })
}

fn authentication_schemes(features: &Features) -> Vec<Value> {
    let scheme = |(index, way): (usize, &Authentication)| {
        let (kind, name, rfc, description) = match way {
            Authentication::Bearer => {
                ("oauthbearertoken", "Bearer token", "rfc6750", "A token of the directory as bearer token")
            }
            Authentication::Basic => {
                ("httpbasic", "HTTP Basic", "rfc7617", "A token of the directory as the password")
            }
        };
        json!({
            "type": kind,
            "name": name,
            "description": description,
            "specUri": format!("https://www.rfc-editor.org/info/{rfc}"),
            "primary": index == 0,
        })
    };
    features.authentication.iter().enumerate().map(scheme).collect()
}

/// The elements of `/ResourceTypes` (RFC 7643 §6).
pub fn resource_types(base_url: &str, types: &[&'static ResourceType]) -> Vec<Value> {
    types.iter().map(|kind| render_type(base_url, kind)).collect()
}

/// `/ResourceTypes/{name}`, if it is offered.
pub fn resource_type(base_url: &str, types: &[&'static ResourceType], name: &str) -> Option<Value> {
    types.iter().find(|kind| kind.name == name).map(|kind| render_type(base_url, kind))
}

/// The elements of `/Schemas` (RFC 7643 §7).
pub fn schemas(base_url: &str, types: &[&'static ResourceType]) -> Vec<Value> {
    schemas_of(types).map(|schema| render_schema(base_url, schema)).collect()
}

/// `/Schemas/{urn}`, if a type that is offered has it.
pub fn schema(base_url: &str, types: &[&'static ResourceType], urn: &str) -> Option<Value> {
    schemas_of(types)
        .find(|schema| schema.id.eq_ignore_ascii_case(urn))
        .map(|schema| render_schema(base_url, schema))
}

fn schemas_of(types: &[&'static ResourceType]) -> impl Iterator<Item = &'static Schema> {
    types.iter().flat_map(|kind| std::iter::once(kind.schema).chain(kind.extensions.iter().copied()))
}

fn at(base_url: &str, path: &str) -> String {
    format!("{}{path}", base_url.trim_end_matches('/'))
}

fn meta(resource_type: &str, location: &str) -> Value {
    json!({"resourceType": resource_type, "location": location})
}

fn render_type(base_url: &str, kind: &ResourceType) -> Value {
    let extensions = kind.extensions.iter().map(|schema| json!({"schema": schema.id, "required": false}));
    json!({
        "schemas": [TYPE_URN],
        "id": kind.name,
        "name": kind.name,
        "description": kind.description,
        "endpoint": kind.endpoint,
        "schema": kind.schema.id,
        "schemaExtensions": extensions.collect::<Vec<_>>(),
        "meta": meta("ResourceType", &at(base_url, &format!("/ResourceTypes/{}", kind.name))),
    })
}

fn render_schema(base_url: &str, schema: &Schema) -> Value {
    json!({
        "schemas": [SCHEMA_URN],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": schema.attributes.iter().map(render_attribute).collect::<Vec<_>>(),
        "meta": meta("Schema", &at(base_url, &format!("/Schemas/{}", schema.id))),
    })
}

fn render_attribute(attribute: &Attribute) -> Value {
    let mut rendered = Map::new();
    let mut set = |name: &str, value: Value| rendered.insert(name.to_owned(), value);
    set("name", attribute.name.into());
    set("type", json!(attribute.kind));
    set("multiValued", attribute.multi_valued.into());
    set("description", attribute.description.into());
    set("required", attribute.required.into());
    set("mutability", json!(attribute.mutability));
    set("returned", json!(attribute.returned));
    if attribute.kind != Kind::Boolean && attribute.kind != Kind::Complex {
        set("caseExact", attribute.case_exact.into());
        set("uniqueness", json!(attribute.uniqueness));
    }
    if !attribute.canonical_values.is_empty() {
        set("canonicalValues", attribute.canonical_values.into());
    }
    if attribute.kind == Kind::Reference {
        set("referenceTypes", attribute.reference_types.into());
    }
    if attribute.kind == Kind::Complex {
        set("subAttributes", attribute.sub_attributes.iter().map(render_attribute).collect());
    }
    Value::Object(rendered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{ENTITLEMENT_TYPE, OKTA_ENTITLEMENT_TYPE, OKTA_ROLE_TYPE, ROLE_TYPE};

    const BASE: &str = "https://elder.example/scim/v2/";

    fn features() -> Features {
        Features {
            bulk: None,
            max_results: 200,
            change_password: false,
            sort: false,
            etag: true,
            authentication: vec![Authentication::Bearer, Authentication::Basic],
            documentation_uri: None,
        }
    }

    #[test]
    fn disc_1_disc_2_the_configuration_says_what_is_supported() {
        let config = service_provider_config(BASE, &OFFERED_TYPES, &features());
        for (name, supported) in [
            ("patch", true),
            ("filter", true),
            ("etag", true),
            ("bulk", false),
            ("sort", false),
            ("changePassword", false),
        ] {
            assert_eq!(config[name]["supported"], supported, "{name}");
        }
        assert_eq!(config["bulk"]["maxOperations"], 0);
        assert_eq!(config["filter"]["maxResults"], 200);
        assert_eq!(config["authenticationSchemes"][0]["type"], "oauthbearertoken");
        assert_eq!(config["authenticationSchemes"][1]["primary"], false);
        assert_eq!(config.get("documentationUri"), None);
    }

    #[test]
    fn disc_3_disc_4_every_schema_of_an_offered_type_is_served() {
        let types = resource_types(BASE, &OFFERED_TYPES);
        assert_eq!(types.len(), 2);
        for (kind, name) in types.iter().zip(["User", "Group"]) {
            assert_eq!(resource_type(BASE, &OFFERED_TYPES, name).as_ref(), Some(kind));
        }
        assert_eq!(resource_type(BASE, &OFFERED_TYPES, "Printer"), None);
        let urns = [&types[0]["schema"], &types[0]["schemaExtensions"][0]["schema"], &types[1]["schema"]];
        assert_eq!(
            schemas(BASE, &OFFERED_TYPES).iter().map(|schema| &schema["id"]).collect::<Vec<_>>(),
            urns
        );
        for urn in urns {
            assert_eq!(schema(BASE, &OFFERED_TYPES, urn.as_str().unwrap()).unwrap()["id"], *urn);
        }
        assert_eq!(schema(BASE, &OFFERED_TYPES, "urn:ietf:params:scim:api:messages:2.0:PatchOp"), None);
    }

    #[test]
    fn disc_8_cur_9_both_ways_of_paging_are_told_and_the_older_one_is_the_default() {
        let pagination = &service_provider_config(BASE, &OFFERED_TYPES, &features())["pagination"];
        assert_eq!((&pagination["cursor"], &pagination["index"]), (&json!(true), &json!(true)));
        assert_eq!(pagination["defaultPaginationMethod"], "index");
        assert_eq!((&pagination["defaultPageSize"], &pagination["maxPageSize"]), (&json!(200), &json!(200)));
    }

    #[test]
    fn rol_1_roles_and_entitlements_are_told_where_they_are_offered() {
        assert_eq!(
            service_provider_config(BASE, &OFFERED_TYPES, &features()).get("RolesAndEntitlements"),
            None
        );
        let config = service_provider_config(BASE, &[&ROLE_TYPE, &ENTITLEMENT_TYPE], &features());
        for (list, several) in
            [("roles", "multipleRolesSupported"), ("entitlements", "multipleEntitlementsSupported")]
        {
            let told = &config["RolesAndEntitlements"][list];
            assert_eq!((&told["supported"], &told[several]), (&json!(true), &json!(true)), "{list}");
        }
        let types = resource_types(BASE, &[&USER_TYPE, &ROLE_TYPE, &OKTA_ENTITLEMENT_TYPE]);
        assert_eq!((&types[1]["name"], &types[1]["endpoint"]), (&json!("Role"), &json!("/Roles")));
        assert_eq!(types[2]["schema"], "urn:okta:scim:schemas:core:1.0:Entitlement");
    }

    #[test]
    fn disc_12_each_document_says_where_it_is() {
        let location = |document: &Value| document["meta"]["location"].as_str().unwrap().to_owned();
        let expected = "https://elder.example/scim/v2/ServiceProviderConfig";
        assert_eq!(location(&service_provider_config(BASE, &OFFERED_TYPES, &features())), expected);
        assert_eq!(
            location(&resource_types(BASE, &OFFERED_TYPES)[0]),
            "https://elder.example/scim/v2/ResourceTypes/User"
        );
        let user = "https://elder.example/scim/v2/Schemas/urn:ietf:params:scim:schemas:core:2.0:User";
        assert_eq!(location(&schemas(BASE, &OFFERED_TYPES)[0]), user);
    }

    #[test]
    fn att_7_att_16_no_complex_attribute_holds_another_and_only_complex_ones_hold_any() {
        let catalogue = [&ROLE_TYPE, &ENTITLEMENT_TYPE, &OKTA_ROLE_TYPE, &OKTA_ENTITLEMENT_TYPE];
        for schema in schemas_of(&OFFERED_TYPES).chain(schemas_of(&catalogue)) {
            for attribute in schema.attributes {
                assert_eq!(attribute.kind == Kind::Complex, !attribute.sub_attributes.is_empty());
                assert!(
                    attribute.sub_attributes.iter().all(|sub| sub.kind != Kind::Complex && !sub.multi_valued)
                );
            }
        }
        let user = &schemas(BASE, &OFFERED_TYPES)[0];
        let find = |name: &str| {
            user["attributes"].as_array().unwrap().iter().find(|a| a["name"] == name).unwrap().clone()
        };
        let name = find("userName");
        assert_eq!((&name["required"], &name["uniqueness"]), (&Value::from(true), &Value::from("server")));
        assert_eq!((&name["type"], &name["caseExact"]), (&Value::from("string"), &Value::from(false)));
        let password = find("password");
        assert_eq!(
            (&password["mutability"], &password["returned"]),
            (&Value::from("writeOnly"), &Value::from("never"))
        );
        assert_eq!(find("groups")["mutability"], "readOnly");
        assert_eq!(find("photos")["subAttributes"][0]["referenceTypes"], json!(["external"]));
    }
}
