//! What attackers send over HTTP: too much of it, in other spellings, with other names of the server, from other pages.

mod cors;
mod errors;
mod filters;
mod limits;
mod paths;
mod wire;
