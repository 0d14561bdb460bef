//! Prometheus metrics and health.
