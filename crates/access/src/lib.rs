//! The gate: sole owner of the database pool, and every way to a tenant's rows.
