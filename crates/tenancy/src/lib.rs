//! Tenants, settings, domains, organizations, roles, feature flags and global administration.
