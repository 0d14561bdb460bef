//! Writes XML: every text and attribute escaped, nothing between the elements.

use chrono::{DateTime, SecondsFormat, Utc};
use quick_xml::{
    Writer,
    events::{BytesEnd, BytesStart, BytesText, Event},
};

use crate::Fault;

/// An attribute; none is written if there is no value.
pub(crate) type Attribute<'a> = (&'a str, Option<&'a str>);

/// What has been written so far.
pub(crate) struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// A document that begins with this element.
    pub(crate) fn document(
        name: &str,
        attributes: &[Attribute<'_>],
        inner: impl FnOnce(&mut Self) -> Result<(), Fault>,
    ) -> Result<String, Fault> {
        let mut xml = Self(Writer::new(Vec::new()));
        xml.element(name, attributes, inner)?;
        String::from_utf8(xml.0.into_inner()).map_err(|_| Fault::Library)
    }

    /// An element with others in it.
    pub(crate) fn element(
        &mut self,
        name: &str,
        attributes: &[Attribute<'_>],
        inner: impl FnOnce(&mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let present = attributes.iter().filter_map(|(name, value)| value.map(|value| (*name, value)));
        self.write(Event::Start(BytesStart::new(name).with_attributes(present)))?;
        inner(self)?;
        self.write(Event::End(BytesEnd::new(name)))
    }

    /// An element with a text in it.
    pub(crate) fn text(&mut self, name: &str, attributes: &[Attribute<'_>], text: &str) -> Result<(), Fault> {
        self.element(name, attributes, |xml| xml.write(Event::Text(BytesText::new(text))))
    }

    /// An element with nothing in it.
    pub(crate) fn empty(&mut self, name: &str, attributes: &[Attribute<'_>]) -> Result<(), Fault> {
        self.element(name, attributes, |_| Ok(()))
    }

    fn write(&mut self, event: Event<'_>) -> Result<(), Fault> {
        self.0.write_event(event).map_err(|_| Fault::Library)
    }
}

/// A moment as SAML writes it (core §1.3.3).
pub(crate) fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
