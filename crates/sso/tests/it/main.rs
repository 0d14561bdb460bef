//! Single sign-on, through HTTP and against a provider.

#![cfg(test)]

mod browser;
mod configuration;
mod discovery;
mod metadata;
mod op;
mod peer;
mod provisioning;
mod saml;
mod saml_idp;
mod session;
mod sign_in;
mod world;
