//! Behaviour of accounts and sign-in over HTTP.

#![cfg(test)]

mod account;
mod device;
mod global;
mod impersonation;
mod import;
mod listing;
mod me;
mod notice;
mod password_policy;
mod people;
mod refusal;
mod session;
mod setup;
mod setup_page;
mod sign_in;
mod token;
mod token_life;
