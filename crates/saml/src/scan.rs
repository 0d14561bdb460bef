//! The first look at the bytes of a document, before any parser sees them: what it may be made of, and how much of it.

use crate::Fault;

/// How much there may be, and whether comments are tolerated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) bytes: usize,
    pub(crate) elements: usize,
    /// For one element; namespaces count as well.
    pub(crate) attributes: usize,
    /// Comments, and a byte order mark. Who writes a description by hand leaves some, who signs a message does not.
    pub(crate) comments: bool,
}

/// How many elements may stand within each other.
const DEPTH: usize = 48;

impl Limits {
    /// A message.
    pub(crate) const MESSAGE: Self =
        Self { bytes: 256 << 10, elements: 8_000, attributes: 32, comments: false };
    /// What was verified of a message: canonical XML writes some things at greater length.
    pub(crate) const VERIFIED: Self = Self { bytes: 2 << 20, ..Self::MESSAGE };
    /// The description of a provider.
    pub(crate) const METADATA: Self =
        Self { bytes: 1 << 20, elements: 50_000, attributes: 64, comments: true };
}

/// Whether a parser may see this: text in UTF-8 made of tags and characters alone, within the limits. A DTD is refused by
/// its first bytes, so that no parser has to be trusted with one, and so is all that cuts a value in two: comments, CDATA
/// sections and processing instructions.
pub(crate) fn look(bytes: &[u8], limits: Limits) -> Result<&str, Fault> {
    if bytes.len() > limits.bytes {
        return Err(Fault::TooLong);
    }
    let text = str::from_utf8(bytes).map_err(|_| Fault::NotUtf8)?;
    let is_control = |byte: u8| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
    if text.bytes().any(is_control) {
        return Err(Fault::Malformed);
    }
    let text = match text.strip_prefix('\u{feff}') {
        Some(_) if !limits.comments => return Err(Fault::Malformed),
        marked => marked.unwrap_or(text),
    };
    let (mut rest, mut depth, mut elements) = (after_declaration(text)?, 0_usize, 0);
    while let Some((_, after)) = rest.split_once('<') {
        rest = match after.as_bytes().first() {
            Some(b'!') if limits.comments => after_comment(after)?,
            Some(b'!' | b'?') => return Err(Fault::Declaration),
            Some(b'/') => {
                depth = depth.saturating_sub(1);
                after
            }
            _ => {
                let (after, is_empty) = after_tag(after, limits)?;
                elements += 1;
                depth += usize::from(!is_empty);
                after
            }
        };
        if depth > DEPTH {
            return Err(Fault::TooDeep);
        }
        if elements > limits.elements {
            return Err(Fault::TooMany);
        }
    }
    Ok(text)
}

/// Passes the XML declaration. An encoding that it names must be UTF-8, since a parser might follow it.
fn after_declaration(text: &str) -> Result<&str, Fault> {
    let Some(rest) = text.strip_prefix("<?xml") else { return Ok(text) };
    let (declaration, rest) = rest.split_once("?>").ok_or(Fault::Malformed)?;
    if declaration.contains(['<', '>']) {
        return Err(Fault::Malformed);
    }
    let Some((_, encoding)) = declaration.split_once("encoding") else { return Ok(rest) };
    let encoding = encoding.trim_start_matches([' ', '\t', '\r', '\n', '=', '"', '\'']);
    let name = encoding.split(['"', '\'']).next().unwrap_or_default();
    if name.eq_ignore_ascii_case("utf-8") { Ok(rest) } else { Err(Fault::NotUtf8) }
}

fn after_comment(after: &str) -> Result<&str, Fault> {
    let comment = after.strip_prefix("!--").ok_or(Fault::Declaration)?;
    comment.split_once("-->").map(|(_, rest)| rest).ok_or(Fault::Malformed)
}

