//! Puts families into a registry.

use prometheus::{Error, IntCounterVec, Opts, Registry, core::Collector};

pub(crate) fn counter(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
) -> Result<IntCounterVec, Error> {
    add(registry, IntCounterVec::new(Opts::new(name, help), labels)?)
}

pub(crate) fn add<C: Collector + Clone + 'static>(registry: &Registry, collector: C) -> Result<C, Error> {
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}
