//! Tests of the server from the outside.

#[cfg(test)]
mod embedded;
