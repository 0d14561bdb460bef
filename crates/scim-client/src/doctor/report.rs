//! What was found, for people and for programs.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use crate::Exchange;

/// How much of a body people are shown.
const MOST_SHOWN: usize = 1_000;

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The server does it right.
    Pass,
    /// The server does it wrong.
    Fail,
    /// There was nothing to look at.
    Skip,
}

/// What one step found.
#[derive(Debug, Clone, Serialize)]
pub struct StepReport {
    /// The step's short name, which stays.
    pub name: &'static str,
    /// What the server is to do.
    pub rule: &'static str,
    /// Where that is demanded.
    pub source: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took.
    pub milliseconds: u128,
    /// Why it did not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was asked last and answered, if the server did it wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Exchange>,
}

/// What the steps found.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The base URL that was examined.
    pub url: String,
    /// Whose way of asking was used.
    pub provider: &'static str,
    /// How many steps passed.
    pub passed: usize,
    /// How many did not.
    pub failed: usize,
    /// How many had nothing to look at.
    pub skipped: usize,
    /// Whether it was interrupted before all of them were gone through.
    pub interrupted: bool,
    /// Each of them.
    pub steps: Vec<StepReport>,
    /// What was made and is still there.
    pub left_behind: Vec<String>,
}

impl Display for StepReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (name, rule, source, took) = (self.name, self.rule, self.source, self.milliseconds);
        let reason = self.reason.as_deref().unwrap_or_default();
        match self.outcome {
            Outcome::Pass => write!(f, "ok    {name:<22}{rule} ({source}), {took} ms")?,
            Outcome::Fail => write!(f, "FAIL  {name:<22}{rule} ({source}), {took} ms\n      {reason}")?,
            Outcome::Skip => write!(f, "skip  {name:<22}{rule}: {reason}")?,
        }
        let Some(exchange) = &self.exchange else { return Ok(()) };
        write!(f, "\n      sent: {} {}", exchange.method, exchange.url)?;
        if !exchange.sent.is_null() {
            write!(f, " {}", shortened(&exchange.sent.to_string()))?;
        }
        let status = exchange.status.map(|status| format!("{status} ")).unwrap_or_default();
        write!(f, "\n      came: {status}{}", shortened(&exchange.received))
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            writeln!(f, "{step}")?;
        }
        let Self { passed, failed, skipped, .. } = self;
        write!(
            f,
            "\n{passed} passed, {failed} failed, {skipped} skipped: {} as {}",
            self.url, self.provider
        )?;
        if self.interrupted {
            write!(f, "\nInterrupted.")?;
        }
        if self.left_behind.is_empty() {
            return Ok(());
        }
        write!(f, "\nStill there, to be deleted by hand:\n  {}", self.left_behind.join("\n  "))
    }
}

/// One line of a text that may be a whole page; control characters could speak to the terminal.
fn shortened(text: &str) -> String {
    let mut line: String =
        text.chars().take(MOST_SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(MOST_SHOWN).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn failed(received: &str) -> StepReport {
        let exchange = Exchange {
            method: "POST".to_owned(),
            url: "https://id.example.com/Users".to_owned(),
            sent: json!({"userName": "ana"}),
            status: Some(500),
            received: received.to_owned(),
        };
        StepReport {
            name: "user-create",
            rule: "a user is created",
            source: "RFC 7644 §3.3",
            outcome: Outcome::Fail,
            milliseconds: 12,
            reason: Some("201 was expected, 500 came".to_owned()),
            exchange: Some(exchange),
        }
    }

    #[test]
    fn a_failure_shows_what_was_sent_and_what_came_on_one_line_each() {
        let text = failed("<html>\n\u{1b}[31moops").to_string();
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        assert_eq!(
            lines[1..],
            [
                "201 was expected, 500 came",
                r#"sent: POST https://id.example.com/Users {"userName":"ana"}"#,
                "came: 500 <html>  [31moops",
            ]
        );
        assert!(failed(&"x".repeat(5_000)).to_string().len() < 1_400);
    }

    #[test]
    fn a_program_reads_counts_steps_and_what_is_left() {
        let left = vec!["https://id.example.com/Users/1".to_owned()];
        let report = Report {
            url: "https://id.example.com".to_owned(),
            provider: "generic",
            passed: 0,
            failed: 1,
            skipped: 0,
            interrupted: true,
            steps: vec![failed("")],
            left_behind: left,
        };
        let value: Value = serde_json::to_value(&report).unwrap();
        assert_eq!((&value["passed"], &value["failed"]), (&json!(0), &json!(1)));
        assert_eq!(value["interrupted"], true);
        assert_eq!(value["steps"][0]["outcome"], "fail");
        assert_eq!(value["steps"][0]["exchange"]["status"], 500);
        assert_eq!(value["left_behind"][0], "https://id.example.com/Users/1");
        assert!(report.to_string().contains("to be deleted by hand"));
    }
}
