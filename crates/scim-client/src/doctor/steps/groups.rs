//! Groups and who is in them.

use serde_json::{Value, json};

use super::super::{
    check::{Halt, Verdict},
    habits,
    run::{GROUP, Kind, Role, Run, filter},
};
use crate::exchange::Answer;

/// What the group is called after it was renamed.
const RENAMED: &str = "renamed";

pub(super) async fn create(run: &mut Run) -> Verdict {
    if !run.has_groups {
        return Err(Halt::skip("the server has no groups"));
    }
    let answer = run.make(Kind::Group, habits::new_group(run.subject.provider, &run.names, GROUP)).await?;
    if answer.status == 501 {
        return Err(Halt::skip("the server takes no groups (501)"));
    }
    if let Some(id) = answer.body.get("id").and_then(Value::as_str).filter(|_| answer.status < 300) {
        run.keep(Role::Group, id);
    }
    answer.expect(&[201])?;
    answer.has("/displayName", &json!(run.names.group(GROUP)))?;
    answer.has("/meta/resourceType", &json!("Group"))
}

pub(super) async fn add_members(run: &mut Run) -> Verdict {
    run.id(Role::Group)?;
    let (one, two) = (run.id(Role::User)?, run.id(Role::Other)?);
    let after = run.patch(Role::Group, habits::add_members(run.subject.provider, &[&one, &two])).await?;
    holds(&after, &[&one, &two])
}

pub(super) async fn rename(run: &mut Run) -> Verdict {
    let (id, name) = (run.id(Role::Group)?, run.names.group(RENAMED));
    let before = members(&run.read(Role::Group).await?).len();
    let after = run.patch(Role::Group, habits::rename(run.subject.provider, &id, &name)).await?;
    after.has("/displayName", &json!(name))?;
    after.demand(members(&after).len() == before, "its members are to stay")
}

pub(super) async fn find(run: &mut Run) -> Verdict {
    let (id, name) = (run.id(Role::Group)?, run.names.group(RENAMED));
    let query =
        filter(Kind::Group, &format!("displayName eq \"{name}\""), &[("excludedAttributes", "members")]);
    run.client.get(&query).await?.lists_only(&id)
}

pub(super) async fn remove_member(run: &mut Run) -> Verdict {
    run.id(Role::Group)?;
    let (one, two) = (run.id(Role::User)?, run.id(Role::Other)?);
    let after = run.patch(Role::Group, habits::remove_member(run.subject.provider, &one)).await?;
    holds(&after, &[&two])
}

pub(super) async fn delete(run: &mut Run) -> Verdict {
    run.delete(Role::Group).await?;
    run.read(Role::User).await.map(drop)
}

/// Demands these members and no others, in any order.
fn holds(group: &Answer, ids: &[&str]) -> Verdict {
    let mut got = members(group);
    got.sort_unstable();
    let mut wanted = ids.to_vec();
    wanted.sort_unstable();
    group.demand(got == wanted, format!("its members are to be {}", wanted.join(" and ")))
}

fn members(group: &Answer) -> Vec<&str> {
    let members = group.body.get("members").and_then(Value::as_array).into_iter().flatten();
    members.filter_map(|member| member.get("value")?.as_str()).collect()
}
