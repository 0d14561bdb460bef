//! Behaviour of the pages, as a browser meets them.

#![cfg(test)]

mod account;
mod authorize;
mod browser;
mod code;
mod devices;
mod factor;
mod faults;
mod forms;
mod link;
mod passkey;
mod phone;
mod security;
mod setup;
mod sign_in;
mod sign_in_refused;
