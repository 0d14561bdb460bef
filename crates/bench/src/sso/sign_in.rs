//! Browsers that come back from a provider, each with what was signed for it in advance.

use std::{
    collections::VecDeque,
    ops::Range,
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use elder_kernel::{Id, IdentityProvider};
use serde_json::{Value, json};

use super::BROWSERS;
use crate::{
    cluster::Cluster,
    data,
    fault::Fault,
    http::Connection,
    measure::{Sample, Watch},
    operation,
    scim::expect,
    server::Server,
};

/// A browser that is about to come back.
pub(super) struct Prepared {
    /// The requests that it sends, one after the other. The last one signs it in.
    pub(super) requests: Vec<Vec<u8>>,
    /// What it brings.
    pub(super) brought: String,
}

/// A provider as Elder knows it.
pub(super) struct Known {
    pub(super) id: String,
    pub(super) shown: Value,
}

/// Sets a provider up.
pub(super) fn set_up(elder: &Server, described: &Value) -> Result<Known, Fault> {
    let mut connection = Connection::open(elder.address)?;
    let tokens = expect(&connection.exchange(&operation::login(&data::email(1)))?, 200)?;
    let token = tokens.get("access_token").and_then(Value::as_str).unwrap_or_default();
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let request = operation::post("/api/v2/identity-providers", &bearer, described);
    let shown = expect(&connection.exchange(&request)?, 201)?;
    let id = shown.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Known { id, shown })
}

/// Lets the provider know these people by their numbers, as if they had signed in before.
pub(super) fn link(
    cluster: &Cluster,
    (known, issuer): (&Known, &str),
    people: Range<u64>,
) -> Result<(), Fault> {
    let (tenant, Range { start, end }) = (data::TENANT, people);
    let id: Id<IdentityProvider> =
        known.id.parse().map_err(|_| Fault::broken("Elder shows no id of a provider"))?;
    let id = id.uuid();
    cluster.execute(&format!(
        "insert into sso_identities (tenant_id, id, idp_id, user_id, issuer, subject, linked_at, last_login_at)
         select {tenant}, gen_random_uuid(), '{id}', ('01910000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
            '{issuer}', 'person-' || n, now(), now()
         from generate_series({start}, {end} - 1) n"
    ))
}

/// A header of an answer, by its name in lower case.
pub(super) fn header(head: &str, name: &str) -> Result<String, Fault> {
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let found = lines.find(|(own, _)| own.eq_ignore_ascii_case(name));
    let found = found.map(|(_, value)| value.trim().to_owned());
    found.ok_or_else(|| Fault::broken(format!("there is no {name} in {head}")))
}

/// Where a browser is sent, and the cookie that it keeps.
pub(super) fn sent_away(connection: &mut Connection, path: &str) -> Result<(String, String), Fault> {
    let answer = connection.exchange(&operation::get(path, "Accept: text/html\r\n"))?;
    let head = String::from_utf8_lossy(answer.head);
    if answer.status != 303 && answer.status != 302 {
        let body = String::from_utf8_lossy(answer.body);
        return Err(Fault::broken(format!("{path} answered {}: {body}", answer.status)));
    }
    let cookie = header(&head, "set-cookie")?;
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    Ok((header(&head, "location")?, cookie))
}

/// One parameter of a URL's query.
pub(super) fn parameter(url: &str, name: &str) -> Result<String, Fault> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let found = form_urlencoded::parse(query.as_bytes()).find(|(own, _)| own == name);
    let found = found.map(|(_, value)| value.into_owned());
    found.ok_or_else(|| Fault::broken(format!("there is no {name} in {url}")))
}

/// Signs all of them in, a few at once, and measures that.
pub(super) fn all(elder: &Server, watch: Watch, prepared: Vec<Prepared>) -> Result<Sample, Fault> {
    let count = u32::try_from(prepared.len()).unwrap_or(u32::MAX);
    let waiting = Mutex::new(VecDeque::from(prepared));
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let before = watch.look()?;
    let taken = thread::scope(|scope| {
        let browser = |_| {
            scope.spawn(|| -> Result<Vec<Duration>, Fault> {
                let (mut connection, mut taken) = (Connection::open(elder.address)?, Vec::new());
                while let Some(one) = next() {
                    let begin = Instant::now();
                    come_back(&mut connection, &one)?;
                    taken.push(begin.elapsed());
                }
                Ok(taken)
            })
        };
        let browsers: Vec<_> = (0..BROWSERS).map(browser).collect();
        browsers.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    let after = watch.look()?;
    let mut latencies = Vec::new();
    for browser in taken {
        latencies.extend(browser.map_err(|_| Fault::broken("a browser panicked"))??);
    }
    latencies.sort_unstable();
    Ok(before.sample(&after, count, &latencies))
}

fn come_back(connection: &mut Connection, one: &Prepared) -> Result<(), Fault> {
    let mut place = String::new();
    for request in &one.requests {
        let answer = connection.exchange(request)?;
        if answer.status != 303 {
            let body = String::from_utf8_lossy(answer.body);
            return Err(Fault::broken(format!("a sign-in was answered {}: {body}", answer.status)));
        }
        place = header(&String::from_utf8_lossy(answer.head), "location")?;
    }
    if place.ends_with("/account") { Ok(()) } else { Err(Fault::broken(format!("signed in to {place}"))) }
}

/// What every provider here is set up with.
pub(super) fn described(name: &str, more: Value) -> Value {
    let mut all = json!({ "name": name, "sync": "always", "default_role": "reader" });
    if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
        all.extend(more);
    }
    all
}
