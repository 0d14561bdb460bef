//! What there is to be settled between Elder and a provider that speaks SAML.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::directory::names;

/// By which kind of name a provider is asked to call people (SAML Core §8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NameIdFormat {
    /// Whatever the provider is set to.
    #[default]
    Unspecified,
    /// A name that stays and says nothing: the best choice.
    Persistent,
    /// The e-mail address: with another address somebody is another person.
    EmailAddress,
}

names! {
    NameIdFormat: Unspecified = "unspecified"; Persistent = "persistent"; EmailAddress = "email_address";
}

/// How Elder speaks SAML to a provider, and what it takes from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own on the wire")]
pub struct SamlSettings {
    /// Whether requests are signed. Those for signing out always are. Default: true.
    #[garde(skip)]
    pub sign_requests: bool,
    /// Whether people may come from the provider without having been sent there. Whoever can make a browser post a form can
    /// then sign it in to an account of theirs. Default: false.
    #[garde(skip)]
    pub idp_initiated: bool,
    /// Whether assertions may be encrypted by AES-CBC, which whoever can ask often enough may read. Default: false.
    #[garde(skip)]
    pub allow_cbc: bool,
    /// By how many seconds the provider's clock may differ. Default: 60.
    #[garde(range(max = 180))]
    #[schema(maximum = 180)]
    pub clock_skew_seconds: u32,
    /// By which kind of name people are called. Default: `unspecified`.
    #[garde(skip)]
    pub name_id_format: NameIdFormat,
    /// Whether people must prove at each sign-in who they are, even if the provider knows them. Default: false.
    #[garde(skip)]
    pub force_authn: bool,
    /// How they must prove it, as URIs of which one is to be met exactly. Default: as the provider likes.
    #[garde(length(max = 10), inner(length(chars, min = 1, max = 255)))]
    #[schema(max_items = 10, example = json!(["https://refeds.org/profile/mfa"]))]
    pub authn_contexts: Vec<String>,
}

impl Default for SamlSettings {
    fn default() -> Self {
        Self {
            sign_requests: true,
            idp_initiated: false,
            allow_cbc: false,
            clock_skew_seconds: 60,
            name_id_format: NameIdFormat::default(),
            force_authn: false,
            authn_contexts: Vec::new(),
        }
    }
}

/// What a provider must be told of Elder. All of it stands in the metadata, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceProvider {
    /// What Elder calls itself to this provider; also where the metadata is.
    pub entity_id: String,
    /// Where the provider sends people who have signed in.
    pub acs_url: String,
    /// Where it sends people who sign out.
    pub slo_url: String,
}
