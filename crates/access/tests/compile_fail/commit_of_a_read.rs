//! A transaction that reads has nothing to commit.
use elder_access::{Access, Action, DbError, Event, markers::UsersRead};

pub async fn handler(access: Access<UsersRead>) -> Result<(), DbError> {
    access.begin().await?.commit(Event::new(Action::UserUpdated)).await
}
