//! `xtask api-breaks`: what the API's document takes away from what `docs/openapi.baseline.json` promises.

mod compare;
mod schemas;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::{Failure, Verdict, workspace::Workspace};

const BASELINE: &str = "docs/openapi.baseline.json";
const PRESENT: &str = "docs/openapi.json";

/// Compares the document with the baseline.
pub(crate) fn run(workspace: &Workspace) -> Result<Verdict, Failure> {
    let read = |file: &str| -> Result<Value, Failure> {
        serde_json::from_str(&workspace.read(file)?).map_err(|error| format!("{file}: {error}").into())
    };
    let breaks = compare::documents(&read(BASELINE)?, &read(PRESENT)?);
    if breaks.is_empty() {
        return Ok(Verdict::Done("api-breaks: every client of the baseline is still served\n".to_owned()));
    }
    let (count, lines) = (breaks.len(), breaks.join("\n"));
    Ok(Verdict::Wrong(format!("{lines}\n{count} breaking changes: see docs/guides/api-changes.md\n")))
}
