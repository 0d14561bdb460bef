//! The table of permissions is the only place where they are made.
use elder_access::{Authority, Flow, Write};

pub enum Anything {}
impl Authority for Anything {
    type Mode = Write;
    const NAME: &'static str = "anything";
}
impl Flow for Anything {}
