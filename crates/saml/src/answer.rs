//! The answer to a sign-in (SAML profiles §4.1): what must be true of it, and who has signed in.

use chrono::{DateTime, TimeDelta, Utc};
use roxmltree::{Document, Node};
use serde::{Deserialize, Serialize};

use crate::{
    Fault, Idp, RequestId, ServiceProvider,
    assertion::Reader,
    binding,
    decryption::{Encrypted, is_encrypted},
    document::{Element as _, parse_message},
    envelope::{Envelope, Times, is_message, is_same},
    names::ns::ASSERTION,
    scan::Limits,
    signature::{self, Places, Signers},
    status,
};

/// What an answer must fit to.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The time.
    pub now: DateTime<Utc>,
    /// How far the provider's clock may be away: 60 s by default, never more than 180 s.
    pub skew: TimeDelta,
    /// The request that this browser has waiting, if there is one. It must be forgotten with the first answer.
    pub request: Option<RequestId>,
    /// Whether an answer that nobody has asked for counts.
    pub unsolicited: bool,
    /// Whether an assertion in AES-CBC counts, within an answer that is signed.
    pub allow_cbc: bool,
    /// If the request has named classes with [`Comparison::Exact`](crate::Comparison::Exact): one of these must be in the
    /// answer. Empty: any.
    pub authn_contexts: Vec<String>,
    /// If the request has forced an authentication: when it was sent. The user must have signed in after that.
    pub authenticated_since: Option<DateTime<Utc>>,
}

impl Expected {
    /// An answer to a request, with nothing else out of the usual.
    pub fn answer_to(request: RequestId, now: DateTime<Utc>) -> Self {
        Self { request: Some(request), unsolicited: false, ..Self::unsolicited(now) }
    }

    /// An answer that nobody has asked for.
    pub fn unsolicited(now: DateTime<Utc>) -> Self {
        Self {
            now,
            skew: TimeDelta::seconds(60),
            request: None,
            unsolicited: true,
            allow_cbc: false,
            authn_contexts: Vec::new(),
            authenticated_since: None,
        }
    }
}

/// How a provider names a user (SAML core §2.2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameId {
    /// The name.
    pub value: String,
    /// What kind of name it is.
    pub format: Option<String>,
    /// Within which provider it is unique.
    pub name_qualifier: Option<String>,
    /// Within which service provider it is unique.
    pub sp_name_qualifier: Option<String>,
}

/// What a provider says of a user (SAML core §2.7.3.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub friendly_name: Option<String>,
    /// Its values, in their order.
    pub values: Vec<String>,
}

/// Somebody who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The assertion's id, which counts once: the caller keeps it until `not_on_or_after`.
    pub assertion_id: String,
    /// The id of the answer. It is signed only if the answer is.
    pub response_id: String,
    /// The request that is answered; none if it was not asked for.
    pub in_response_to: Option<RequestId>,
    /// The provider.
    pub issuer: String,
    /// The user.
    pub name_id: NameId,
    /// The session at the provider, by which it ends it.
    pub session_index: Option<String>,
    /// When that session ends: ours must not outlive it.
    pub session_not_on_or_after: Option<DateTime<Utc>>,
    /// From when on the assertion is refused, with the skew: its id may be forgotten then.
    pub not_on_or_after: DateTime<Utc>,
    /// When the user has proved who they are.
    pub authn_instant: DateTime<Utc>,
    /// In which way, as the provider calls it.
    pub authn_context: Option<String>,
    /// What else the provider says of the user, in its order. One name may stand several times.
    pub attributes: Vec<Attribute>,
}

impl SignedIn {
    /// All values of an attribute, found by its name, or by its name for people if there is none of that name.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let is_named = self.attributes.iter().any(|attribute| attribute.name == name);
        let chosen = self.attributes.iter().filter(move |attribute| {
            if is_named { attribute.name == name } else { attribute.friendly_name.as_deref() == Some(name) }
        });
        chosen.flat_map(|attribute| attribute.values.iter().map(String::as_str))
    }
}

/// Reads answers.
#[derive(Debug)]
pub struct Answer;

impl Answer {
    /// Reads the field `SAMLResponse` of the form that the browser brings, and checks all that can be checked without
    /// memory. What needs some is the caller's: each request is answered once, each assertion counts once.
    ///
    /// # Errors
    /// The [`Fault`] of the check that has failed.
    pub fn read(form: &str, sp: &ServiceProvider, idp: &Idp, expected: &Expected) -> Result<SignedIn, Fault> {
        let reading = Reading::new(sp, idp, expected)?;
        let bytes = binding::from_form(form)?;
        let response = parse_message(&bytes, Limits::MESSAGE)?;
        let (_, places) = response_shape(&response)?;
        if !places.root {
            return reading.response(&response, &places, false);
        }
        let verified = reading.verify(&response, &places)?;
        let signed = parse_message(verified.as_bytes(), Limits::VERIFIED)?;
        is_same(response.root_element(), signed.root_element())?;
        reading.response(&signed, &places, true)
    }
}

