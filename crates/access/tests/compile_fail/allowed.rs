//! The doors, used as they are meant.
use elder_access::{
    Access, Action, Authority, Changes, DbError, Event, TenantTx, Worker, Write,
    markers::{UsersRead, UsersWrite},
    work::Housekeeping,
};

async fn write<A: Authority<Mode = Write>>(_: &TenantTx<A>) {}

pub async fn handler(access: Access<UsersWrite>, reading: Access<UsersRead>) -> Result<(), DbError> {
    let _seen = reading.begin().await?.raw_rows("select 1", []).await?;
    let tx = access.begin().await?;
    write(&tx).await;
    tx.commit(Event::new(Action::UserUpdated).changed(Changes::default().new_field("name", &"x"))).await
}

pub async fn work(worker: Worker) -> Result<(), DbError> {
    let _seen = worker.job::<Housekeeping>().platform().await?;
    Ok(())
}
