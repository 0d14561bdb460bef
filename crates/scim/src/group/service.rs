//! What a push does to a group.

mod repository;

use elder_access::{Action, Change, Changes, Event, TenantConn, TenantTx, markers::ScimWrite};
use elder_kernel::{Id, ScimGroup, User};
use elder_scim_protocol::{
    error::{ScimError, ScimType},
    filter::{Asked, matches_listed},
    patch::{ListChange, PatchRequest, apply},
    resource::{Resource, normalise_create, normalise_replace},
    schema::{GROUP_TYPE, ResourceType, USER_TYPE},
};
use serde_json::{Map, Value, json};

use self::repository::{Held, members, nesting};
use super::{Difference, Member, Named};
use crate::{
    Error,
    directory::Habits,
    resource::{
        Aim, Lists, Pushable, Pushed, Within, location,
        service::{Reads, provider},
    },
};

type Tx = TenantTx<ScimWrite>;

/// Most members that are read at once: those of one group, or of all groups of a page.
const MOST_MEMBERS: u64 = 100_000;
/// Most members of a group that a PATCH is answered with: else one member more would cost as much as all of them.
const MOST_IN_ANSWER: u64 = 100;
/// Most members of each kind that an event names.
const MOST_IN_EVENT: usize = 100;

/// A group after a PATCH.
pub(crate) struct Patched {
    pub(crate) group: Pushed<ScimGroup>,
    /// None if nothing changed.
    pub(crate) event: Option<Event>,
    pub(crate) habits: Habits,
}

impl Pushable for ScimGroup {
    const TYPE: &'static ResourceType = &GROUP_TYPE;
    const LIST: &'static str = "members";
    const READS: Reads = repository::READS;

    async fn lists(
        conn: &TenantConn,
        within: Within,
        base_url: &str,
        (of, asked): (&[Pushed<Self>], &Asked),
    ) -> Result<Lists, Error> {
        let groups: Vec<_> = of.iter().map(|group| group.id).collect();
        let keys = match asked {
            Asked::Keys(keys) => Some(keys.iter().filter_map(|key| Member::named(key)).collect::<Vec<_>>()),
            Asked::Nothing | Asked::Everything => None,
        };
        let rows = members::of(conn, within, (&groups, keys.as_deref(), MOST_MEMBERS + 1)).await?;
        if u64::try_from(rows.len()).unwrap_or(u64::MAX) > MOST_MEMBERS {
            let detail = format!("more than {MOST_MEMBERS} members would be shown: ask without members");
            return Err(ScimError::new(ScimType::TooMany, detail).into());
        }
        let mut lists = Lists::new();
        for row in rows {
            let shown = shown(base_url, row.member, row.display.as_deref());
            lists.entry(row.group.uuid()).or_default().push(Value::Object(shown));
        }
        Ok(lists)
    }
}

/// A member as clients see it.
fn shown(base_url: &str, member: Member, display: Option<&str>) -> Map<String, Value> {
    let kind = match member {
        Member::User(_) => &USER_TYPE,
        Member::Group(_) => &GROUP_TYPE,
    };
    let id = member.id();
    let mut shown = Map::from_iter([
        ("$ref".to_owned(), location(kind, base_url, &id).into()),
        ("value".to_owned(), id.into()),
        ("type".to_owned(), kind.name.into()),
    ]);
    shown.extend(display.map(|display| ("display".to_owned(), display.into())));
    shown
}

/// The groups that each of the users is in, directly or through other groups.
pub(crate) async fn of_users(
    conn: &TenantConn,
    within: Within,
    base_url: &str,
    users: &[Id<User>],
) -> Result<Lists, Error> {
    let mut lists = Lists::new();
    for row in nesting::of(conn, within, users).await? {
        let id = row.group.to_string();
        let group = json!({
            "$ref": location(&GROUP_TYPE, base_url, &id), "value": id, "display": row.display_name,
            "type": if row.is_direct { "direct" } else { "indirect" },
        });
        lists.entry(row.user.uuid()).or_default().push(group);
    }
    Ok(lists)
}

/// Creates a group with its members.
pub(crate) async fn create(
    tx: &Tx,
    within: Within,
    body: &Value,
) -> Result<Change<Pushed<ScimGroup>>, Error> {
    let habits = Habits::of(provider(tx, within).await?);
    let mut resource = normalise_create(&GROUP_TYPE, body, habits.options)?;
    let listed = resource.take_apart()?;
    let group = Pushed::new(tx.seam().id(), resource, tx.seam().now());
    repository::insert(tx, within, &group).await.map_err(Error::of_group)?;
    let difference = change(tx, within, (group.id, ListChange::Add(listed))).await?;
    let changes = Changes::default().new_field("display_name", &group.resource.group_name());
    let event = Event::on(Action::ScimGroupCreated, group.id).changed(changes);
    Ok((group, told(event, within, &difference)))
}

/// Makes of the group what the body says (RFC 7644 §3.5.1).
pub(crate) async fn replace(
    tx: &Tx,
    aim: Aim<'_, ScimGroup>,
    body: &Value,
) -> Result<(Pushed<ScimGroup>, Option<Event>), Error> {
    let held = lock(tx, aim).await?;
    let mut resource = normalise_replace(&held.group.resource, body, held.habits.options)?;
    let members = ListChange::Replace(resource.take_apart()?);
    save(tx, aim.within, held.group, (resource, vec![members])).await
}

