//! Makes a mail of a template and what it is told.

use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value, context};

use super::{Facts, Part, TemplateFault, TemplateSource, WrittenMail, grammar};
use crate::{Language, kind::EXAMPLE_TOKEN};

/// Steps that a template may take: far more than one of full length without loops.
const FUEL: u64 = 100_000;
/// Bytes that a text may have when it is written.
const LONGEST: usize = 256 * 1024;

/// Writes the mail.
///
/// # Errors
/// What is wrong with each of the three texts.
pub(super) fn write(
    source: &TemplateSource,
    language: &Language,
    facts: &Facts<'_>,
) -> Result<WrittenMail, Vec<TemplateFault>> {
    let told = told(language, facts);
    let mut faults = Vec::new();
    let mut written = |part, source: &str| match render(part, source, &told) {
        Ok(text) => text,
        Err(fault) => {
            faults.push(fault);
            String::new()
        }
    };
    let mail = WrittenMail {
        subject: written(Part::Subject, &source.subject),
        text: written(Part::Text, &source.text),
        html: written(Part::Html, &source.html),
    };
    if faults.is_empty() { Ok(mail) } else { Err(faults) }
}

/// Looks whether a mail with an example's values is good: one that shows no link is good for nothing.
///
/// # Errors
/// The texts that leave it out.
pub(super) fn ensure_link(mail: &WrittenMail, facts: &Facts<'_>) -> Result<(), Vec<TemplateFault>> {
    let link = Value::from_serialize(facts.content).get_attr("link");
    let has_link = link.is_ok_and(|link| !link.is_undefined());
    let lacks = |text: &str| has_link && !text.contains(EXAMPLE_TOKEN);
    let faults: Vec<_> = [(Part::Text, &mail.text), (Part::Html, &mail.html)]
        .into_iter()
        .filter(|(_, text)| lacks(text))
        .map(|(part, _)| TemplateFault {
            part,
            line: None,
            what: "`{{ link }}` is missing: without it nobody can do what the mail asks for".to_owned(),
        })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn told(language: &Language, facts: &Facts<'_>) -> Value {
    context! {
        brand => facts.brand,
        locale => language.as_str(),
        recipient => facts.recipient,
        ..Value::from_serialize(facts.content)
    }
}

fn render(part: Part, source: &str, told: &Value) -> Result<String, TemplateFault> {
    let fault = |line, what| TemplateFault { part, line, what };
    if let Some((line, what)) = grammar::first_fault(source) {
        return Err(fault(Some(line), what));
    }
    let text =
        environment(part).render_str(source, told).map_err(|error| fault(error.line(), in_words(&error)))?;
    if text.len() > LONGEST {
        return Err(fault(None, format!("it becomes longer than {LONGEST} bytes")));
    }
    if part == Part::Subject {
        let subject = text.trim();
        if subject.is_empty() || subject.contains(char::is_control) {
            return Err(fault(None, "a subject is one line of text".to_owned()));
        }
        return Ok(subject.to_owned());
    }
    Ok(text)
}

/// An engine without filters, functions and other templates. A name that nobody has told is an error.
fn environment(part: Part) -> Environment<'static> {
    let mut environment = Environment::empty();
    let escape = if part == Part::Html { AutoEscape::Html } else { AutoEscape::None };
    environment.set_auto_escape_callback(move |_| escape);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment
}

fn in_words(error: &minijinja::Error) -> String {
    match (error.kind(), error.detail()) {
        (ErrorKind::UndefinedError, _) => "it names a value that this kind of mail does not have".to_owned(),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    }
}

#[cfg(test)]
mod tests;
