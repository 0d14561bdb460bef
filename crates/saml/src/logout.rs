//! Single logout (SAML core §3.7): messages of ours, and those of the provider.

use chrono::{DateTime, TimeDelta, Utc};
use elder_kernel::Seam;

use roxmltree::Document;

use crate::{
    Arrived, Fault, Field, Idp, NameId, RelayState, RequestId, Sent, ServiceProvider,
    assertion::name_id,
    binding::{self, Query},
    document::{Element as _, parse_message},
    envelope::{Envelope, Times, is_message, is_same},
    names::{SUCCESS, ns::PROTOCOL},
    outgoing::{Head, Letter, preferred},
    scan::Limits,
    signature::{self, Signers},
    status,
    writing::moment,
};

/// How long a message about a logout counts: the browser carries it at once.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);
/// SAML core §3.2.2.2.
const RESPONDER: &str = "urn:oasis:names:tc:SAML:2.0:status:Responder";

/// Asks the provider to end a user's sessions.
#[derive(Debug, Clone)]
pub struct LogoutRequest<'a> {
    /// The user, as the provider has named them.
    pub name_id: &'a NameId,
    /// Which sessions; all if none.
    pub session_indexes: &'a [String],
}

/// Tells the provider what became of its wish.
#[derive(Debug, Clone)]
pub struct LogoutResponse<'a> {
    /// The id of its request.
    pub in_response_to: &'a str,
    /// Whether the sessions have ended.
    pub success: bool,
}

/// What a message about a logout must fit to.
#[derive(Debug, Clone)]
pub struct LogoutExpected {
    /// The time.
    pub now: DateTime<Utc>,
    /// How far the provider's clock may be away: never more than 180 s.
    pub skew: TimeDelta,
}

/// A provider's wish that sessions end. Its id counts once: to be kept until `not_on_or_after`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutWish {
    /// Its id, which the answer names.
    pub id: String,
    /// The user.
    pub name_id: NameId,
    /// Which sessions; all of the user if none.
    pub session_indexes: Vec<String>,
    /// What the answer must carry back as it is.
    pub relay_state: Option<String>,
    /// From when on it is refused.
    pub not_on_or_after: DateTime<Utc>,
}

/// A provider's answer to a wish of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutAnswer {
    /// Which wish.
    pub in_response_to: RequestId,
    /// Whether all sessions have ended.
    pub success: bool,
}

impl LogoutRequest<'_> {
    /// Words the request, signed, and says how it goes to the provider.
    ///
    /// # Errors
    /// [`Fault::NoBinding`] if the provider takes no logouts, [`Fault::OwnKeyMissing`] without a key.
    pub fn send(
        &self,
        sp: &ServiceProvider,
        idp: &Idp,
        relay_state: Option<&RelayState>,
        seam: &Seam,
    ) -> Result<Sent, Fault> {
        let endpoint = preferred(&idp.slo)?;
        let head =
            Head { name: "samlp:LogoutRequest", sp, destination: &endpoint.location, in_response_to: None };
        let letter = Letter {
            field: Field::Request,
            binding: endpoint.binding,
            key: Some(sp.signing_key()?),
            attributes: &[("NotOnOrAfter", Some(&moment(seam.now() + LIFETIME)))],
            relay_state: relay_state.map(RelayState::as_str),
        };
        head.send(&letter, seam, |xml| {
            let NameId { value, format, name_qualifier, sp_name_qualifier } = self.name_id;
            let attributes = [
                ("Format", format.as_deref()),
                ("NameQualifier", name_qualifier.as_deref()),
                ("SPNameQualifier", sp_name_qualifier.as_deref()),
            ];
            xml.text("saml:NameID", &attributes, value)?;
            let mut indexes = self.session_indexes.iter();
            indexes.try_for_each(|index| xml.text("samlp:SessionIndex", &[], index))
        })
    }
}

impl LogoutResponse<'_> {
    /// Words the answer, signed, and says how it goes to the provider. `relay_state` is what came with the wish.
    ///
    /// # Errors
    /// [`Fault::NoBinding`] if the provider takes no logouts, [`Fault::OwnKeyMissing`] without a key.
    pub fn send(
        &self,
        sp: &ServiceProvider,
        idp: &Idp,
        relay_state: Option<&str>,
        seam: &Seam,
    ) -> Result<Sent, Fault> {
        let endpoint = preferred(&idp.slo)?;
        let destination = endpoint.response_location.as_ref().unwrap_or(&endpoint.location);
        let in_response_to = Some(self.in_response_to);
        let head = Head { name: "samlp:LogoutResponse", sp, destination, in_response_to };
        let letter = Letter {
            field: Field::Response,
            binding: endpoint.binding,
            key: Some(sp.signing_key()?),
            attributes: &[],
            relay_state,
        };
        head.send(&letter, seam, |xml| {
            xml.element("samlp:Status", &[], |xml| {
                let code = if self.success { SUCCESS } else { RESPONDER };
                xml.empty("samlp:StatusCode", &[("Value", Some(code))])
            })
        })
    }
}

