//! Nothing is changed without an audit event.
use elder_access::{Access, DbError, markers::UsersWrite};

pub async fn handler(access: Access<UsersWrite>) -> Result<(), DbError> {
    access.begin().await?.commit().await
}
