//! Service accounts and API keys through HTTP: their administration, and what a key opens.

#[cfg(test)]
mod api_key;
#[cfg(test)]
mod attack;
#[cfg(test)]
mod batch;
#[cfg(test)]
mod check;
#[cfg(test)]
mod own;
#[cfg(test)]
mod service_account;
#[cfg(test)]
mod wire;
