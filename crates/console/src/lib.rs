#![doc = include_str!("../README.md")]

mod account;
mod asset;
mod authorize;
mod fault;
mod form;
mod frame;
mod invitation;
mod register;
mod reset;
mod routes;
mod setup;
mod sign_in;
mod sign_out;
mod verify;
mod words;

pub use fault::PROBLEMS;
pub use routes::routes;
