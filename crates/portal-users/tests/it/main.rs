//! Behaviour of accounts and sign-in over HTTP.

#[cfg(test)]
mod account;
#[cfg(test)]
mod global;
mod listing;
#[cfg(test)]
mod me;
#[cfg(test)]
mod people;
#[cfg(test)]
mod session;
#[cfg(test)]
mod setup;
#[cfg(test)]
mod setup_page;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod token;
