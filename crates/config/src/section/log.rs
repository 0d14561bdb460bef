//! Logs.

use serde::Deserialize;

use crate::setting::section;

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
    /// For people on a terminal, JSON elsewhere.
    Auto,
}

section! {
    /// Logs, which go to standard error.
    Log = "log" {
        /// What is logged: "error", "warn", "info", "debug", "trace", or by module as `info,elder_scim=debug`.
        level: String = "info";
        /// "json", "pretty", or "auto", which is pretty on a terminal and JSON elsewhere.
        format: Format = "auto";
    }
}
