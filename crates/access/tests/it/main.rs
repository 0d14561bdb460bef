//! The gate on a real database with its real roles.

mod transaction;
