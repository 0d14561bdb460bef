//! Single sign-on, through HTTP and against a provider.

#![cfg(test)]

mod browser;
mod configuration;
mod discovery;
mod global;
mod identities;
mod keys;
mod lost_domain;
mod metadata;
mod notice;
mod op;
mod outage;
mod peer;
mod provisioning;
mod races;
mod replay;
mod saml;
mod saml_idp;
mod session;
mod sign_in;
mod single_logout;
mod switched_off;
mod unasked;
mod world;
