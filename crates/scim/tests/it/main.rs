//! SCIM through HTTP: administration of directories, and what a push does.

#![cfg(test)]

mod conformance;
mod directory;
mod discovery;
mod entra;
mod okta;
mod person;
mod protocol;
mod token;
mod wire;
