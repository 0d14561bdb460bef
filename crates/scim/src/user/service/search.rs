//! Finding users: from an index where the filter allows it, else by reading the directory.

use elder_access::{TenantTx, markers::ScimRead};
use elder_kernel::{Directory, Id, filter::Filter};
use elder_scim_protocol::{
    error::{ScimError, ScimType},
    filter::{Lookup, lookup, matches},
    list::ListResponse,
    query::Query as Question,
};
use serde_json::Value;

use super::{super::Pushed, repository};
use crate::Error;

/// How many users are read at a time where no index helps.
const BATCH: u64 = 500;
/// Most users that a filter without an index is put to.
const MOST_READ: u64 = 100_000;
/// Most users of one `externalId`: it should be one, but the provider decides.
const MOST_ALIKE: u64 = 1_000;

type Tx = TenantTx<ScimRead>;

/// A page of the users that a client asks for.
pub(crate) async fn list(
    tx: &Tx,
    directory: Id<Directory>,
    question: &Question,
    base_url: &str,
) -> Result<ListResponse, Error> {
    let Some(filter) = &question.filter else { return everybody(tx, directory, question, base_url).await };
    let mut window = Window { filter, question, base_url, total: 0, page: Vec::new() };
    match lookup(filter) {
        Some(key) => {
            for user in indexed(tx, directory, &key).await? {
                window.see(&user);
            }
        }
        None => walk(tx, directory, &mut window).await?,
    }
    Ok(ListResponse::new(window.page, window.total, question.page.start_index))
}

/// The matches so far, of which one page is kept.
struct Window<'a> {
    filter: &'a Filter,
    question: &'a Question,
    base_url: &'a str,
    total: u64,
    page: Vec<Value>,
}

impl Window<'_> {
    fn see(&mut self, user: &Pushed) {
        let shown = user.shown(self.base_url);
        if !matches(self.filter, &shown) {
            return;
        }
        self.total += 1;
        let page = self.question.page;
        if (page.start_index..page.start_index.saturating_add(page.count)).contains(&self.total) {
            self.page.push(self.question.projection.project(&shown));
        }
    }
}

async fn everybody(
    tx: &Tx,
    directory: Id<Directory>,
    question: &Question,
    base_url: &str,
) -> Result<ListResponse, Error> {
    let page = question.page;
    let total = repository::count(tx, tx.tenant(), directory).await?;
    let users = match page.count {
        0 => Vec::new(),
        count => repository::page(tx, tx.tenant(), directory, (page.start_index - 1, count)).await?,
    };
    let shown = users.iter().map(|user| question.projection.project(&user.shown(base_url))).collect();
    Ok(ListResponse::new(shown, total, page.start_index))
}

async fn indexed(tx: &Tx, directory: Id<Directory>, key: &Lookup) -> Result<Vec<Pushed>, Error> {
    let tenant = tx.tenant();
    Ok(match key {
        Lookup::UserName(name) => {
            repository::by_user_name(tx, tenant, directory, name).await?.into_iter().collect()
        }
        Lookup::Id(id) => match id.parse() {
            Ok(id) => repository::find(tx, tenant, directory, id).await?.into_iter().collect(),
            Err(_) => Vec::new(),
        },
        Lookup::ExternalId(id) => {
            let found = repository::by_external_id(tx, tenant, directory, (id, MOST_ALIKE + 1)).await?;
            if u64::try_from(found.len()).unwrap_or(u64::MAX) > MOST_ALIKE {
                return Err(too_many(MOST_ALIKE));
            }
            found
        }
    })
}

async fn walk(tx: &Tx, directory: Id<Directory>, window: &mut Window<'_>) -> Result<(), Error> {
    let (mut after, mut read) = (None, 0);
    loop {
        let batch = repository::after(tx, tx.tenant(), directory, (after, BATCH)).await?;
        for user in &batch {
            window.see(user);
        }
        let size = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        read += size;
        if size < BATCH {
            return Ok(());
        }
        if read >= MOST_READ {
            return Err(too_many(MOST_READ));
        }
        after = batch.last().map(|user| user.id);
    }
}

fn too_many(bound: u64) -> Error {
    let detail =
        format!("more than {bound} users would have to be read: ask for a userName or an externalId");
    ScimError::new(ScimType::TooMany, detail).into()
}
