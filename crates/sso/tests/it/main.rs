//! Single sign-on, through HTTP and against a provider.

#![cfg(test)]

mod browser;
mod configuration;
mod discovery;
mod op;
mod peer;
mod provisioning;
mod sign_in;
mod world;
