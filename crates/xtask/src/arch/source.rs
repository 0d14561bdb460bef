//! A source file as the rules see it: its code without texts and comments, and its comments alone.

mod mask;

/// A file of a crate.
pub(super) struct Source {
    /// The name from the workspace's root, with `/`.
    pub(super) path: String,
    /// What the file holds.
    pub(super) text: String,
    /// The same with texts and comments blanked: every offset and line stays.
    pub(super) code: String,
    /// The same with all but comments blanked.
    pub(super) comments: String,
}

/// A word of the code and where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// The word.
    pub(super) text: &'a str,
    /// Its offset.
    pub(super) at: usize,
}

impl Source {
    /// Reads a file's text.
    pub(super) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let (code, comments) = mask::split(&text);
        Self { path: path.into(), text, code, comments }
    }

    /// The folder of the crate.
    pub(super) fn krate(&self) -> &str {
        self.path.split('/').nth(1).unwrap_or_default()
    }

    /// The name without its folders.
    pub(super) fn file(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Whether the whole file is compiled for tests alone.
    pub(super) fn is_test(&self) -> bool {
        let mut folders = self.path.split('/').skip(2);
        self.file() == "tests.rs" || folders.any(|folder| matches!(folder, "tests" | "benches"))
    }

    /// The path below `src` in modules; `None` outside of `src`. The crate's root is the empty path.
    pub(super) fn module(&self) -> Option<Vec<&str>> {
        let inner = self.path.split_once("/src/")?.1.strip_suffix(".rs")?;
        let mut path: Vec<_> = inner.split('/').collect();
        if matches!(path.last(), Some(&"mod")) || path == ["lib"] || path == ["main"] {
            path.pop();
        }
        Some(path)
    }

    /// The line of an offset, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
    }

    /// The code without what `#[cfg(test)]` stands before.
    pub(super) fn product_code(&self) -> String {
        let mut code = self.code.clone();
        while let Some(start) = code.find("#[cfg(test)]") {
            let end = item_end(&code, start);
            let blank: String = code.get(start..end).unwrap_or_default().chars().map(blank).collect();
            code.replace_range(start..end, &blank);
        }
        code
    }
}

/// What stands for a letter that is not looked at: as many bytes, and line ends stay.
fn blank(letter: char) -> &'static str {
    match (letter, letter.len_utf8()) {
        ('\n', _) => "\n",
        (_, 1) => " ",
        (_, 2) => "  ",
        (_, 3) => "   ",
        _ => "    ",
    }
}

/// The words of some code (identifiers, keywords, numbers), in order.
pub(super) fn words(code: &str) -> impl Iterator<Item = Word<'_>> {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + code.get(rest..)?.find(is_word)?;
        let tail = code.get(start..)?;
        let end = start + tail.find(|letter| !is_word(letter)).unwrap_or(tail.len());
        rest = end;
        Some(Word { text: code.get(start..end)?, at: start })
    })
}

/// Where the item that begins at `start` ends: after its braces, or its semicolon.
pub(super) fn item_end(code: &str, start: usize) -> usize {
    body(code, start).map_or_else(
        || code.get(start..).and_then(|tail| tail.find(';')).map_or(code.len(), |end| start + end + 1),
        |(_, end)| end,
    )
}

/// The braces after `start`, outside of parentheses and brackets; `None` if a semicolon comes first.
pub(super) fn body(code: &str, start: usize) -> Option<(usize, usize)> {
    let (mut nested, mut braces, mut open) = (0usize, 0usize, 0usize);
    for (at, letter) in code.get(start..)?.char_indices() {
        match letter {
            '(' | '[' if braces == 0 => nested += 1,
            ')' | ']' if braces == 0 => nested = nested.saturating_sub(1),
            ';' if nested == 0 && braces == 0 => return None,
            '{' => {
                if braces == 0 {
                    open = start + at;
                }
                braces += 1;
            }
            '}' => {
                braces = braces.checked_sub(1)?;
                if braces == 0 {
                    return Some((open, start + at + 1));
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_path_follows_the_folders() {
        let module = |path: &str| Source::new(path, "").module().map(|path| path.join("::"));
        assert_eq!(module("crates/x/src/lib.rs").as_deref(), Some(""));
        assert_eq!(module("crates/x/src/widget/mod.rs").as_deref(), Some("widget"));
        assert_eq!(
            module("crates/x/src/widget/service/repository.rs").as_deref(),
            Some("widget::service::repository")
        );
        assert_eq!(module("crates/x/tests/it/main.rs"), None);
    }

    #[test]
    fn product_code_lacks_the_test_module_and_keeps_what_follows() {
        let source = Source::new("a", "fn a() {}\n#[cfg(test)]\nmod tests { fn b() {} }\nfn c() {}");
        let code = source.product_code();
        assert!(!code.contains("fn b") && code.contains("fn c"), "{code}");
        assert_eq!(code.len(), source.text.len());
    }

    #[test]
    fn a_body_is_not_looked_for_past_a_semicolon() {
        assert_eq!(body("fn a() -> [u8; 2]; fn b() {}", 0), None);
        assert_eq!(body("fn a() -> [u8; 2] { {} }", 0), Some((18, 24)));
    }
}
