//! Behaviour of accounts and sign-in over HTTP.

#![cfg(test)]

mod account;
mod global;
mod import;
mod listing;
mod me;
mod password_policy;
mod people;
mod refusal;
mod session;
mod setup;
mod sign_in;
mod token;
