//! Answers of a provider that does everything right, and of one that does one thing wrong; and providers that others wrote.

#![cfg(test)]

mod accepted;
mod content;
mod cost;
mod encrypted;
mod examined;
mod forge;
mod form;
mod logout;
mod metadata;
mod peers;
mod requests;
mod shapes;
mod signatures;
mod wrapping;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use elder_kernel::{Clock, ManualClock, Random, Seam};
use elder_saml::{
    Answer, Binding, Expected, Fault, Idp, IdpSettings, RequestId, ServiceProvider, SignedIn, SpKey,
    generate_key,
};

use crate::forge::Signer;

/// The name of the provider.
pub(crate) const IDP: &str = "https://idp.example/metadata";
/// Our name.
pub(crate) const SP: &str = "https://elder.example/sso/saml/idp_1/metadata";
/// Where answers come in.
pub(crate) const ACS: &str = "https://elder.example/sso/saml/idp_1/acs";
/// Where logouts come in.
pub(crate) const SLO: &str = "https://elder.example/sso/saml/idp_1/slo";
/// Where requests go to.
pub(crate) const SSO_URL: &str = "https://idp.example/sso";
/// Where logouts go to.
pub(crate) const SLO_URL: &str = "https://idp.example/slo";
/// The request that waits.
pub(crate) const REQUEST: &str = "_8e8dc5f69a98cc4c1ff3427e5ce34606fd672f91";

/// When all this happens.
pub(crate) fn now() -> DateTime<Utc> {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

/// A clock that stands still, and real randomness.
pub(crate) fn seam() -> Seam {
    Seam { clock: Clock::new(ManualClock::new(now())), random: Random::system() }
}

/// A key of ours.
pub(crate) fn own_key() -> SpKey {
    generate_key(&seam(), "Elder", 2048).unwrap()
}

/// A connection, its provider, and the key by which the provider signs.
pub(crate) struct World {
    pub(crate) sp: ServiceProvider,
    pub(crate) idp: Idp,
    pub(crate) signer: Signer,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::signed_by(Signer::rsa())
    }

    pub(crate) fn signed_by(signer: Signer) -> Self {
        let sp = ServiceProvider {
            entity_id: SP.to_owned(),
            acs_url: ACS.to_owned(),
            slo_url: Some(SLO.to_owned()),
            keys: vec![own_key()],
        };
        Self { sp, idp: idp(&[&signer]), signer }
    }

    /// Reads an answer as the one to the request that waits.
    pub(crate) fn read(&self, xml: &str) -> Result<SignedIn, Fault> {
        self.read_as(xml, &expected())
    }

    pub(crate) fn read_as(&self, xml: &str, expected: &Expected) -> Result<SignedIn, Fault> {
        Answer::read(&BASE64_STANDARD.encode(xml), &self.sp, &self.idp, expected)
    }

    /// Why an answer is refused.
    pub(crate) fn fault(&self, xml: &str) -> &'static str {
        self.fault_as(xml, &expected())
    }

    pub(crate) fn fault_as(&self, xml: &str, expected: &Expected) -> &'static str {
        self.read_as(xml, expected).map_or_else(Fault::code, |_| "nothing")
    }
}

/// The provider with certificates of these.
pub(crate) fn idp(signers: &[&Signer]) -> Idp {
    let certificates: Vec<_> =
        signers.iter().map(|signer| BASE64_STANDARD.encode(&signer.certificate)).collect();
    let settings = IdpSettings {
        entity_id: IDP,
        sso_url: SSO_URL,
        sso_binding: Binding::Redirect,
        slo_url: Some(SLO_URL),
        certificates: &certificates,
        want_authn_requests_signed: false,
    };
    Idp::from_settings(&settings).unwrap()
}

/// An answer to the request that waits, now.
pub(crate) fn expected() -> Expected {
    Expected::answer_to(RequestId::kept(REQUEST), now())
}

/// The same at another moment.
pub(crate) fn expected_after(seconds: i64) -> Expected {
    Expected { now: now() + TimeDelta::seconds(seconds), ..expected() }
}
