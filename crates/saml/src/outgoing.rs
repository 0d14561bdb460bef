//! What every message of ours begins with, and how it is signed.

use elder_kernel::Seam;

use crate::{
    Binding, Endpoint, Fault, Field, Form, RequestId, Sent, ServiceProvider, SpKey,
    algorithm::{ENVELOPED, SHA256, SignatureAlgorithm},
    binding::Outgoing,
    names::ns::{ASSERTION, DSIG, EXC_C14N, PROTOCOL},
    writing::{Attribute, Xml, moment},
};

/// The address that is used of those that a provider has: a redirect needs no page between.
pub(crate) fn preferred(endpoints: &[Endpoint]) -> Result<&Endpoint, Fault> {
    let by = |binding| endpoints.iter().find(move |endpoint| endpoint.binding == binding);
    by(Binding::Redirect).or_else(|| by(Binding::Post)).ok_or(Fault::NoBinding)
}

/// The beginning of a message (SAML core §3.2).
pub(crate) struct Head<'a> {
    pub(crate) name: &'a str,
    pub(crate) sp: &'a ServiceProvider,
    pub(crate) destination: &'a str,
    pub(crate) in_response_to: Option<&'a str>,
}

/// What is put into a message beside its beginning, and how it travels.
pub(crate) struct Letter<'a> {
    pub(crate) field: Field,
    pub(crate) binding: Binding,
    /// Who signs it.
    pub(crate) key: Option<&'a SpKey>,
    /// Attributes of its own.
    pub(crate) attributes: &'a [Attribute<'a>],
    pub(crate) relay_state: Option<&'a str>,
}

impl Head<'_> {
    /// Words the message and says how it goes.
    pub(crate) fn send(
        &self,
        letter: &Letter<'_>,
        seam: &Seam,
        inner: impl FnOnce(&mut Xml) -> Result<(), Fault>,
    ) -> Result<Sent, Fault> {
        let id = RequestId::random(&seam.random);
        let made = moment(seam.now());
        let mut attributes = vec![
            ("xmlns:samlp", Some(PROTOCOL)),
            ("xmlns:saml", Some(ASSERTION)),
            ("ID", Some(id.as_str())),
            ("Version", Some("2.0")),
            ("IssueInstant", Some(&*made)),
            ("Destination", Some(self.destination)),
            ("InResponseTo", self.in_response_to),
        ];
        attributes.extend_from_slice(letter.attributes);
        let is_signed_inside = letter.binding == Binding::Post && letter.key.is_some();
        let xml = Xml::document(self.name, &attributes, |xml| {
            xml.text("saml:Issuer", &[], &self.sp.entity_id)?;
            if is_signed_inside {
                signature_to_be(xml, id.as_str())?;
            }
            inner(xml)
        })?;
        let outgoing = Outgoing {
            field: letter.field,
            xml,
            relay_state: letter.relay_state,
            location: self.destination,
        };
        let form: Form = match letter.binding {
            Binding::Redirect => outgoing.by_redirect(letter.key)?,
            Binding::Post => outgoing.by_post(letter.key)?,
        };
        Ok(Sent { id, form })
    }
}

/// A signature without its numbers, which xmlsec fills in (SAML core §5.4).
fn signature_to_be(xml: &mut Xml, id: &str) -> Result<(), Fault> {
    let by = |uri| [("Algorithm", Some(uri))];
    xml.element("ds:Signature", &[("xmlns:ds", Some(DSIG))], |xml| {
        xml.element("ds:SignedInfo", &[], |xml| {
            xml.empty("ds:CanonicalizationMethod", &by(EXC_C14N))?;
            xml.empty("ds:SignatureMethod", &by(SignatureAlgorithm::OURS.uri()))?;
            xml.element("ds:Reference", &[("URI", Some(&*format!("#{id}")))], |xml| {
                xml.element("ds:Transforms", &[], |xml| {
                    xml.empty("ds:Transform", &by(ENVELOPED))?;
                    xml.empty("ds:Transform", &by(EXC_C14N))
                })?;
                xml.empty("ds:DigestMethod", &by(SHA256))?;
                xml.empty("ds:DigestValue", &[])
            })
        })?;
        xml.empty("ds:SignatureValue", &[])
    })
}
