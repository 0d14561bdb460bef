//! Sizes: a file and a function can be read in one go.

use super::{
    Violation,
    source::{Source, body, words},
};

const MOST_LINES: usize = 400;
const MOST_TEST_LINES: usize = 600;
const MOST_FUNCTION_LINES: usize = 70;

/// Reports a file that is too long.
pub(super) fn file(source: &Source) -> Vec<Violation> {
    let most = if source.is_test() { MOST_TEST_LINES } else { MOST_LINES };
    let lines = source.text.lines().count();
    if lines <= most {
        return Vec::new();
    }
    let words = format!("{lines} lines, {most} are the limit: split the file by what it does");
    vec![source.violation(source.text.len(), "file-size", words)]
}

/// Reports functions that are too long, from `fn` to the closing brace.
pub(super) fn functions(source: &Source) -> Vec<Violation> {
    let all: Vec<_> = words(&source.code).collect();
    let named = all.windows(2).filter_map(|pair| {
        let [keyword, name] = pair else { return None };
        let between = source.code.get(keyword.at + keyword.text.len()..name.at)?;
        (keyword.text == "fn" && between.trim().is_empty()).then_some((keyword.at, name.text))
    });
    let judge = |(at, name): (usize, &str)| {
        let (_, end) = body(&source.code, at)?;
        let lines = source.code.get(at..end)?.lines().count();
        let words =
            format!("`{name}` has {lines} lines, {MOST_FUNCTION_LINES} are the limit: give its steps names");
        (lines > MOST_FUNCTION_LINES).then(|| source.violation(at, "function-size", words))
    };
    named.filter_map(judge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_400_lines_at_most_and_a_test_600() {
        let count = |path: &str, lines: usize| file(&Source::new(path, "\n".repeat(lines))).len();
        assert_eq!((count("crates/x/src/a.rs", 400), count("crates/x/src/a.rs", 401)), (0, 1));
        assert_eq!((count("crates/x/tests/it/a.rs", 600), count("crates/x/tests/it/a.rs", 601)), (0, 1));
    }

    #[test]
    fn a_function_has_70_lines_at_most() {
        let function =
            |lines: usize| format!("fn a(b: fn(u8)) -> [u8; 2] {{\n{}}}\n", "\"}\";\n".repeat(lines - 2));
        let count = |text: String| functions(&Source::new("a", text)).len();
        assert_eq!((count(function(70)), count(function(71))), (0, 1));
        assert_eq!(count(function(40) + &function(40)), 0);
    }

    #[test]
    fn a_function_without_a_body_has_no_length() {
        assert!(
            functions(&Source::new("a", "trait A { fn b(); }\n".to_owned() + &"\n".repeat(99))).is_empty()
        );
    }
}