/// Passes a start tag; says whether it is that of an element without content.
fn after_tag(after: &str, limits: Limits) -> Result<(&str, bool), Fault> {
    let (mut quote, mut attributes, mut last) = (None, 0, b' ');
    for (at, byte) in after.bytes().enumerate() {
        match (quote, byte) {
            (Some(mark), _) => quote = quote.filter(|_| byte != mark),
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'=') => attributes += 1,
            (None, b'<') => return Err(Fault::Malformed),
            (None, b'>') => return Ok((after.get(at + 1..).unwrap_or_default(), last == b'/')),
            (None, _) => {}
        }
        if attributes > limits.attributes {
            return Err(Fault::TooMany);
        }
        last = byte;
    }
    Err(Fault::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Option<Fault> {
        look(text.as_bytes(), Limits::MESSAGE).err()
    }

    #[test]
    fn plain_documents_pass() {
        for text in [
            "<a/>",
            "<?xml version=\"1.0\"?><a b='1' c=\"2>3='\">&lt;&#65;</a>",
            "<?xml version='1.0' encoding='utf-8' standalone='yes'?>\r\n<a>\t<b/></a>\n",
            "<?xml version=\"1.0\" encoding = \"UTF-8\"?><a>\u{fc}</a>",
        ] {
            assert_eq!(fault(text), None, "{text}");
        }
    }

    #[test]
    fn s_12_whatever_begins_with_an_exclamation_or_question_mark_is_refused_unseen() {
        for text in [
            "<!DOCTYPE a><a/>",
            "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
            "<!DOCTYPE response SYSTEM 'x\"><!--'><a/>",
            "<a><!-- --></a>",
            "<a>admin<!---->.evil</a>",
            "<a><![CDATA[b]]></a>",
            "<a><?b c?></a>",
            "<?b?><a/>",
            " <?xml version='1.0'?><a/>",
        ] {
            assert_eq!(fault(text), Some(Fault::Declaration), "{text}");
        }
    }

    #[test]
    fn s_14_other_encodings_and_broken_tags_are_refused() {
        for bytes in [
            &b"<a>\xff</a>"[..],
            b"\xff\xfe<\0a\0/\0>\0",
            b"<a>\xc0\xbc</a>",
            b"<?xml encoding='UTF-16'?><a/>",
        ] {
            assert_eq!(look(bytes, Limits::MESSAGE), Err(Fault::NotUtf8), "{bytes:?}");
        }
        for text in ["<a", "<a b='", "<a <b>", "<a>\0</a>", "<?xml ", "<?xml <a>?>"] {
            assert_eq!(fault(text), Some(Fault::Malformed), "{text}");
        }
    }

    #[test]
    fn s_15_size_depth_and_number_have_bounds() {
        let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
        let wide = |count: usize| format!("<a{}/>", " b='='".repeat(count));
        let many = |count: usize| "<a/>".repeat(count);
        assert_eq!(fault(&nested(48)), None);
        assert_eq!(fault(&nested(49)), Some(Fault::TooDeep));
        assert_eq!(fault(&wide(32)), None);
        assert_eq!(fault(&wide(33)), Some(Fault::TooMany));
        assert_eq!(fault(&many(8_000)), None);
        assert_eq!(fault(&many(8_001)), Some(Fault::TooMany));
        let long = |size: usize| format!("<a>{}</a>", "b".repeat(size - 7));
        assert_eq!(fault(&long(256 << 10)), None);
        assert_eq!(fault(&long((256 << 10) + 1)), Some(Fault::TooLong));
    }

    #[test]
    fn a_description_may_have_comments_and_a_byte_order_mark_but_no_dtd() {
        let description = |text: &str| look(text.as_bytes(), Limits::METADATA).err();
        assert_eq!(description("\u{feff}<?xml version='1.0'?><!-- <a> --><a><!----></a>"), None);
        for text in ["<!DOCTYPE a><a/>", "<a><![CDATA[b]]></a>", "<a><?b?></a>", "<a><!-</a>"] {
            assert_eq!(description(text), Some(Fault::Declaration), "{text}");
        }
        assert_eq!(description("<a><!-- </a>"), Some(Fault::Malformed));
    }
}
