//! Behaviour of accounts and sign-in over HTTP.

mod account;
mod global;
mod me;
mod people;
mod session;
mod setup;
mod sign_in;
mod token;
