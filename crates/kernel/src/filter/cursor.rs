//! Walks over the text of a filter and knows at which byte it stands.

use super::{AttributePath, FilterError, FilterErrorKind, Literal, Place};

/// A place in a text.
pub(super) struct Cursor<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, position: 0 }
    }

    pub(super) const fn position(&self) -> usize {
        self.position
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or_default()
    }

    /// Goes behind blanks and says what stands there.
    pub(super) fn peek(&mut self) -> Option<char> {
        let rest = self.rest();
        self.position += rest.len() - rest.trim_ascii_start().len();
        self.next_char()
    }

    /// What stands right here.
    pub(super) fn next_char(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes one character if it is this one.
    pub(super) fn take(&mut self, wanted: char) -> bool {
        let found = self.next_char() == Some(wanted);
        if found {
            self.position += wanted.len_utf8();
        }
        found
    }

    /// Takes characters as long as they belong.
    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let (taken, _) = rest.split_at(rest.find(|c| !belongs(c)).unwrap_or(rest.len()));
        self.position += taken.len();
        taken
    }

    /// The word that comes next, not taken.
    pub(super) fn peek_word(&mut self) -> &'a str {
        self.peek();
        let start = self.position;
        let word = self.take_while(|c| c.is_ascii_alphabetic());
        self.position = start;
        word
    }

    /// Takes the next word if it is this one, in any case, and no part of a longer one.
    pub(super) fn take_word(&mut self, wanted: &str) -> bool {
        let word = self.peek_word();
        let whole = word.eq_ignore_ascii_case(wanted)
            && !self.rest().get(word.len()..).is_some_and(|after| after.starts_with(is_name_char));
        if whole {
            self.position += word.len();
        }
        whole
    }

    /// Takes `[URI ":"] ATTRNAME ["." ATTRNAME]`.
    pub(super) fn attribute(&mut self) -> Result<AttributePath, FilterError> {
        self.peek();
        let start = self.position;
        let word = self.take_while(is_name_char);
        let (schema, names) = word.rsplit_once(':').map_or((None, word), |(urn, names)| (Some(urn), names));
        let (name, sub) = names.split_once('.').map_or((names, None), |(name, sub)| (name, Some(sub)));
        if schema == Some("") || !is_name(name) || sub.is_some_and(|sub| !is_name(sub)) {
            return Err(expected("an attribute", start));
        }
        Ok(AttributePath {
            schema: schema.map(str::to_owned),
            name: name.to_owned(),
            sub: sub.map(str::to_owned),
            place: Place(start),
        })
    }

    /// Takes the name of a sub-attribute.
    pub(super) fn name(&mut self) -> Result<String, FilterError> {
        let start = self.position;
        let name = self.take_while(|c| is_name_char(c) && c != '.' && c != ':');
        if is_name(name) { Ok(name.to_owned()) } else { Err(expected("a sub-attribute", start)) }
    }

    /// Takes a JSON literal; where `lenient`, a text without quotes too.
    pub(super) fn literal(&mut self, lenient: bool) -> Result<Literal, FilterError> {
        let quoted = self.peek() == Some('"');
        let start = self.position;
        if quoted {
            return self.text_literal();
        }
        let word = self.take_while(|c| !c.is_ascii_whitespace() && !c.is_control() && !"\"()[]".contains(c));
        match word {
            "null" => Ok(Literal::Null),
            "true" => Ok(Literal::Bool(true)),
            "false" => Ok(Literal::Bool(false)),
            number if serde_json::from_str::<serde_json::Number>(number).is_ok() => {
                Ok(Literal::Number(number.to_owned()))
            }
            text if lenient && !text.is_empty() => Ok(Literal::Text(text.to_owned())),
            _ => Err(expected("a JSON literal", start)),
        }
    }

    fn text_literal(&mut self) -> Result<Literal, FilterError> {
        let start = self.position;
        let mut escaped = false;
        let end = self.rest().bytes().skip(1).position(|byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        });
        let Some(quoted) = end.and_then(|end| self.rest().get(..end + 2)) else {
            return Err(expected("a closing quote", self.text.len()));
        };
        self.position += quoted.len();
        let text = serde_json::from_str::<String>(quoted).ok().filter(|text| !text.contains('\0'));
        text.map(Literal::Text).ok_or(FilterError { position: start, kind: FilterErrorKind::InvalidText })
    }
}

/// The error of something else standing at `position`.
pub(super) const fn expected(what: &'static str, position: usize) -> FilterError {
    FilterError { position, kind: FilterErrorKind::Expected(what) }
}

const fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$' | '.' | ':')
}

/// `ATTRNAME` of RFC 7643 §2.1; `$` opens `$ref`.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$') && !name.contains('.')
}
