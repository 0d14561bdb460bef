//! What a provider says of itself (OpenID Connect Discovery 1.0), and what of that is believed.

use chrono::{DateTime, Utc};
use elder_outbound::http::Outbound;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::{Connection, OidcError, Preset, Refusal, error::Step, fetch, github, json::Object};

/// In the issuer of Entra's description for several directories this stands for the directory.
const DIRECTORY: &str = "{tenantid}";

/// A provider's description, as far as it is used. It is kept as the JSON that the provider has sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discovered {
    /// Who signs its tokens.
    pub issuer: String,
    /// Where browsers are sent.
    pub authorization_endpoint: String,
    /// Where codes become tokens.
    pub token_endpoint: String,
    /// Where its keys are. Only a provider without ID tokens has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Who has signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_endpoint: Option<String>,
    /// Where browsers sign out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_session_endpoint: Option<String>,
    /// By which algorithms it signs ID tokens.
    #[serde(default)]
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// How clients may prove themselves; nothing means `client_secret_basic`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// The methods of PKCE that it knows.
    #[serde(default)]
    pub code_challenge_methods_supported: Vec<String>,
    /// Whether it names itself in each answer (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
    /// Whether it tells clients of a logout.
    #[serde(default)]
    pub backchannel_logout_supported: bool,
}

impl Discovered {
    fn check(&self, outbound: &Outbound) -> Result<(), OidcError> {
        let endpoints = [
            Some(&self.authorization_endpoint),
            Some(&self.token_endpoint),
            self.jwks_uri.as_ref(),
            self.userinfo_endpoint.as_ref(),
            self.end_session_endpoint.as_ref(),
        ];
        endpoints
            .into_iter()
            .flatten()
            .try_for_each(|url| outbound.check(url).map_err(OidcError::call(Step::Discovery)))
    }
}

/// Reads what the provider of a connection says of itself.
///
/// # Errors
/// [`OidcError`] if it is not reached, is another issuer, or has an address that may not be called.
pub async fn discover(outbound: &Outbound, connection: &Connection) -> Result<Discovered, OidcError> {
    describe(outbound, connection).await.map(|(discovered, _)| discovered)
}

/// The same, and when the provider says that was.
pub(crate) async fn describe(
    outbound: &Outbound,
    connection: &Connection,
) -> Result<(Discovered, Option<DateTime<Utc>>), OidcError> {
    connection.check(outbound)?;
    let (discovered, date) = if connection.preset == Preset::Github {
        (github::discovered(&connection.issuer)?, None)
    } else {
        let url = address(&connection.issuer);
        let document = fetch::document(outbound, Step::Discovery, &url, None).await?;
        (read(connection, document.object)?, document.date)
    };
    discovered.check(outbound)?;
    Ok((discovered, date))
}

/// Where an issuer's description is: a slash at its end is left out (Discovery §4.1).
fn address(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.strip_suffix('/').unwrap_or(issuer))
}

/// Reads a description and compares its issuer, to the letter (Discovery §4.3).
fn read(connection: &Connection, document: Object) -> Result<Discovered, OidcError> {
    let expected = expected_issuer(connection);
    if document.get("issuer").and_then(Value::as_str) != Some(&expected) {
        return Err(Refusal::DiscoveryIssuer.into());
    }
    let discovered: Discovered =
        serde_json::from_value(Value::Object(document)).map_err(|_| Refusal::DiscoveryIncomplete)?;
    if discovered.jwks_uri.is_none() {
        return Err(Refusal::DiscoveryIncomplete.into());
    }
    Ok(discovered)
}

fn expected_issuer(connection: &Connection) -> String {
    match template(&connection.issuer) {
        Some(template) if connection.preset == Preset::Entra => template,
        _ => connection.issuer.clone(),
    }
}

/// The issuer for several directories of Entra, with a gap where each one's has its id.
pub(crate) fn template(issuer: &str) -> Option<String> {
    let several = ["/common/", "/organizations/", "/consumers/"];
    several
        .into_iter()
        .find(|name| issuer.contains(name))
        .map(|name| issuer.replacen(name, "/{tenantid}/", 1))
}

/// The issuer of the tokens of one directory.
pub(crate) fn of_directory(issuer: &str, directory: &str) -> String {
    issuer.replace(DIRECTORY, directory)
}

/// An issuer is a URL that may be called, without query and fragment (Discovery §3).
pub(crate) fn check_issuer(issuer: &str, outbound: &Outbound) -> Result<(), OidcError> {
    let url = Url::parse(issuer).map_err(|_| Refusal::IssuerInvalid)?;
    if url.query().is_some() || url.fragment().is_some() || issuer.trim() != issuer {
        return Err(Refusal::IssuerInvalid.into());
    }
    outbound.check(issuer).map_err(OidcError::call(Step::Discovery))
}
