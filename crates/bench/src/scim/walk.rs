//! All users of a directory by cursor (RFC 9865): whether the last pages cost what the first did.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{
    directory::Directory,
    requests::{expect, found},
};
use crate::{
    cluster::Cluster, data, fault::Fault, http::Connection, server::Server, statistics::percentile_ms,
};

/// Users of a page.
const PAGE: usize = 200;

/// How a walk went.
pub(crate) struct Course {
    pub(crate) users: usize,
    pub(crate) pages: usize,
    /// Median milliseconds of a page of the first and of the last tenth.
    pub(crate) first: f64,
    pub(crate) last: f64,
}

/// Gives the directory so many users more.
pub(crate) fn fill(cluster: &Cluster, directory: &Directory, users: usize) -> Result<(), Fault> {
    let (tenant, id) = (data::TENANT, directory.id);
    cluster.execute(&format!(
        "insert into portal_users (tenant_id, id, email, email_folded, full_name, full_name_folded, managed_by)
         select {tenant}, ('01920000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'walk' || n || '@example.org',
            'walk' || n || '@example.org', 'Given Family', 'given family', '{id}'
         from generate_series(1, {users}) n;
         insert into scim_users (tenant_id, configuration_id, user_id, user_name, user_name_folded, is_active, resource,
            created_at, updated_at)
         select {tenant}, '{id}', ('01920000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
            'walk' || n || '@example.org', 'walk' || n || '@example.org', true,
            jsonb_build_object('userName', 'walk' || n || '@example.org', 'active', true), now(), now()
         from generate_series(1, {users}) n;
         analyze portal_users, scim_users;"
    ))
}

/// Goes through all of them.
pub(crate) fn course(elder: &Server, directory: &Directory, users: usize) -> Result<Course, Fault> {
    let mut connection = Connection::open(elder.address)?;
    let place = directory.place();
    let (mut seen, mut taken, mut cursor) = (0, Vec::new(), String::new());
    loop {
        let request = place.get(&format!("/Users?count={PAGE}&cursor={cursor}"));
        let begin = Instant::now();
        let answer = connection.exchange(&request)?;
        taken.push(begin.elapsed());
        let body = expect(&answer, 200)?;
        seen += found(&body);
        let Some(next) = body.get("nextCursor").and_then(Value::as_str) else { break };
        next.clone_into(&mut cursor);
    }
    if seen != users {
        return Err(Fault::broken(format!("all pages together show {seen} of {users} users")));
    }
    let pages = taken.len();
    let tenth = (pages / 10).max(1);
    let median = |pages: Option<&[Duration]>| {
        let mut pages = pages.unwrap_or_default().to_vec();
        pages.sort_unstable();
        percentile_ms(&pages, 50)
    };
    let (first, last) = (median(taken.get(..tenth)), median(taken.get(pages - tenth..)));
    Ok(Course { users, pages, first, last })
}
