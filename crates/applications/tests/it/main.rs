//! Behaviour of applications over HTTP.

#![cfg(test)]

mod application;