/// Applies the operations, all or none (RFC 7644 §3.5.2).
pub(crate) async fn patch(tx: &Tx, aim: Aim<'_, ScimGroup>, body: &Value) -> Result<Patched, Error> {
    let request = PatchRequest::parse(body)?;
    let Held { group, habits } = lock(tx, aim).await?;
    let patched = apply(&group.resource, &request, habits.options)?;
    let resource = patched.document.unwrap_or_else(|| group.resource.clone());
    let (group, event) = save(tx, aim.within, group, (resource, patched.lists)).await?;
    Ok(Patched { group, event, habits })
}

/// Whether a group has more members than a PATCH of it is answered with.
pub(crate) async fn is_large(tx: &Tx, within: Within, group: Id<ScimGroup>) -> Result<bool, Error> {
    Ok(members::are_more_than(tx, within, (group, MOST_IN_ANSWER)).await?)
}

/// Removes the group. Its members stay.
pub(crate) async fn delete(tx: &Tx, aim: Aim<'_, ScimGroup>) -> Result<Event, Error> {
    lock(tx, aim).await?;
    repository::delete(tx, aim.within, aim.id).await?;
    Ok(Event::on(Action::ScimGroupDeleted, aim.id).with("directory", aim.within.directory))
}

async fn lock(tx: &Tx, aim: Aim<'_, ScimGroup>) -> Result<Held, Error> {
    let held = repository::lock(tx, aim.within, aim.id).await?.ok_or(Error::NotFound)?;
    if held.group.is_named_by(aim.if_match) { Ok(held) } else { Err(Error::VersionMismatch) }
}

/// Keeps what a group has become. A group that is as before is left alone, `meta` included.
async fn save(
    tx: &Tx,
    within: Within,
    old: Pushed<ScimGroup>,
    (resource, lists): (Resource, Vec<ListChange>),
) -> Result<(Pushed<ScimGroup>, Option<Event>), Error> {
    let mut difference = Difference::default();
    for list in lists {
        difference = difference.and(change(tx, within, (old.id, list)).await?);
    }
    let is_same = resource == old.resource;
    if is_same && difference.is_empty() {
        return Ok((old, None));
    }
    let action = if is_same { Action::ScimMembershipChanged } else { Action::ScimGroupUpdated };
    let (before, after) = (old.resource.group_name(), resource.group_name());
    let changes = Changes::default().field("display_name", &before, &after).field(
        "external_id",
        &old.resource.external_id(),
        &resource.external_id(),
    );
    let event = Event::on(action, old.id).changed(changes);
    let group = old.changed(resource, tx.seam().now());
    repository::update(tx, within, &group).await.map_err(Error::of_group)?;
    Ok((group, Some(told(event, within, &difference))))
}

/// Changes the rows of members, which are in one group. Each change is one or two statements, however large the group is.
async fn change(
    tx: &Tx,
    within: Within,
    (group, change): (Id<ScimGroup>, ListChange),
) -> Result<Difference, Error> {
    let difference = match change {
        ListChange::Add(values) => add(tx, within, (group, &Named::of(&values), false)).await?,
        ListChange::Remove(keys) => {
            let named: Vec<_> = keys.iter().filter_map(|key| Member::named(key)).collect();
            let removed = members::remove(tx, within, (group, &named)).await?;
            Difference { removed, ..Difference::default() }
        }
        ListChange::RemoveMatching(filter) => {
            let all = members::of(tx, within, (&[group], None, MOST_MEMBERS)).await?;
            let matching = all.into_iter().filter(|row| {
                matches_listed(&filter, &GROUP_TYPE, &shown("", row.member, row.display.as_deref()))
            });
            let matching: Vec<_> = matching.map(|row| row.member).collect();
            let removed = members::remove(tx, within, (group, &matching)).await?;
            Difference { removed, ..Difference::default() }
        }
        ListChange::Replace(values) => {
            let named = Named::of(&values);
            let removed = members::keep(tx, within, (group, &named)).await?;
            let added = add(tx, within, (group, &named, true)).await?;
            Difference { removed, ..Difference::default() }.and(added)
        }
    };
    if difference.unknown > 0 {
        let (directory, unknown) = (within.directory, difference.unknown);
        tracing::info!(%directory, %group, unknown, "a push names members that the directory does not have");
    }
    Ok(difference)
}

/// Adds those members that the directory has. Who is there already stays as they are, unless they are sent anew.
async fn add(
    tx: &Tx,
    within: Within,
    (group, named, anew): (Id<ScimGroup>, &Named, bool),
) -> Result<Difference, Error> {
    if named.members.is_empty() {
        return Ok(Difference { unknown: named.nobody, ..Difference::default() });
    }
    let known = members::add(tx, within, (group, named, anew)).await?;
    let unknown = named.nobody + named.members.len() - known.len();
    let is_new = |(member, is_new): (Member, bool)| is_new.then_some(member);
    Ok(Difference { added: known.into_iter().filter_map(is_new).collect(), unknown, ..Difference::default() })
}

/// Says who came and who went.
fn told(event: Event, within: Within, difference: &Difference) -> Event {
    let some =
        |members: &[Member]| members.iter().take(MOST_IN_EVENT).map(|one| one.id()).collect::<Vec<_>>();
    event
        .with("directory", within.directory)
        .with("added", some(&difference.added))
        .with("added_count", difference.added.len())
        .with("removed", some(&difference.removed))
        .with("removed_count", difference.removed.len())
        .with("unknown_count", difference.unknown)
}
