//! Lists: found by name, and gone through in pages.

use serde_json::{Value, json};

use super::{
    super::{
        check::{Halt, Verdict},
        habits,
        run::{Role, Run, USER},
    },
    users,
};
use crate::exchange::Answer;

/// How often two pages that are the same are looked at.
const MOST_LOOKS: u32 = 3;

pub(super) async fn absent(run: &mut Run) -> Verdict {
    let answer = run.client.get(&habits::lookup(run.subject.provider, &run.names.user("nobody"))).await?;
    let found = answer.list()?.len();
    answer.demand(found == 0 && answer.total() == Some(0), "nobody was to be found")
}

pub(super) async fn by_name(run: &mut Run) -> Verdict {
    find(run, &run.names.user(USER)).await
}

pub(super) async fn by_name_in_capitals(run: &mut Run) -> Verdict {
    find(run, &run.names.user(USER).to_uppercase()).await
}

async fn find(run: &Run, name: &str) -> Verdict {
    let id = run.id(Role::User)?;
    run.client.get(&habits::lookup(run.subject.provider, name)).await?.lists_only(&id)
}

pub(super) async fn attributes(run: &mut Run) -> Verdict {
    let answer = run.client.get(&format!("{}?attributes=userName", run.path(Role::User)?)).await?;
    answer.expect(&[200])?;
    answer.has("/id", &json!(run.id(Role::User)?))?;
    answer.has("/userName", &json!(run.names.user(USER)))?;
    let more = ["name", "emails", "displayName"].into_iter().find(|name| answer.body.get(name).is_some());
    answer.demand(more.is_none(), format!("`{}` was not asked for", more.unwrap_or_default()))
}

pub(super) async fn paging(run: &mut Run) -> Verdict {
    run.id(Role::User)?;
    users::create_other(run).await?;
    pages_differ(run).await?;
    let none = run.client.get("/Users?count=0").await?;
    let shown = none.list()?.len();
    none.demand(shown == 0 && none.total() >= Some(2), "`count=0` asks for the number alone")
}

/// The directory is in use: a user who comes before the first moves it to the second page, which says nothing against
/// the server. One that repeats itself does so every time.
async fn pages_differ(run: &Run) -> Verdict {
    let mut looks = 1;
    loop {
        let (first, second) = (page(run, 1).await?, page(run, 2).await?);
        let differ = id_of(&first) != id_of(&second);
        if differ || looks == MOST_LOOKS {
            return second.demand(differ, "the second page shows what the first did");
        }
        looks += 1;
    }
}

/// A page of one.
async fn page(run: &Run, start: u64) -> Result<Answer, Halt> {
    let answer = run.client.get(&format!("/Users?startIndex={start}&count=1")).await?;
    let shown = answer.list()?.len();
    answer.demand(shown == 1, format!("one was asked for, {shown} came"))?;
    answer.demand(answer.total() >= Some(2), "`totalResults` is to count all, not those of the page")?;
    answer.has("/startIndex", &json!(start))?;
    answer.has("/itemsPerPage", &json!(1))?;
    Ok(answer)
}

fn id_of(page: &Answer) -> Option<&str> {
    page.body.pointer("/Resources/0/id").and_then(Value::as_str)
}