impl LogoutWish {
    /// Reads a provider's request. It must be signed.
    ///
    /// # Errors
    /// The [`Fault`] of the check that has failed.
    pub fn read(
        arrived: Arrived<'_>,
        sp: &ServiceProvider,
        idp: &Idp,
        expected: &LogoutExpected,
    ) -> Result<Self, Fault> {
        let incoming = Incoming::read(arrived, Field::Request, idp, expected)?;
        let document = incoming.document()?;
        let request = document.root_element();
        is_message(request, "LogoutRequest")?;
        let address = sp.slo_url.as_deref().ok_or(Fault::Destination)?;
        let times = Times::new(expected.now, expected.skew);
        let (id, made) = Envelope { idp, address, times, signed: true }.check(request)?;
        let end = request.moment("NotOnOrAfter")?.map_or(made + LIFETIME, |end| end.min(made + LIFETIME));
        if times.is_over(end) {
            return Err(Fault::Expired);
        }
        let indexes = request.all(PROTOCOL, "SessionIndex").map(|index| index.plain().map(str::to_owned));
        Ok(Self {
            id: id.to_owned(),
            name_id: name_id(request)?,
            session_indexes: indexes.collect::<Result<_, _>>()?,
            relay_state: incoming.relay_state,
            not_on_or_after: Times::forgettable(end),
        })
    }
}

impl LogoutAnswer {
    /// Reads a provider's answer to the request that this browser has waiting. It must be signed.
    ///
    /// # Errors
    /// The [`Fault`] of the check that has failed.
    pub fn read(
        arrived: Arrived<'_>,
        sp: &ServiceProvider,
        idp: &Idp,
        request: &RequestId,
        expected: &LogoutExpected,
    ) -> Result<Self, Fault> {
        let incoming = Incoming::read(arrived, Field::Response, idp, expected)?;
        let document = incoming.document()?;
        let response = document.root_element();
        is_message(response, "LogoutResponse")?;
        let address = sp.slo_url.as_deref().ok_or(Fault::Destination)?;
        let times = Times::new(expected.now, expected.skew);
        let (_, made) = Envelope { idp, address, times, signed: true }.check(response)?;
        if times.is_older(made, LIFETIME) {
            return Err(Fault::Expired);
        }
        if response.attribute("InResponseTo") != Some(request.as_str()) {
            return Err(Fault::InResponseTo);
        }
        // One level says that it was done, the other that it was not done everywhere (SAML core §3.2.2.2).
        let success = status::codes(response)? == (SUCCESS, None);
        Ok(Self { in_response_to: request.clone(), success })
    }
}

/// What has come in, the signature of which is good.
struct Incoming {
    message: Vec<u8>,
    limits: Limits,
    relay_state: Option<String>,
}

impl Incoming {
    fn read(arrived: Arrived<'_>, field: Field, idp: &Idp, expected: &LogoutExpected) -> Result<Self, Fault> {
        idp.is_usable_at(expected.now)?;
        let signers = Signers { certificates: &idp.signing_certificates, now: expected.now };
        match arrived {
            Arrived::Redirect(query) => {
                let Query { message, relay_state } = binding::from_query(query, field, &signers)?;
                Ok(Self { message, limits: Limits::MESSAGE, relay_state })
            }
            Arrived::Post { message, relay_state } => {
                let message = signed_within(&binding::from_form(message)?, &signers)?;
                Ok(Self { message, limits: Limits::VERIFIED, relay_state: relay_state.map(str::to_owned) })
            }
        }
    }

    fn document(&self) -> Result<Document<'_>, Fault> {
        parse_message(&self.message, self.limits)
    }
}

/// The verified bytes of a message that carries its signature.
fn signed_within(bytes: &[u8], signers: &Signers<'_>) -> Result<Vec<u8>, Fault> {
    let document = parse_message(bytes, Limits::MESSAGE)?;
    let places = signature::places(&document)?;
    if !places.root {
        return Err(Fault::Unsigned);
    }
    let verified = signature::verify(document.input_text(), &places, signers)?;
    is_same(document.root_element(), parse_message(verified.as_bytes(), Limits::VERIFIED)?.root_element())?;
    Ok(verified.into_bytes())
}
