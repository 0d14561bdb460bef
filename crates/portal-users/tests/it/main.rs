//! Behaviour of accounts and sign-in over HTTP.

#![cfg(test)]

mod account;
mod device;
mod email;
mod global;
mod impersonation;
mod import;
mod invitation;
mod listing;
mod mailbox;
mod me;
mod notice;
mod password_policy;
mod password_reset;
mod people;
mod refusal;
mod registration;
mod risk;
mod session;
mod setup;
mod sign_in;
mod signing_key;
mod silence;
mod stolen_password;
mod token;
mod token_life;
