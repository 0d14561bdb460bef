//! Tells code, texts and comments of a Rust file apart.

use super::blank;

/// What a stretch of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    Text,
}

/// The code alone and the comments alone; all else is blanked.
pub(super) fn split(text: &str) -> (String, String) {
    let (mut code, mut comments) = (String::new(), String::new());
    let mut rest = text;
    let mut after_word = false;
    while let Some(first) = rest.chars().next() {
        let (kind, length) = stretch(rest, after_word).unwrap_or((Kind::Code, first.len_utf8()));
        let (piece, tail) = rest.split_at(length);
        let blanks = || piece.chars().map(blank).collect::<String>();
        code.push_str(&if kind == Kind::Code { piece.to_owned() } else { blanks() });
        comments.push_str(&if kind == Kind::Comment { piece.to_owned() } else { blanks() });
        after_word = first.is_alphanumeric() || first == '_';
        rest = tail;
    }
    (code, comments)
}

/// The comment or text that `rest` begins with, and its length.
fn stretch(rest: &str, after_word: bool) -> Option<(Kind, usize)> {
    if rest.starts_with("//") {
        return Some((Kind::Comment, rest.find('\n').unwrap_or(rest.len())));
    }
    if rest.starts_with("/*") {
        return Some((Kind::Comment, block_comment(rest)));
    }
    if rest.starts_with('\'') {
        return character(rest).map(|length| (Kind::Text, length));
    }
    let bare = if after_word { rest } else { rest.trim_start_matches(['b', 'c', 'r']) };
    let prefix = rest.len() - bare.len();
    if prefix > 2 {
        return None;
    }
    let hashes = bare.len() - bare.trim_start_matches('#').len();
    let quoted = bare.get(hashes..)?.strip_prefix('"')?;
    let raw = rest.get(..prefix)?.contains('r');
    if hashes > 0 && !raw {
        return None;
    }
    let inside = if raw {
        let end = format!("\"{}", "#".repeat(hashes));
        quoted.find(&end).map_or(quoted.len(), |at| at + end.len())
    } else {
        escaped(quoted)
    };
    Some((Kind::Text, prefix + hashes + 1 + inside))
}

/// The length of a text up to and with its closing quote.
fn escaped(quoted: &str) -> usize {
    let mut escape = false;
    for (at, letter) in quoted.char_indices() {
        match letter {
            _ if escape => escape = false,
            '\\' => escape = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    quoted.len()
}

/// The length of a character literal; `None` for a lifetime.
fn character(rest: &str) -> Option<usize> {
    let mut letters = rest.char_indices().skip(1);
    let (_, first) = letters.next()?;
    if first == '\\' {
        let (after, _) = letters.nth(1)?;
        return rest.get(after..)?.find('\'').map(|end| after + end + 1).or(Some(after));
    }
    let (at, second) = letters.next()?;
    (second == '\'').then_some(at + 1)
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0usize, 0);
    while let Some(tail) = rest.get(at..).filter(|tail| !tail.is_empty()) {
        if tail.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if tail.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += tail.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_comments_are_blanked_in_the_code() {
        for (text, code) in [
            ("a // b\nc", "a     \nc"),
            ("a /* /* b */ c */ d", "a                 d"),
            (r#"f("x\"y") g"#, "f(      ) g"),
            (r##"f(r#"a"b"#) g"##, "f(        ) g"),
            (r#"f(b"x", br"y")"#, "f(    ,      )"),
            ("match c { '\"' => '\\'', '{' => 'é' }", "match c {     =>     ,     =>      }"),
            ("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)"),
            ("'\\u{7f}' x", "         x"),
            ("number\"text\"", "number      "),
        ] {
            assert_eq!(split(text).0, code, "{text}");
        }
    }

    #[test]
    fn comments_are_kept_apart() {
        assert_eq!(split("a \"// no\" // yes").1, "          // yes");
    }
}
