//! Traces.

use elder_kernel::Secret;

use crate::setting::section;

section! {
    /// Traces for OpenTelemetry, sent by OTLP over HTTP: docs/operations/monitoring.md.
    Traces = "traces" {
        /// The URL that takes traces. Without it none are made.
        otlp_endpoint: Option<String> => "http://127.0.0.1:4318/v1/traces";
        /// What is sent along as headers: `name=value,name=value`.
        otlp_headers: Option<Secret<String>> => "authorization=Bearer a token";
        /// Of a hundred traces so many are sent.
        sample_percent: u8 = 100;
    }
}
