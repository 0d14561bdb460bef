//! What is known of a provider before anybody has configured anything.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A provider whose ways are known, or any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Google Workspace and Google accounts.
    Google,
    /// Microsoft Entra ID.
    Entra,
    /// Okta.
    Okta,
    /// Auth0.
    Auth0,
    /// Keycloak.
    Keycloak,
    /// GitLab.
    Gitlab,
    /// GitHub: OAuth 2.0 and its API of users, as it has no ID tokens.
    Github,
    /// Any provider of OpenID Connect.
    Generic,
}

/// Under which names a provider tells what an account is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimNames {
    /// The e-mail address.
    pub email: &'static str,
    /// Whether the provider has verified it.
    pub email_verified: &'static str,
    /// The name in full.
    pub full_name: &'static str,
    /// The name by which the person signs in there.
    pub username: &'static str,
    /// The groups.
    pub groups: &'static str,
}

const STANDARD: ClaimNames = ClaimNames {
    email: "email",
    email_verified: "email_verified",
    full_name: "name",
    username: "preferred_username",
    groups: "groups",
};

impl Preset {
    /// Every preset.
    pub const ALL: &'static [Self] = &[
        Self::Google,
        Self::Entra,
        Self::Okta,
        Self::Auth0,
        Self::Keycloak,
        Self::Gitlab,
        Self::Github,
        Self::Generic,
    ];

    /// The issuer, where there is one for everybody.
    pub const fn issuer(self) -> Option<&'static str> {
        match self {
            Self::Google => Some("https://accounts.google.com"),
            Self::Gitlab => Some("https://gitlab.com"),
            Self::Github => Some("https://github.com"),
            Self::Entra | Self::Okta | Self::Auth0 | Self::Keycloak | Self::Generic => None,
        }
    }

    /// What is asked for.
    pub const fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Github => &["read:user", "user:email"],
            Self::Okta => &["openid", "profile", "email", "groups"],
            _ => &["openid", "profile", "email"],
        }
    }

    /// Under which names things are told.
    pub const fn claims(self) -> ClaimNames {
        match self {
            // Whoever runs a directory of Entra can write any address into `email`: https://aka.ms/noauth.
            Self::Entra => ClaimNames { email_verified: "xms_edov", ..STANDARD },
            Self::Gitlab => ClaimNames { groups: "groups_direct", ..STANDARD },
            _ => STANDARD,
        }
    }

    /// The address that the provider says it has verified: a claim that is the JSON value `true` and nothing like it.
    pub fn verified_email(self, claims: &Map<String, Value>) -> Option<&str> {
        let names = self.claims();
        let is_verified = claims.get(names.email_verified) == Some(&Value::Bool(true));
        claims.get(names.email)?.as_str().filter(|_| is_verified)
    }

    /// Whether it gives ID tokens. One that does not is asked for its user by an API of its own.
    pub(crate) const fn has_id_tokens(self) -> bool {
        !matches!(self, Self::Github)
    }

    /// Whether its user-info endpoint tells more than the ID token.
    pub(crate) const fn has_more_to_tell(self) -> bool {
        !matches!(self, Self::Google | Self::Entra)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn verified(preset: Preset, claims: &Value) -> Option<&str> {
        preset.verified_email(claims.as_object().unwrap())
    }

    #[test]
    fn o_15_an_address_is_verified_by_the_json_value_true_alone() {
        let claims = |verified: Value| json!({"email": "ada@example.com", "email_verified": verified});
        assert_eq!(verified(Preset::Generic, &claims(json!(true))), Some("ada@example.com"));
        for other in [json!(false), json!(null), json!("true"), json!(1), json!([true]), json!({})] {
            assert_eq!(verified(Preset::Generic, &claims(other.clone())), None, "{other}");
        }
        assert_eq!(verified(Preset::Generic, &json!({"email": "ada@example.com"})), None);
        assert_eq!(verified(Preset::Generic, &json!({"email_verified": true})), None);
    }

    #[test]
    fn o_16_entra_verifies_an_address_by_a_claim_of_its_own() {
        let claims = |name: &str, value: bool| json!({"email": "ada@example.com", name: value});
        assert_eq!(verified(Preset::Entra, &claims("xms_edov", true)), Some("ada@example.com"));
        assert_eq!(verified(Preset::Entra, &claims("xms_edov", false)), None);
        assert_eq!(verified(Preset::Entra, &claims("email_verified", true)), None);
    }
}
