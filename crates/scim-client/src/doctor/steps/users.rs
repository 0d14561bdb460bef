//! Users: made, read, replaced, switched off and deleted.

use reqwest::{Method, header::LOCATION};
use serde_json::{Value, json};

use super::super::{
    check::Verdict,
    habits::{self, Change},
    run::{Kind, OTHER, Role, Run, USER},
};

pub(super) async fn create(run: &mut Run) -> Verdict {
    let body = habits::new_user(run.subject.provider, &run.names, USER);
    let answer = run.make(Kind::User, body).await?;
    if let Some(id) = answer.body.get("id").and_then(Value::as_str).filter(|_| answer.status < 300) {
        run.keep(Role::User, id);
    }
    answer.expect(&[201])?;
    answer.demand(answer.body.get("id").is_some_and(Value::is_string), "`id` is to be a text")?;
    answer.has("/userName", &json!(run.names.user(USER)))?;
    answer.has("/active", &json!(true))?;
    answer.has("/meta/resourceType", &json!("User"))?;
    answer.demand(answer.headers.contains_key(LOCATION), "the header `Location` is missing")?;
    answer.demand(answer.body.get("password").is_none(), "a password is never told")
}

pub(super) async fn duplicate(run: &mut Run) -> Verdict {
    run.id(Role::User)?;
    let body = habits::new_user(run.subject.provider, &run.names, USER);
    run.make(Kind::User, body).await?.refused(409, Some("uniqueness"))
}

pub(super) async fn read(run: &mut Run) -> Verdict {
    let answer = run.read(Role::User).await?;
    answer.has("/id", &json!(run.id(Role::User)?))?;
    answer.has("/userName", &json!(run.names.user(USER)))?;
    answer.has("/externalId", &json!(run.names.external(USER)))
}

pub(super) async fn put(run: &mut Run) -> Verdict {
    let mut body = run.read(Role::User).await?.body;
    habits::merge(&mut body, json!({"displayName": "Elder Test, replaced", "title": "Tester"}));
    let answer = run.client.ask(Method::PUT, &run.path(Role::User)?, body, None).await?;
    answer.expect(&[200])?;
    let after = run.read(Role::User).await?;
    after.has("/displayName", &json!("Elder Test, replaced"))?;
    after.has("/title", &json!("Tester"))?;
    after.has("/userName", &json!(run.names.user(USER)))
}

pub(super) async fn deactivate(run: &mut Run) -> Verdict {
    switch(run, false).await?;
    let found = run.client.get(&habits::lookup(run.subject.provider, &run.names.user(USER))).await?;
    found.lists_only(&run.id(Role::User)?)
}

pub(super) async fn reactivate(run: &mut Run) -> Verdict {
    switch(run, true).await
}

async fn switch(run: &mut Run, active: bool) -> Verdict {
    let user = run.read(Role::User).await?.body;
    let after = match habits::switch(run.subject.provider, &user, active) {
        Change::Patch(operations) => run.patch(Role::User, operations).await?,
        Change::Put(body) => {
            let path = run.path(Role::User)?;
            run.client.ask(Method::PUT, &path, body, None).await?.expect(&[200])?;
            run.read(Role::User).await?
        }
    };
    after.has("/active", &json!(active))
}

/// The second person, without whom there are no pages.
pub(super) async fn create_other(run: &mut Run) -> Verdict {
    let body = habits::new_user(run.subject.provider, &run.names, OTHER);
    let answer = run.make(Kind::User, body).await?;
    answer.expect(&[201])?;
    if let Some(id) = answer.body.get("id").and_then(Value::as_str) {
        run.keep(Role::Other, id);
    }
    Ok(())
}

pub(super) async fn delete(run: &mut Run) -> Verdict {
    run.delete(Role::User).await
}

pub(super) async fn gone(run: &mut Run) -> Verdict {
    let read = run.client.get(&run.path(Role::User)?).await?;
    read.refused(404, None)?;
    let found = run.client.get(&habits::lookup(run.subject.provider, &run.names.user(USER))).await?;
    let count = found.list()?.len();
    found.demand(count == 0, "the deleted user is still found")
}
