//! What the server says of itself.

use elder_scim_protocol::schema::{GROUP_TYPE, USER_TYPE};
use serde_json::Value;

use super::super::{check::Verdict, run::Run};

pub(super) async fn config(run: &mut Run) -> Verdict {
    let answer = run.client.get("/ServiceProviderConfig").await?;
    answer.expect(&[200])?;
    run.config = answer.body.clone();
    for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        let told = answer.body.pointer(&format!("/{feature}/supported")).is_some_and(Value::is_boolean);
        answer.demand(told, format!("`{feature}.supported` is to be true or false"))?;
    }
    let schemes = answer.body.get("authenticationSchemes").is_some_and(Value::is_array);
    answer.demand(schemes, "`authenticationSchemes` is to be a list")
}

pub(super) async fn resource_types(run: &mut Run) -> Verdict {
    let answer = run.client.get("/ResourceTypes").await?;
    let types = answer.list()?;
    let has = |endpoint: &str, schema: &str| {
        types.iter().any(|kind| {
            kind.get("endpoint").and_then(Value::as_str).is_some_and(|at| at.ends_with(endpoint))
                && kind.get("schema").and_then(Value::as_str) == Some(schema)
        })
    };
    run.has_groups = has(GROUP_TYPE.endpoint, GROUP_TYPE.schema.id);
    answer.demand(has(USER_TYPE.endpoint, USER_TYPE.schema.id), "there is no type for users at /Users")
}

pub(super) async fn schemas(run: &mut Run) -> Verdict {
    let answer = run.client.get("/Schemas").await?;
    let id = USER_TYPE.schema.id;
    let user = answer.list()?.iter().find(|schema| schema.get("id").is_some_and(|urn| urn == id));
    let attributes = user.and_then(|schema| schema.get("attributes")).and_then(Value::as_array);
    let names = |name: &str| {
        attributes.is_some_and(|all| all.iter().any(|one| one.get("name").is_some_and(|told| told == name)))
    };
    answer.demand(names("userName"), format!("the schema {id} with `userName` is missing"))
}
