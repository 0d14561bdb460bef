//! Users, changed by PATCH.

use elder_scim_protocol::patch::PATCH_URN;
use reqwest::{Method, header::ETAG};
use serde_json::{Value, json};

use super::super::{
    check::{Halt, Verdict},
    habits,
    run::{Role, Run, USER},
};

/// A version that nothing has.
const NO_VERSION: &str = "W/\"elder-scim-test\"";

pub(super) async fn replace(run: &mut Run) -> Verdict {
    let name = json!("Elder Test, patched");
    let after = run.patch(Role::User, habits::replace(run.subject.provider, "displayName", &name)).await?;
    after.has("/displayName", &name)?;
    after.has("/userName", &json!(run.names.user(USER)))
}

pub(super) async fn value_path(run: &mut Run) -> Verdict {
    let address = json!(run.names.user("moved"));
    let path = "emails[type eq \"work\"].value";
    let after = run.patch(Role::User, habits::replace(run.subject.provider, path, &address)).await?;
    let emails = after.body.get("emails").and_then(Value::as_array);
    let work =
        emails.into_iter().flatten().filter(|email| email.get("type").is_some_and(|kind| kind == "work"));
    let values: Vec<_> = work.filter_map(|email| email.get("value")).collect();
    after.demand(values == [&address], format!("the work address is to be {address}, and no second one"))
}

pub(super) async fn add(run: &mut Run) -> Verdict {
    let number = "+43 1 58858";
    let after = run.patch(Role::User, habits::add_phone(run.subject.provider, number)).await?;
    let phones = after.body.get("phoneNumbers").and_then(Value::as_array);
    let mobile =
        phones.into_iter().flatten().any(|phone| phone.get("type").is_some_and(|kind| kind == "mobile"));
    after.demand(mobile, "the phone number was to be added")
}

pub(super) async fn remove(run: &mut Run) -> Verdict {
    let after = run.patch(Role::User, habits::remove(run.subject.provider, "title")).await?;
    after.demand(after.body.get("title").is_none_or(Value::is_null), "`title` is to be gone")
}

pub(super) async fn bad_path(run: &mut Run) -> Verdict {
    let before = run.read(Role::User).await?.body;
    let operations = json!([
        {"op": "replace", "path": "displayName", "value": "Elder Test, half a change"},
        {"op": "replace", "path": "emails[type eq", "value": "x"},
    ]);
    let body = json!({"schemas": [PATCH_URN], "Operations": operations});
    let path = run.path(Role::User)?;
    run.client.ask(Method::PATCH, &path, body, None).await?.refused(400, None)?;
    let name = before.get("displayName").cloned().unwrap_or_default();
    run.read(Role::User).await?.has("/displayName", &name)
}

pub(super) async fn etag(run: &mut Run) -> Verdict {
    let path = run.path(Role::User)?;
    if run.config.pointer("/etag/supported") != Some(&json!(true)) {
        return Err(Halt::skip("the server says that it has none"));
    }
    let read = run.read(Role::User).await?;
    let header = read.headers.get(ETAG).and_then(|tag| tag.to_str().ok());
    let tag = header.or_else(|| read.body.pointer("/meta/version")?.as_str());
    let Some(tag) = tag else {
        return Err(Halt::fault("neither the header `ETag` nor `meta.version` is there", &read.exchange));
    };
    let body = |name: &str| {
        let operations = habits::replace(run.subject.provider, "displayName", &json!(name));
        json!({"schemas": [PATCH_URN], "Operations": operations})
    };
    let late = run.client.ask(Method::PATCH, &path, body("Elder Test, late"), Some(NO_VERSION)).await?;
    late.refused(412, None)?;
    let right = run.client.ask(Method::PATCH, &path, body("Elder Test, in time"), Some(tag)).await?;
    right.expect(&[200, 204])?;
    run.read(Role::User).await?.has("/displayName", &json!("Elder Test, in time"))
}
