//! SQL on `scim_group_members`: one row a member.

use elder_access::{DbError, Row, TenantConn};
use elder_kernel::{Id, ScimGroup};
use sea_orm::Value;
use uuid::Uuid;

use crate::{
    group::{Member, Named},
    resource::Within,
};

// `limit` keeps the joins from being turned round: most groups are small, so that PostgreSQL would rather read more of
// them and look through the rows, and some are large. So rows are found by the key of the group, or by their whole key.
macro_rules! select {
    ($more_lists:literal, $more_conditions:literal) => {
        concat!(
            "select m.group_id, m.user_id, m.member_group_id,
                coalesce(m.display, g.display_name, u.resource ->> 'displayName', u.user_name) as display
            from unnest($3::uuid[]) as of_group (id) ",
            $more_lists,
            " cross join lateral (
                select group_id, member_id, user_id, member_group_id, display from scim_group_members
                where tenant_id = $1 and configuration_id = $2 and group_id = of_group.id ",
            $more_conditions,
            " order by member_id limit $4
            ) m
            left join scim_users u on u.tenant_id = $1 and u.configuration_id = $2 and u.user_id = m.user_id
            left join scim_groups g on g.tenant_id = $1 and g.configuration_id = $2 and g.id = m.member_group_id
            order by m.group_id, m.member_id limit $4"
        )
    };
}

pub(super) const OF: &str = select!("", "");
pub(super) const AMONG: &str =
    select!("cross join unnest($5::uuid[]) as named (id)", "and member_id = named.id");

pub(super) const MORE_THAN: &str = "
    select exists (
        select from scim_group_members where tenant_id = $1 and configuration_id = $2 and group_id = $3 offset $4
    ) as are_more";

// The lock on whom it names lets nobody go who is being added; who is gone is not known.
pub(super) const ADD: &str = "
    with given as materialized (
        select id, is_group, nullif(display, '') as display
        from unnest($4::uuid[], $5::boolean[], $6::text[]) as named (id, is_group, display)
    ), users as (
        select given.id, given.display from given
        join scim_users u on u.tenant_id = $1 and u.configuration_id = $2 and u.user_id = given.id
        where not given.is_group
        for key share of u
    ), groups as (
        select given.id, given.display from given
        join scim_groups g on g.tenant_id = $1 and g.configuration_id = $2 and g.id = given.id
        where given.is_group
        for key share of g
    ), added as (
        insert into scim_group_members
            (tenant_id, configuration_id, group_id, user_id, member_group_id, display)
        select $1, $2, $3, id, null::uuid, display from users
        union all
        select $1, $2, $3, null::uuid, id, display from groups
        on conflict (tenant_id, configuration_id, group_id, member_id) do update set display = excluded.display
            where $7 and excluded.display is distinct from scim_group_members.display
        returning member_id
    )
    select known.user_id, known.member_group_id, added.member_id is not null as is_new
    from (select id as user_id, null::uuid as member_group_id, id from users
          union all select null::uuid, id, id from groups) known
    left join added on added.member_id = known.id";

// By the whole key of each, as above.
pub(super) const REMOVE: &str = "
    with gone as materialized (
        select found.place from unnest($4::uuid[]) as named (id)
        cross join lateral (
            select ctid as place from scim_group_members
            where tenant_id = $1 and configuration_id = $2 and group_id = $3 and member_id = named.id
            limit 1
        ) found
    )
    delete from scim_group_members m using gone where m.ctid = gone.place
    returning m.user_id, m.member_group_id";

const KEEP: &str = "
    delete from scim_group_members
    where tenant_id = $1 and configuration_id = $2 and group_id = $3 and member_id <> all($4::uuid[])
    returning user_id, member_group_id";

/// One member of one group.
pub(in crate::group::service) struct MemberRow {
    pub(in crate::group::service) group: Id<ScimGroup>,
    pub(in crate::group::service) member: Member,
    pub(in crate::group::service) display: Option<String>,
}

/// The members of some groups, or those of them that are among others; so many at most.
pub(in crate::group::service) async fn of(
    conn: &TenantConn,
    within: Within,
    (groups, among, most): (&[Id<ScimGroup>], Option<&[Member]>, u64),
) -> Result<Vec<MemberRow>, DbError> {
    let groups: Vec<_> = groups.iter().map(|group| group.uuid()).collect();
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let values = [within.tenant.into(), within.directory.into(), groups.into(), most.into()];
    let (sql, among) = match among {
        None => (OF, None),
        Some(among) => (AMONG, Some(keys(among))),
    };
    let rows = conn.raw_rows(sql, values.into_iter().chain(among)).await?;
    rows.iter()
        .map(|row| {
            let group = Id::from_uuid(row.get("group_id")?);
            Ok(MemberRow { group, member: member(row)?, display: row.get("display")? })
        })
        .collect()
}

/// Whether a group has more members than so many.
pub(in crate::group::service) async fn are_more_than(
    conn: &TenantConn,
    within: Within,
    (group, number): (Id<ScimGroup>, u64),
) -> Result<bool, DbError> {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let row = conn.raw_row(MORE_THAN, with(within, group, number.into())).await?;
    Ok(row.map(|row| row.get("are_more")).transpose()?.unwrap_or_default())
}

/// Adds members; if they are sent `anew`, with their names as they are now. Gives those whom the directory has, and
/// whether something changed for each.
pub(in crate::group::service) async fn add(
    conn: &TenantConn,
    within: Within,
    (group, named, anew): (Id<ScimGroup>, &Named, bool),
) -> Result<Vec<(Member, bool)>, DbError> {
    let ids: Vec<_> = named.members.keys().copied().collect();
    let are_groups: Vec<_> =
        named.members.values().map(|(member, _)| matches!(member, Member::Group(_))).collect();
    let names: Vec<_> =
        named.members.values().map(|(_, display)| display.clone().unwrap_or_default()).collect();
    let more = [are_groups.into(), names.into(), anew.into()];
    let rows = conn.raw_rows(ADD, with(within, group, ids.into()).into_iter().chain(more)).await?;
    rows.iter().map(|row| Ok((member(row)?, row.get("is_new")?))).collect()
}

/// Removes members; gives those who were there.
pub(in crate::group::service) async fn remove(
    conn: &TenantConn,
    within: Within,
    (group, named): (Id<ScimGroup>, &[Member]),
) -> Result<Vec<Member>, DbError> {
    conn.raw_rows(REMOVE, with(within, group, keys(named))).await?.iter().map(member).collect()
}

/// Removes all members but these; gives those who were there.
pub(in crate::group::service) async fn keep(
    conn: &TenantConn,
    within: Within,
    (group, named): (Id<ScimGroup>, &Named),
) -> Result<Vec<Member>, DbError> {
    let kept: Vec<_> = named.members.keys().copied().collect();
    conn.raw_rows(KEEP, with(within, group, kept.into())).await?.iter().map(member).collect()
}

fn keys(members: &[Member]) -> Value {
    members.iter().map(|member| member.key()).collect::<Vec<_>>().into()
}

fn with(within: Within, group: Id<ScimGroup>, last: Value) -> [Value; 4] {
    [within.tenant.into(), within.directory.into(), group.into(), last]
}

fn member(row: &Row) -> Result<Member, DbError> {
    Ok(match row.get::<Option<Uuid>>("user_id")? {
        Some(user) => Member::User(Id::from_uuid(user)),
        None => Member::Group(Id::from_uuid(row.get("member_group_id")?)),
    })
}
