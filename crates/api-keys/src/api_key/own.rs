//! One's own keys. They act in their owner's name, so nobody else makes or rotates them.

pub(crate) mod routes;
