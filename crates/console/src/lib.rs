#![doc = include_str!("../README.md")]

mod account;
mod alerts;
mod asset;
mod authorize;
mod devices;
mod fault;
mod form;
mod frame;
mod invitation;
mod linking;
mod passkey;
mod place;
mod qr;
mod register;
mod reset;
mod routes;
mod security;
mod setup;
mod sign_in;
mod sign_out;
mod verify;
mod words;

pub use fault::PROBLEMS;
pub use routes::routes;
