//! Asks a provider to sign somebody in (SAML core §3.4).

use elder_kernel::Seam;
use serde::{Deserialize, Serialize};

use crate::{Fault, Idp, NameIdFormat, RelayState, Sent, ServiceProvider};

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
        let _todo = (sp, idp, relay_state, seam);
        Err(Fault::NoBinding)
    }
}
