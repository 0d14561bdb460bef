//! Mails as their readers, admins and mail servers see them.

#![cfg(test)]

mod delivery;
mod mails;
mod queue;
mod template;
mod wire;
