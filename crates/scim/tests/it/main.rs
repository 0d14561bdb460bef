//! SCIM through HTTP: administration of directories, and what a push does.

#![cfg(test)]

mod activity;
mod bulk;
mod catalogue;
mod catalogue_race;
mod conformance;
mod cursor;
mod directory;
mod directory_group;
mod discovery;
mod entra;
mod group;
mod habits;
mod mapping;
mod membership;
mod okta;
mod patching;
mod person;
mod protocol;
mod root_search;
mod sort;
mod token;
mod valve;
mod wire;
