//! Licences as those who run Elder and those who use it see them.

#![cfg(test)]

mod install;
mod lapse;
mod limit;
mod server;
mod usage;
mod world;
