//! An identity provider, as it was described or set up.

use chrono::{DateTime, Utc};
use roxmltree::Node;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Certificate, Fault, document::Element as _};

/// SAML core §8.3.6.
const ENTITY: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";

/// How messages travel. The others of SAML are not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// In a query (SAML bindings §3.4).
    Redirect,
    /// In a form (SAML bindings §3.5).
    Post,
}

impl Binding {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Redirect => "redirect",
            Self::Post => "post",
        }
    }
}

/// An address for a kind of messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// How they travel.
    pub binding: Binding,
    /// Where to.
    pub location: String,
    /// Where answers go to, if elsewhere (SAML metadata §2.2.2).
    pub response_location: Option<String>,
}

/// An identity provider. It can be kept as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Idp {
    /// Its name, which it must sign as.
    pub entity_id: String,
    /// Where sign-ins are asked for.
    pub sso: Vec<Endpoint>,
    /// Where logouts are sent.
    pub slo: Vec<Endpoint>,
    /// What verifies its signatures.
    pub signing_certificates: Vec<Certificate>,
    /// Whether it wants requests to be signed.
    pub want_authn_requests_signed: bool,
    /// Until when its description counts.
    pub valid_until: Option<DateTime<Utc>>,
}

/// A provider that is set up by hand.
#[derive(Debug, Clone)]
pub struct IdpSettings<'a> {
    /// Its name.
    pub entity_id: &'a str,
    /// Where sign-ins are asked for.
    pub sso_url: &'a str,
    /// How.
    pub sso_binding: Binding,
    /// Where logouts are sent, by the same binding.
    pub slo_url: Option<&'a str>,
    /// What verifies its signatures, each in PEM or the base64 of a DER.
    pub certificates: &'a [String],
    /// Whether it wants requests to be signed.
    pub want_authn_requests_signed: bool,
}

/// Longest entity id (SAML metadata §2.2.1).
pub(crate) const LONGEST_ENTITY_ID: usize = 1024;

impl Idp {
    /// Sets a provider up by hand.
    ///
    /// # Errors
    /// The [`Fault`] of the setting that is not usable.
    pub fn from_settings(settings: &IdpSettings<'_>) -> Result<Self, Fault> {
        let binding = settings.sso_binding;
        let endpoint = |url: &str| Endpoint::new(binding, url, None);
        let certificates = settings.certificates.iter().map(|text| Certificate::read(text));
        let idp = Self {
            entity_id: settings.entity_id.to_owned(),
            sso: vec![endpoint(settings.sso_url)?],
            slo: settings.slo_url.map(endpoint).transpose()?.into_iter().collect(),
            signing_certificates: certificates.collect::<Result<_, _>>()?,
            want_authn_requests_signed: settings.want_authn_requests_signed,
            valid_until: None,
        };
        idp.checked()
    }

    /// A provider with which somebody can sign in: without a certificate anybody could.
    pub(crate) fn checked(self) -> Result<Self, Fault> {
        if self.entity_id.trim().is_empty() || self.entity_id.len() > LONGEST_ENTITY_ID {
            return Err(Fault::EntityIdInvalid);
        }
        if self.sso.is_empty() {
            return Err(Fault::NoBinding);
        }
        if self.signing_certificates.is_empty() {
            return Err(Fault::NoSigningCertificate);
        }
        Ok(self)
    }

    /// Whether its messages count at the moment. It is asked before each is read, whatever was kept as JSON.
    pub(crate) fn is_usable_at(&self, now: DateTime<Utc>) -> Result<(), Fault> {
        if self.signing_certificates.is_empty() {
            return Err(Fault::NoSigningCertificate);
        }
        if self.valid_until.is_some_and(|end| end <= now) { Err(Fault::MetadataExpired) } else { Ok(()) }
    }

    /// Whether an issuer is this provider, to the letter (SAML core §2.2.5).
    pub(crate) fn is_issuer(&self, issuer: Node<'_, '_>) -> Result<(), Fault> {
        let is_entity = issuer.has("Format").is_none_or(|format| format == ENTITY);
        if is_entity && issuer.plain()? == self.entity_id { Ok(()) } else { Err(Fault::Issuer) }
    }
}

impl Endpoint {
    /// An address that a browser may be sent to.
    pub(crate) fn new(binding: Binding, location: &str, response: Option<&str>) -> Result<Self, Fault> {
        let is_good = |text: &str| {
            Url::parse(text).is_ok_and(|url| {
                let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
                is_web && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
            })
        };
        if !is_good(location) || !response.is_none_or(is_good) {
            return Err(Fault::UrlInvalid);
        }
        Ok(Self { binding, location: location.to_owned(), response_location: response.map(str::to_owned) })
    }
}
