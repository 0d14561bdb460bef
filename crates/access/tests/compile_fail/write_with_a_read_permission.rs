//! A service that writes takes no transaction that reads.
use elder_access::{
    Access, Authority, DbError, TenantTx, Write,
    markers::{UsersRead, UsersWrite},
};

async fn any_writer<A: Authority<Mode = Write>>(_: &TenantTx<A>) {}
async fn one_writer(_: &TenantTx<UsersWrite>) {}

pub async fn handler(access: Access<UsersRead>) -> Result<(), DbError> {
    let tx = access.begin().await?;
    any_writer(&tx).await;
    one_writer(&tx).await;
    Ok(())
}
