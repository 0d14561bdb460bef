//! GitHub has no OpenID Connect for people: its API says who has signed in.

use elder_outbound::http::Outbound;
use serde_json::{Value, json};

use crate::{Discovered, OidcError, Refusal, error::Step, fetch, json::Object};

/// What GitHub would say of itself. One's own GitHub Enterprise Server has its API below `/api/v3`.
pub(crate) fn discovered(issuer: &str) -> Result<Discovered, Refusal> {
    let base = issuer.trim_end_matches('/');
    let api = if base == "https://github.com" {
        "https://api.github.com".to_owned()
    } else {
        format!("{base}/api/v3")
    };
    let document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{base}/login/oauth/authorize"),
        "token_endpoint": format!("{base}/login/oauth/access_token"),
        "userinfo_endpoint": format!("{api}/user"),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
    });
    serde_json::from_value(document).map_err(|_| Refusal::DiscoveryIncomplete)
}

/// The user of an access token, in the claims of OpenID Connect. The subject is the number: a login can be given up, and
/// taken by another.
pub(crate) async fn user(
    outbound: &Outbound,
    discovered: &Discovered,
    access_token: &str,
) -> Result<(String, Object), OidcError> {
    let url = discovered.userinfo_endpoint.as_deref().ok_or(Refusal::NoUserInfo)?;
    let user = fetch::document(outbound, Step::UserInfo, url, Some(access_token)).await?.object;
    let id = user.get("id").and_then(Value::as_u64).ok_or(Refusal::SubjectInvalid)?.to_string();
    let addresses =
        fetch::answer(outbound, Step::UserInfo, &format!("{url}/emails"), Some(access_token)).await?;
    let mut claims = Object::from_iter([("sub".to_owned(), id.clone().into())]);
    for (claim, field) in [
        ("preferred_username", "login"),
        ("name", "name"),
        ("picture", "avatar_url"),
        ("profile", "html_url"),
    ] {
        claims.extend(
            user.get(field).filter(|value| value.is_string()).map(|value| (claim.to_owned(), value.clone())),
        );
    }
    if let Some((email, is_verified)) = primary(addresses.body())? {
        claims.insert("email".to_owned(), email.into());
        claims.insert("email_verified".to_owned(), is_verified.into());
    }
    Ok((id, claims))
}

#[derive(serde::Deserialize)]
struct Address {
    email: String,
    primary: bool,
    verified: bool,
}

fn primary(body: &[u8]) -> Result<Option<(String, bool)>, Refusal> {
    let addresses: Vec<Address> = serde_json::from_slice(body).map_err(|_| Refusal::UserInfoInvalid)?;
    let primary = addresses.into_iter().find(|address| address.primary);
    Ok(primary.map(|address| (address.email, address.verified)))
}
