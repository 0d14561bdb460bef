//! Metrics and health of the whole application.

#[cfg(test)]
mod dashboards;
#[cfg(test)]
mod exposition;
#[cfg(test)]
mod health;
#[cfg(test)]
mod prometheus;
#[cfg(test)]
mod server;
