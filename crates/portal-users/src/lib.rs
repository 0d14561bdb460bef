//! Accounts, passwords and sessions.
