//! Development only: databases, applications and actors for tests.
