//! How resources are read, whatever their kind.

mod repository;
mod search;

use elder_access::TenantConn;
use elder_kernel::Id;
use elder_scim_protocol::{filter::Asked, projection::Projection};

use super::{Pushable, Pushed, Within};
use crate::{Error, Provider};

pub(crate) use repository::{Reads, read, reads};
pub(crate) use search::{Found, Place, Reader, Window, find};

/// One resource.
pub(crate) async fn get<K: Pushable>(
    conn: &TenantConn,
    within: Within,
    id: Id<K>,
) -> Result<Pushed<K>, Error> {
    repository::find(conn, within, id).await?.ok_or(Error::NotFound)
}

/// Who pushes into the directory.
pub(crate) async fn provider(conn: &TenantConn, within: Within) -> Result<Provider, Error> {
    repository::provider(conn, within).await?.ok_or(Error::NotFound)
}

/// Reads of the resources what is shown and not read yet.
pub(crate) async fn complete<K: Pushable>(
    conn: &TenantConn,
    within: Within,
    (base_url, projection): (&str, &Projection),
    resources: &mut [Pushed<K>],
) -> Result<(), Error> {
    let is_shown = projection.shows(K::TYPE, K::LIST);
    fill(conn, within, base_url, (resources, if is_shown { &Asked::Everything } else { &Asked::Nothing }))
        .await
}

/// Reads the lists of the resources as far as they are asked for, in place of what was read before.
async fn fill<K: Pushable>(
    conn: &TenantConn,
    within: Within,
    base_url: &str,
    (resources, asked): (&mut [Pushed<K>], &Asked),
) -> Result<(), Error> {
    let mut lists = match asked {
        Asked::Nothing => super::Lists::new(),
        _ if resources.is_empty() => return Ok(()),
        asked => K::lists(conn, within, base_url, (resources, asked)).await?,
    };
    for resource in resources {
        resource.list = lists.remove(&resource.id.uuid()).unwrap_or_default();
    }
    Ok(())
}
