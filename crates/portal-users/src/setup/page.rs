//! The page behind the setup link: a plain form, so that the first owner needs nothing but a browser.

pub(crate) mod routes;

use elder_crypto::{OpaqueToken, TokenKind};
use elder_kernel::{Coded as _, Secret};
use serde::Deserialize;

use super::Setup;
use crate::Error;

/// The longest name, in characters.
const LONGEST_NAME: usize = 200;

/// What somebody typed into the form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entries {
    token: String,
    email: String,
    full_name: String,
    password: Secret<String>,
}

impl Entries {
    /// An empty form for the holder of a link.
    fn empty(token: String) -> Self {
        Self { token, email: String::new(), full_name: String::new(), password: Secret::new(String::new()) }
    }

    /// What the service makes an owner of, or what is wrong with it, in a sentence.
    fn setup(&self) -> Result<Setup, String> {
        let email = self.email.parse().map_err(|error| sentence(&Error::InvalidEmail(error).to_string()))?;
        let name = self.full_name.trim();
        if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            return Err(format!("A name has at most {LONGEST_NAME} characters, and no control character."));
        }
        Ok(Setup {
            token: Secret::new(self.token.clone()),
            email,
            password: Secret::new(self.password.expose().clone()),
            full_name: name.to_owned(),
        })
    }

    /// The form with what was typed but the password, which a page must not hold, under what was wrong with it.
    fn form(&self, wrong: &[String]) -> String {
        let wrong = wrong.iter().map(|words| format!("<li>{}</li>", escape(words))).collect::<String>();
        let alert = if wrong.is_empty() {
            String::new()
        } else {
            format!("<div role=\"alert\"><h2>This has to be mended</h2><ul>{wrong}</ul></div>")
        };
        document(
            "Set up Elder",
            &format!(
                "<p>This platform has no owner yet. Whoever sends this form becomes its owner.</p>{alert}\
                 <form method=\"post\" action=\"setup\">\
                 <input type=\"hidden\" name=\"token\" value=\"{token}\">\
                 <p><label for=\"email\">E-mail address</label><br>\
                 <input id=\"email\" name=\"email\" type=\"email\" autocomplete=\"email\" required value=\"{email}\"></p>\
                 <p><label for=\"full_name\">Your name</label><br>\
                 <input id=\"full_name\" name=\"full_name\" autocomplete=\"name\" maxlength=\"{LONGEST_NAME}\" \
                 value=\"{name}\"></p>\
                 <p><label for=\"password\">Password</label><br>\
                 <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"new-password\" required \
                 aria-describedby=\"advice\"></p>\
                 <p id=\"advice\">A long one: a few words that nobody else would put together.</p>\
                 <p><button type=\"submit\">Become the owner</button></p></form>",
                token = escape(&self.token),
                email = escape(&self.email),
                name = escape(&self.full_name),
            ),
        )
    }
}

/// Whether a text is a setup token by its form; the database says whether it is good.
fn is_setup_token(text: &str) -> bool {
    OpaqueToken::parse(text).is_ok_and(|token| token.kind == TokenKind::SetupToken)
}

/// What is wrong, in sentences for a person.
fn words(error: &Error) -> Vec<String> {
    let faults: Vec<String> = error.faults().into_iter().map(|fault| fault.detail).collect();
    if faults.is_empty() { vec![sentence(&error.to_string())] } else { faults }
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// A page that says one thing.
fn notice(title: &str, words: &str) -> String {
    document(title, &format!("<p>{}</p>", escape(words)))
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title></head>\
         <body><main><h1>{title}</h1>{body}</main></body></html>"
    )
}

/// For texts and for quoted attributes.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_typed_becomes_markup() {
        assert_eq!(escape("<a href='x'>\"&\"</a>"), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;");
    }

    #[test]
    fn a_message_becomes_a_sentence() {
        assert_eq!(sentence("the link is old"), "The link is old.");
        assert_eq!(sentence("It is."), "It is.");
    }
}
