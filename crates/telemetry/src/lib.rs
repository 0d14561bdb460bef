//! Logs, redaction and supervised background tasks.
