//! Reads what a provider says of itself (SAML metadata §2).

use chrono::{DateTime, Utc};
use roxmltree::Node;

use crate::{
    Binding, Certificate, Endpoint, Fault, Idp,
    document::{self, Element as _},
    names::{
        POST, REDIRECT,
        ns::{DSIG, METADATA, PROTOCOL},
    },
    scan::Limits,
};

/// How many certificates are kept: old and new ones while they are changed.
const MOST_CERTIFICATES: usize = 8;

impl Idp {
    /// Reads the metadata of the one provider that a document describes. A signature on it is not looked at: who gives us the
    /// document, or the address where it is, vouches for it.
    ///
    /// # Errors
    /// The [`Fault`] of the document: it must be well-formed without a DTD, describe one provider, and have a certificate
    /// that verifies signatures.
    pub fn from_metadata(xml: &[u8]) -> Result<Self, Fault> {
        chosen(xml, None)
    }

    /// Reads the metadata of this provider from a document that may describe several.
    ///
    /// # Errors
    /// As [`from_metadata`](Self::from_metadata); [`Fault::MetadataNoIdp`] if it is not there.
    pub fn from_metadata_of(xml: &[u8], entity_id: &str) -> Result<Self, Fault> {
        chosen(xml, Some(entity_id))
    }
}

/// One description, and until when it counts by what stands around it.
struct Described<'a> {
    role: Node<'a, 'a>,
    entity_id: &'a str,
    valid_until: Option<DateTime<Utc>>,
}

fn chosen(xml: &[u8], wanted: Option<&str>) -> Result<Idp, Fault> {
    let document = document::parse(xml, Limits::METADATA)?;
    let mut found = Vec::new();
    collect(document.root_element(), None, &mut found)?;
    found.retain(|described| wanted.is_none_or(|wanted| wanted == described.entity_id));
    match found.as_slice() {
        [] => Err(Fault::MetadataNoIdp),
        [described] => described.read(),
        _ => Err(Fault::MetadataSeveral),
    }
}

/// Goes through lists of entities; they do not go deep, since no document does that is parsed.
fn collect<'a>(
    node: Node<'a, 'a>,
    until: Option<DateTime<Utc>>,
    found: &mut Vec<Described<'a>>,
) -> Result<(), Fault> {
    let until = earlier(until, node)?;
    if node.is(METADATA, "EntitiesDescriptor") {
        let members = node.elements().filter(|child| {
            child.is(METADATA, "EntitiesDescriptor") || child.is(METADATA, "EntityDescriptor")
        });
        return members.into_iter().try_for_each(|child| collect(child, until, found));
    }
    if !node.is(METADATA, "EntityDescriptor") {
        return Err(Fault::MetadataInvalid);
    }
    let entity_id = node.has("entityID").ok_or(Fault::MetadataInvalid)?;
    for role in node.all(METADATA, "IDPSSODescriptor") {
        let protocols = role.has("protocolSupportEnumeration").unwrap_or_default();
        if protocols.split_ascii_whitespace().any(|protocol| protocol == PROTOCOL) {
            found.push(Described { role, entity_id, valid_until: earlier(until, role)? });
        }
    }
    Ok(())
}

fn earlier(until: Option<DateTime<Utc>>, node: Node<'_, '_>) -> Result<Option<DateTime<Utc>>, Fault> {
    let own = node.moment("validUntil").map_err(|_| Fault::MetadataInvalid)?;
    Ok(own.into_iter().chain(until).min())
}

impl Described<'_> {
    fn read(&self) -> Result<Idp, Fault> {
        let idp = Idp {
            entity_id: self.entity_id.to_owned(),
            sso: endpoints(self.role, "SingleSignOnService")?,
            slo: endpoints(self.role, "SingleLogoutService")?,
            signing_certificates: certificates(self.role),
            want_authn_requests_signed: self.role.flag("WantAuthnRequestsSigned"),
            valid_until: self.valid_until,
        };
        idp.checked()
    }
}

/// Addresses for bindings that are known; others are for others.
fn endpoints(role: Node<'_, '_>, name: &'static str) -> Result<Vec<Endpoint>, Fault> {
    let known = role.all(METADATA, name).filter_map(|service| match service.has("Binding") {
        Some(REDIRECT) => Some((Binding::Redirect, service)),
        Some(POST) => Some((Binding::Post, service)),
        _ => None,
    });
    known
        .map(|(binding, service)| {
            let location = service.has("Location").ok_or(Fault::UrlInvalid)?;
            Endpoint::new(binding, location, service.has("ResponseLocation"))
        })
        .collect()
}

/// Certificates for signatures, or for whatever use. One that is not readable or too weak verifies nothing, so that it is as
/// good as none.
fn certificates(role: Node<'_, '_>) -> Vec<Certificate> {
    let for_signatures = |key: &Node<'_, '_>| key.attribute("use").is_none_or(|usage| usage == "signing");
    let mut found: Vec<Certificate> = Vec::new();
    for key in role.all(METADATA, "KeyDescriptor").filter(for_signatures) {
        let texts = key.descendants().filter(|node| node.is(DSIG, "X509Certificate"));
        for certificate in texts.filter_map(|node| Certificate::read(node.plain().ok()?).ok()) {
            if found.len() < MOST_CERTIFICATES && !found.contains(&certificate) {
                found.push(certificate);
            }
        }
    }
    found
}
