//! What a template may hold: values, and conditions about them.
//!
//! Templates are written by people of a tenant and run beside everybody else's requests. Whatever could make a text grow
//! is left out: no loop, no variable of its own, and no operator that puts texts together, since a few lines of
//! `{% set a = a ~ a %}` would fill the memory of the machine before any bound on steps is reached.

/// The statements that there are.
const STATEMENTS: [&str; 4] = ["if", "elif", "else", "endif"];
/// What would put texts together, and what would keep the engine from seeing an end where it is seen here.
const REFUSED: [char; 10] = ['~', '*', '+', '(', ')', '[', ']', '{', '}', '\\'];

/// The first thing in `source` that a template may not hold: its line, and what it is.
pub(super) fn first_fault(source: &str) -> Option<(usize, String)> {
    let mut at = 0;
    while let Some(tag) = next_tag(source, at) {
        let line = 1 + source.get(..tag.begin).unwrap_or_default().matches('\n').count();
        let Some((inner, end)) = tag.read(source) else {
            return Some((line, format!("`{}` is not closed", tag.kind.opening())));
        };
        if let Some(fault) = tag.kind.fault(inner) {
            return Some((line, fault));
        }
        at = end;
    }
    None
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Value,
    Statement,
    Comment,
}

/// Where something that is not text begins.
struct Tag {
    begin: usize,
    kind: Kind,
}

fn next_tag(source: &str, from: usize) -> Option<Tag> {
    let rest = source.get(from..)?;
    [Kind::Value, Kind::Statement, Kind::Comment]
        .into_iter()
        .filter_map(|kind| Some(Tag { begin: from + rest.find(kind.opening())?, kind }))
        .min_by_key(|tag| tag.begin)
}

impl Tag {
    /// What stands in it, and where it ends. In a text between quotes nothing ends.
    fn read<'a>(&self, source: &'a str) -> Option<(&'a str, usize)> {
        let from = self.begin + self.kind.opening().len();
        let rest = source.get(from..)?;
        let closing = self.kind.closing();
        let mut quote = None;
        for (at, letter) in rest.char_indices() {
            let may_quote = self.kind != Kind::Comment && (letter == '"' || letter == '\'');
            if quote == Some(letter) {
                quote = None;
            } else if quote.is_none() && rest.get(at..)?.starts_with(closing) {
                return Some((rest.get(..at)?, from + at + closing.len()));
            } else if quote.is_none() && may_quote {
                quote = Some(letter);
            }
        }
        None
    }
}

impl Kind {
    const fn opening(self) -> &'static str {
        match self {
            Self::Value => "{{",
            Self::Statement => "{%",
            Self::Comment => "{#",
        }
    }

    const fn closing(self) -> &'static str {
        match self {
            Self::Value => "}}",
            Self::Statement => "%}",
            Self::Comment => "#}",
        }
    }

    /// What is wrong with what stands between the two.
    fn fault(self, inner: &str) -> Option<String> {
        if self == Self::Comment {
            return None;
        }
        // `{{-` and `+%}` say something of the white space around.
        let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner);
        let inner = inner.strip_suffix(['-', '+']).unwrap_or(inner);
        if let Some(letter) = inner.chars().find(|letter| REFUSED.contains(letter)) {
            return Some(format!(
                "`{letter}` may not stand here: a template shows values and has conditions, no more"
            ));
        }
        let word = inner.split_whitespace().next().unwrap_or_default();
        if self == Self::Statement && !STATEMENTS.contains(&word) {
            return Some(format!("there is no statement `{word}`, only {}", STATEMENTS.join(", ")));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_conditions_are_all_that_there_is() {
        for source in [
            "",
            "plain { text } 100 % + 2 * 3 ~ \\",
            "{{ brand.name }}",
            "{{- link -}}",
            "{% if brand.logo_url %}a{% elif x == 'b' %}b{%- else -%}c{%+ endif +%}",
            "{# {{ a ~ a }} {% set #}",
            "{% if a == \"it's %>\" %}{% endif %}",
        ] {
            assert_eq!(first_fault(source), None, "{source}");
        }
    }

    #[test]
    fn nothing_can_make_a_text_grow() {
        for source in [
            "{{ a ~ a }}",
            "{{ a + a }}",
            "{{ 'x' * 1000000000 }}",
            "{% set a = 'x' %}",
            "{%+ set a = 'x' %}",
            "{%set a%}{{ a }}{{ a }}{%endset%}",
            "{% for a in [1, 2] %}",
            "{% with a = 1 %}",
            "{% raw %}",
            "{% include 'x' %}",
            "{% macro a() %}",
            "{{ ( }} ~ a ) }}",
            "{{ {'a': {}} ~ a }}",
            "{{ [ }} ~ a ] }}",
            "{% if a == \"%}\" %}{% endif %}",
            "{{ '}}' ~ a }}",
            "{{ \"it's }}\" ~ a }}",
            "{{ '\\' }}' ~ a }}",
            "{# '#}{{ a ~ a }}",
            "{{ a",
            "{% if '%} ",
        ] {
            assert!(first_fault(source).is_some(), "{source}");
        }
    }

    #[test]
    fn a_fault_is_told_with_its_line() {
        let (line, what) = first_fault("a\nb\n{% set x = 1 %}").unwrap();
        assert_eq!(line, 3);
        assert!(what.contains("`set`"), "{what}");
    }
}
