//! An identity provider, as it was described or set up.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Certificate, Fault};

/// How messages travel. The others of SAML are not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// In a query (SAML bindings §3.4).
    Redirect,
    /// In a form (SAML bindings §3.5).
    Post,
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

impl Idp {
    /// Reads the metadata of the one provider that a document describes.
    ///
    /// # Errors
    /// The [`Fault`] of the document: it must be well-formed without a DTD, describe one provider, and have a certificate
    /// that verifies signatures.
    pub fn from_metadata(xml: &[u8]) -> Result<Self, Fault> {
        let _ = xml;
        Err(Fault::MetadataInvalid)
    }

    /// Reads the metadata of this provider from a document that may describe several.
    ///
    /// # Errors
    /// As [`from_metadata`](Self::from_metadata); [`Fault::MetadataNoIdp`] if it is not there.
    pub fn from_metadata_of(xml: &[u8], entity_id: &str) -> Result<Self, Fault> {
        let _ = (xml, entity_id);
        Err(Fault::MetadataInvalid)
    }

    /// Sets a provider up by hand.
    ///
    /// # Errors
    /// The [`Fault`] of the setting that is not usable.
    pub fn from_settings(settings: &IdpSettings<'_>) -> Result<Self, Fault> {
        let _ = settings;
        Err(Fault::MetadataInvalid)
    }
}
