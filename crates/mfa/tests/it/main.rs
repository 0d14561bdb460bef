//! Behaviour of second factors over HTTP.

#![cfg(test)]

mod admin;
mod backup_code;
mod flow;
mod notice;
mod people;
mod policy;
mod remembered;
mod step_up;
mod totp;
mod webauthn;
