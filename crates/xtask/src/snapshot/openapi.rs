//! `docs/openapi.json`, as the binary `elder` of the same build prints it.

use std::process::Command;

use serde_json::Value;

use super::Made;
use crate::Failure;

/// The document of the binary that lies beside this one.
pub(super) fn document() -> Result<Made, Failure> {
    let binary = std::env::current_exe()?.with_file_name("elder");
    if !binary.exists() {
        return Ok(Made::Skipped("`elder` is not built: run `cargo build --workspace --bins`".to_owned()));
    }
    let output = Command::new(binary).arg("openapi").output()?;
    if !output.status.success() {
        return Err(format!("`elder openapi` failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    pretty(&output.stdout).map(Made::Text)
}

fn pretty(json: &[u8]) -> Result<String, Failure> {
    let document: Value =
        serde_json::from_slice(json).map_err(|error| format!("`elder openapi` printed no JSON: {error}"))?;
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_one_form_however_it_is_printed() {
        let expected = "{\n  \"openapi\": \"3.1.0\"\n}\n";
        for printed in ["{\"openapi\":\"3.1.0\"}", "{ \"openapi\": \"3.1.0\" }\n\n"] {
            assert_eq!(pretty(printed.as_bytes()).unwrap(), expected);
        }
        assert!(pretty(b"").is_err());
    }
}