/// One answer that is being read.
struct Reading<'a> {
    sp: &'a ServiceProvider,
    idp: &'a Idp,
    expected: &'a Expected,
    times: Times,
    signers: Signers<'a>,
}

impl<'a> Reading<'a> {
    fn new(sp: &'a ServiceProvider, idp: &'a Idp, expected: &'a Expected) -> Result<Self, Fault> {
        idp.is_usable_at(expected.now)?;
        let times = Times::new(expected.now, expected.skew);
        let signers = Signers { certificates: &idp.signing_certificates, now: expected.now };
        Ok(Self { sp, idp, expected, times, signers })
    }

    fn verify(&self, document: &Document<'_>, places: &Places) -> Result<String, Fault> {
        signature::verify(document.input_text(), places, &self.signers)
    }

    /// Reads an answer. If it is not signed itself, its assertion must be, and the answer's own words can only be wrong.
    fn response(&self, response: &Document<'_>, places: &Places, signed: bool) -> Result<SignedIn, Fault> {
        let (root, (carried, _)) = (response.root_element(), response_shape(response)?);
        let Self { sp, idp, expected, times, .. } = *self;
        let (id, _) = Envelope { idp, address: &sp.acs_url, times, signed }.check(root)?;
        let reader = Reader { sp, idp, expected, times, request: self.request(root)?, response_id: id };
        if is_encrypted(carried) {
            return self.encrypted(carried, &reader, signed);
        }
        if signed {
            return reader.read(carried);
        }
        if !places.assertion {
            return Err(Fault::Unsigned);
        }
        verified(carried, &self.verify(response, places)?, &reader)
    }

    /// Which request is answered. An assertion names it again, so that an answer which was stripped of it is seen through.
    fn request(&self, response: Node<'_, '_>) -> Result<Option<&'a RequestId>, Fault> {
        match (response.attribute("InResponseTo"), &self.expected.request) {
            (Some(named), Some(request)) if named == request.as_str() => Ok(Some(request)),
            (Some(_), _) => Err(Fault::InResponseTo),
            (None, _) if self.expected.unsolicited => Ok(None),
            (None, _) => Err(Fault::Unsolicited),
        }
    }

    fn encrypted(
        &self,
        carried: Node<'_, '_>,
        reader: &Reader<'_>,
        trusted: bool,
    ) -> Result<SignedIn, Fault> {
        let encrypted = Encrypted::read(carried)?;
        if encrypted.is_malleable() {
            // Whoever can send changed bytes and sees how they fare can read them (S-08), unless a signature is in the way.
            match (self.expected.allow_cbc, trusted) {
                (false, _) => return Err(Fault::EncryptionAlgorithm),
                (true, false) => return Err(Fault::CbcUnsigned),
                (true, true) => {}
            }
        }
        let plain = encrypted.open(&self.sp.keys)?;
        let document = parse_message(&plain, Limits::MESSAGE)?;
        let (assertion, places) = assertion_shape(&document)?;
        match (places.root, trusted) {
            (true, _) => verified(assertion, &self.verify(&document, &places)?, reader),
            (false, true) => reader.read(assertion),
            (false, false) => Err(Fault::Unsigned),
        }
    }
}

/// Reads the assertion that was verified.
fn verified(seen: Node<'_, '_>, verified: &str, reader: &Reader<'_>) -> Result<SignedIn, Fault> {
    let document = parse_message(verified.as_bytes(), Limits::VERIFIED)?;
    is_same(seen, document.root_element())?;
    reader.read(assertion_shape(&document)?.0)
}

/// An answer that says of success and has one assertion, encrypted or not.
fn response_shape<'a>(document: &'a Document<'a>) -> Result<(Node<'a, 'a>, Places), Fault> {
    let root = document.root_element();
    is_message(root, "Response")?;
    status::success(root)?;
    let carried = only_assertion(document)?;
    if carried.parent_element() != Some(root) {
        return Err(Fault::AssertionCount);
    }
    Ok((carried, signature::places(document)?))
}

/// A document that is an assertion.
fn assertion_shape<'a>(document: &'a Document<'a>) -> Result<(Node<'a, 'a>, Places), Fault> {
    let root = document.root_element();
    if !root.is(ASSERTION, "Assertion") {
        return Err(Fault::AssertionCount);
    }
    only_assertion(document)?;
    Ok((root, signature::places(document)?))
}

/// The one assertion that there is in the whole document, wherever another one may hide.
fn only_assertion<'a>(document: &'a Document<'a>) -> Result<Node<'a, 'a>, Fault> {
    let mut found =
        document.descendants().filter(|node| node.is(ASSERTION, "Assertion") || is_encrypted(*node));
    match (found.next(), found.next()) {
        (Some(assertion), None) => Ok(assertion),
        _ => Err(Fault::AssertionCount),
    }
}
