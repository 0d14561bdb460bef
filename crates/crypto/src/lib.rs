//! Password hashing pool, token hashing, sealing of secret columns, signing keys.
