//! Reads XML strictly: at most one of each thing that stands once, texts without anything in them, no id twice.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use roxmltree::{Document, Node, ParsingOptions};

use crate::{
    Fault,
    scan::{self, Limits},
};

/// The namespace of `xml:`.
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Parses what has passed the first look. Whoever reads from the result reads these very bytes.
pub(crate) fn parse(bytes: &[u8], limits: Limits) -> Result<Document<'_>, Fault> {
    let text = scan::look(bytes, limits)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: 200_000, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|_| Fault::Malformed)
}

/// The same for a message, whose ids must be told apart by every reader: libxml2 knows `xml:id` by itself.
pub(crate) fn parse_message(bytes: &[u8], limits: Limits) -> Result<Document<'_>, Fault> {
    let document = parse(bytes, limits)?;
    let mut seen = HashSet::new();
    for attribute in document.descendants().flat_map(|node| node.attributes()) {
        let is_own = attribute.namespace().is_none();
        match attribute.name() {
            "id" if attribute.namespace() == Some(XML) => return Err(Fault::DuplicateId),
            "ID" | "Id" | "id" if is_own && !seen.insert(attribute.value()) => {
                return Err(Fault::DuplicateId);
            }
            _ => {}
        }
    }
    Ok(document)
}

/// Ways to read an element.
pub(crate) trait Element<'a>: Sized {
    /// Whether it has this name.
    fn is(&self, namespace: &str, name: &str) -> bool;
    /// The elements in it.
    fn elements(&self) -> impl Iterator<Item = Self>;
    /// The elements in it that have this name.
    fn all(&self, namespace: &'static str, name: &'static str) -> impl Iterator<Item = Self>;
    /// The one element in it that has this name, if it is there.
    fn one(&self, namespace: &'static str, name: &'static str) -> Result<Option<Self>, Fault>;
    /// Its text, in which there is nothing else, without white space around.
    fn plain(&self) -> Result<&'a str, Fault>;
    /// An attribute that stands in no namespace and is not empty.
    fn has(&self, name: &str) -> Option<&'a str>;
    /// A moment (SAML core §1.3.3).
    fn moment(&self, name: &str) -> Result<Option<DateTime<Utc>>, Fault>;
    /// `true` or `1`.
    fn flag(&self, name: &str) -> bool;
}

impl<'a> Element<'a> for Node<'a, 'a> {
    fn is(&self, namespace: &str, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name && self.tag_name().namespace() == Some(namespace)
    }

    fn elements(&self) -> impl Iterator<Item = Self> {
        self.children().filter(Node::is_element)
    }

    fn all(&self, namespace: &'static str, name: &'static str) -> impl Iterator<Item = Self> {
        self.children().filter(move |child| child.is(namespace, name))
    }

    fn one(&self, namespace: &'static str, name: &'static str) -> Result<Option<Self>, Fault> {
        let mut found = self.all(namespace, name);
        let first = found.next();
        if found.next().is_some() { Err(Fault::Incomplete) } else { Ok(first) }
    }

    fn plain(&self) -> Result<&'a str, Fault> {
        // Whatever is not text cuts a text in two, so that one reader takes the first part and another one all.
        let mut children = self.children();
        match (children.next(), children.next()) {
            (None, _) => Ok(""),
            (Some(text), None) if text.is_text() => {
                Ok(text.text().unwrap_or_default().trim_matches([' ', '\t', '\r', '\n']))
            }
            _ => Err(Fault::Incomplete),
        }
    }

    fn has(&self, name: &str) -> Option<&'a str> {
        let mut own = self.attributes().filter(|attribute| attribute.namespace().is_none());
        own.find(|attribute| attribute.name() == name)
            .map(|found| found.value())
            .filter(|value| !value.is_empty())
    }

    fn moment(&self, name: &str) -> Result<Option<DateTime<Utc>>, Fault> {
        let Some(text) = self.has(name) else { return Ok(None) };
        let moment = DateTime::parse_from_rfc3339(text).map_err(|_| Fault::Incomplete)?;
        Ok(Some(moment.to_utc()))
    }

    fn flag(&self, name: &str) -> bool {
        matches!(self.has(name), Some("true" | "1"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(text: &str, read: impl FnOnce(Node<'_, '_>) -> T) -> T {
        read(parse(text.as_bytes(), Limits::METADATA).unwrap().root_element())
    }

    #[test]
    fn s_11_a_text_is_whole_or_refused() {
        let plain = |text: &str| with(text, |node| node.plain().map(str::to_owned));
        assert_eq!(plain("<a> b&amp;c&#64;d\n</a>").as_deref(), Ok("b&c@d"));
        assert_eq!(plain("<a/>").as_deref(), Ok(""));
        assert_eq!(plain("<a>admin<b/>.evil</a>"), Err(Fault::Incomplete));
        assert_eq!(plain("<a>admin<!---->.evil</a>"), Err(Fault::Incomplete));
    }

    #[test]
    fn s_14_what_is_not_well_formed_is_refused() {
        for text in [
            "",
            "a",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a b='1' b='2'/>",
            "<x:a/>",
            "<a>&b;</a>",
            "<a>&#0;</a>",
            "<a/>b",
        ] {
            assert_eq!(parse(text.as_bytes(), Limits::MESSAGE).err(), Some(Fault::Malformed), "{text}");
        }
    }

    #[test]
    fn s_06_no_id_stands_twice_in_whatever_way_it_is_written() {
        let fault = |text: &str| parse_message(text.as_bytes(), Limits::MESSAGE).err();
        assert_eq!(fault("<a ID='1'><b ID='2' Id='3'/></a>"), None);
        for text in [
            "<a ID='1'><b ID='1'/></a>",
            "<a ID='1'><b Id='1'/></a>",
            "<a id='1'><b ID='1'/></a>",
            "<a xml:id='1'/>",
        ] {
            assert_eq!(fault(text), Some(Fault::DuplicateId), "{text}");
        }
    }

    #[test]
    fn a_moment_has_a_zone() {
        let moment = |text: &str| with(&format!("<a t='{text}'/>"), |node| node.moment("t"));
        let known = moment("2026-01-02T03:04:05Z").unwrap();
        assert_eq!(moment("2026-01-02T04:04:05.000+01:00"), Ok(known));
        assert_eq!(moment("2026-01-02T03:04:05"), Err(Fault::Incomplete));
        assert_eq!(moment("yesterday"), Err(Fault::Incomplete));
        assert_eq!(moment(""), Ok(None));
    }

    #[test]
    fn what_stands_once_is_not_read_if_it_stands_twice() {
        let read = |text: &str| with(text, |node| node.one("n", "b").map(|found| found.is_some()));
        assert_eq!(read("<a xmlns='n'><b/></a>"), Ok(true));
        assert_eq!(read("<a xmlns='n'><b xmlns='m'/></a>"), Ok(false));
        assert_eq!(read("<a xmlns='n'><b/><b/></a>"), Err(Fault::Incomplete));
    }
}
