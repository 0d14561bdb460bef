//! Behaviour of the pages, as a browser meets them.

#![cfg(test)]

mod account;
mod authorize;
mod browser;
mod code;
mod factor;
mod faults;
mod forms;
mod setup;
mod sign_in;
mod sign_in_refused;
