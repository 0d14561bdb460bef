//! The right to a permission is made by the gate alone.
use elder_access::{Access, Principal, markers::UsersWrite};
use std::{marker::PhantomData, sync::Arc};

pub fn forge(principal: Arc<Principal>) -> Access<UsersWrite> {
    Access { principal, permission: PhantomData }
}
