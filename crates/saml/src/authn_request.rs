//! Asks a provider to sign somebody in (SAML core §3.4).

use elder_kernel::Seam;
use serde::{Deserialize, Serialize};

use crate::{
    Fault, Field, Idp, NameIdFormat, RelayState, Sent, ServiceProvider,
    names::POST,
    outgoing::{Head, Letter, preferred},
    writing::Xml,
};

/// How an answer's way of authentication must compare to what is asked for (SAML core §3.3.2.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// One of these.
    #[default]
    Exact,
    /// At least as strong as one of these, as the provider sees it.
    Minimum,
    /// As strong as possible, and no stronger than one of these.
    Maximum,
    /// Stronger than each of these.
    Better,
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct AuthnRequest {
    /// How the user shall be named; what the provider likes if there is none.
    pub name_id_format: Option<NameIdFormat>,
    /// Whether the user must prove anew who they are.
    pub force_authn: bool,
    /// Whether the provider must not show anything.
    pub is_passive: bool,
    /// In which ways the user may be authenticated: identifiers of classes (SAML authentication contexts §3.4). None: any.
    pub authn_contexts: Vec<String>,
    /// How the way that is taken must compare to these.
    pub comparison: Comparison,
    /// Whether the request is signed. It is as well if the provider wants it.
    pub sign: bool,
}

impl Comparison {
    const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Minimum => "minimum",
            Self::Maximum => "maximum",
            Self::Better => "better",
        }
    }
}

impl AuthnRequest {
    /// Words the request and says how it goes to the provider: by redirect if there is an address for that, by POST if not.
    ///
    /// # Errors
    /// [`Fault::NoBinding`] if the provider has neither, [`Fault::OwnKeyMissing`] if it must be signed and nobody can.
    pub fn send(
        &self,
        sp: &ServiceProvider,
        idp: &Idp,
        relay_state: Option<&RelayState>,
        seam: &Seam,
    ) -> Result<Sent, Fault> {
        let endpoint = preferred(&idp.sso)?;
        let key = if self.sign || idp.want_authn_requests_signed { Some(sp.signing_key()?) } else { None };
        let relay_state = relay_state.map(RelayState::as_str);
        let head =
            Head { name: "samlp:AuthnRequest", sp, destination: &endpoint.location, in_response_to: None };
        let own = [
            ("AssertionConsumerServiceURL", Some(&*sp.acs_url)),
            ("ProtocolBinding", Some(POST)),
            ("ForceAuthn", self.force_authn.then_some("true")),
            ("IsPassive", self.is_passive.then_some("true")),
        ];
        let letter =
            Letter { field: Field::Request, binding: endpoint.binding, key, attributes: &own, relay_state };
        head.send(&letter, seam, |xml| self.write(xml))
    }

    fn write(&self, xml: &mut Xml) -> Result<(), Fault> {
        let format = self.name_id_format.map(NameIdFormat::urn);
        xml.empty("samlp:NameIDPolicy", &[("Format", format), ("AllowCreate", Some("true"))])?;
        if self.authn_contexts.is_empty() {
            return Ok(());
        }
        xml.element("samlp:RequestedAuthnContext", &[("Comparison", Some(self.comparison.name()))], |xml| {
            let mut classes = self.authn_contexts.iter();
            classes.try_for_each(|class| xml.text("saml:AuthnContextClassRef", &[], class))
        })
    }
}
