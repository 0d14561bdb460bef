//! Where the statements of an SQL script end (PostgreSQL, Lexical Structure).

/// The place behind each statement: behind its semicolon, or at the end of a script that has none there.
pub(crate) fn ends(script: &str) -> Vec<usize> {
    let (mut ends, mut at, mut has_begun) = (Vec::new(), 0, false);
    while let Some(next) = script[at..].chars().next() {
        let rest = &script[at..];
        let length = passage(rest);
        at += length.unwrap_or(next.len_utf8());
        if length.is_none() && next == ';' {
            ends.push(at);
            has_begun = false;
        } else {
            has_begun |= !next.is_whitespace() && !rest.starts_with("--") && !rest.starts_with("/*");
        }
    }
    if has_begun {
        ends.push(script.len());
    }
    ends
}

/// The length of a comment, a text or a quoted name that begins here: a semicolon within ends nothing.
fn passage(rest: &str) -> Option<usize> {
    let up_to = |begin: usize, end: &str| {
        let found = rest.get(begin..).and_then(|inner| inner.find(end));
        found.map_or(rest.len(), |at| begin + at + end.len())
    };
    match rest.chars().next()? {
        '-' if rest.starts_with("--") => Some(up_to(2, "\n")),
        '/' if rest.starts_with("/*") => Some(up_to(2, "*/")),
        // The body of a function in SQL itself (PostgreSQL, CREATE FUNCTION: `sql_body`).
        'b' if rest.starts_with("begin atomic") => Some(up_to(0, "\nend")),
        // A doubled quote within is two texts, one behind the other.
        '\'' => Some(up_to(1, "'")),
        '"' => Some(up_to(1, "\"")),
        '$' => {
            let tag = rest[1..].find('$').map(|end| &rest[..end + 2])?;
            let is_tag = tag[1..tag.len() - 1].chars().all(|c| c.is_alphanumeric() || c == '_');
            is_tag.then(|| up_to(tag.len(), tag))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_semicolon_ends_a_statement_unless_it_stands_within_something() {
        let statements = |script: &str| {
            let mut begin = 0;
            let part = |end| script[std::mem::replace(&mut begin, end)..end].trim().to_owned();
            ends(script).into_iter().map(part).collect::<Vec<_>>()
        };
        assert_eq!(statements("begin"), ["begin"]);
        assert_eq!(statements("a; b;\n-- c;\n"), ["a;", "b;"]);
        assert_eq!(statements("select ';', 'it''s;', \";\"; b"), ["select ';', 'it''s;', \";\";", "b"]);
        assert_eq!(statements("do $$ a; $x$ b; $$; /* ; */ c $1;"), ["do $$ a; $x$ b; $$;", "/* ; */ c $1;"]);
        assert_eq!(statements("do $x$ a; $$ b; $x$; c"), ["do $x$ a; $$ b; $x$;", "c"]);
        let body = "create function f() begin atomic\n a; b;\nend;";
        assert_eq!(statements(&format!("{body} c")), [body, "c"]);
        assert!(statements(" -- nothing\n").is_empty());
    }
}
