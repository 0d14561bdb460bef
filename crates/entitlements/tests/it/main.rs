//! Entitlements through HTTP: the catalogue, who holds what, and what nobody may hold together.

#![cfg(test)]

mod assignment;
mod conflict;
mod entitlement;
mod world;
