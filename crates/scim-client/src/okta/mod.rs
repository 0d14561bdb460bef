//! Sets up the Okta side of a directory, as far as Okta's management API goes.

mod api;
mod error;
mod mapping;

use std::{fmt, str::FromStr, time::Duration};

use elder_kernel::{Clock, Secret};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{BaseUrl, exchange::Client};
use api::Api;

pub use error::OktaError;

/// What is to be set up.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The org: `https://acme.okta.com`.
    pub org: BaseUrl,
    /// The application that pushes.
    pub app: AppId,
    /// An API token of an admin (`SSWS`). Without it nothing is asked, which is good for a dry run alone.
    pub api_token: Option<Secret<String>>,
    /// The base URL that Okta is to push to.
    pub scim_url: BaseUrl,
    /// The token that Okta is to show there.
    pub scim_token: Secret<String>,
    /// Whether a connection that is right gets the token again: Okta does not tell which one it has.
    pub replace_token: bool,
    /// Whether passwords are pushed too.
    pub sync_passwords: bool,
    /// Whether changes are only told.
    pub dry_run: bool,
    /// How long an answer may take.
    pub timeout: Duration,
}

/// The id of an application in Okta.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppId(String);

/// A text that is no id of Okta's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id of Okta's has letters and digits alone, as 0oa1gjh63g214q0Hq0g4")]
pub struct InvalidAppId;

impl FromStr for AppId {
    type Err = InvalidAppId;

    fn from_str(text: &str) -> Result<Self, InvalidAppId> {
        let is_id = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
        if is_id { Ok(Self(text.to_owned())) } else { Err(InvalidAppId) }
    }
}

impl fmt::Display for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What remains for a person, since Okta's API does not offer it.
pub const BY_HAND: &str = "\
What is left to do in the admin console:
  Provisioning → Integration   `Unique identifier field for users` is userName; tick Push Groups if groups shall come
  Provisioning → Integration   Test API Credentials: Okta asks the directory itself
  Assignments                  who is pushed; assign one person first
  Push Groups                  which groups are pushed; groups that are only assigned are not";

/// Sets up the connection, what is pushed and the mapping; leaves alone what is right already. `say` is told each call.
///
/// # Errors
/// [`OktaError`]; what was done before stays done, and the next run goes on from there.
pub async fn configure(wish: &Wish, clock: &Clock, say: &mut dyn FnMut(&str)) -> Result<(), OktaError> {
    for url in [&wish.org, &wish.scim_url] {
        if url.is_open() {
            return Err(OktaError::Open(url.clone()));
        }
    }
    look_at_directory(wish, say).await?;
    let mut api = Api::new(wish, clock, say)?;
    look_at_app(&mut api).await?;
    connect(&mut api, wish).await?;
    push(&mut api, wish).await?;
    mapping::map(&mut api, wish).await
}

/// Asks what Okta asks when it tests a connector, so that no token is stored there that does not work.
async fn look_at_directory(wish: &Wish, say: &mut dyn FnMut(&str)) -> Result<(), OktaError> {
    let client = Client::new(wish.scim_url.clone(), wish.scim_token.clone(), wish.timeout)?;
    let asked = client.get("/Users?startIndex=1&count=2").await;
    let exchange = match asked {
        Ok(answer) if answer.status == 200 && answer.body.get("totalResults").is_some_and(Value::is_u64) => {
            say("The directory takes the token.");
            return Ok(());
        }
        Ok(answer) => answer.exchange,
        Err(exchange) => exchange,
    };
    let status = exchange.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let words: String = exchange.received.chars().filter(|c| !c.is_control()).take(300).collect();
    Err(OktaError::Directory { url: exchange.url, status, words })
}

/// Refuses an application that cannot push.
async fn look_at_app(api: &mut Api<'_>) -> Result<(), OktaError> {
    let path = api.app_path("");
    let Some(app) = api.find(&path).await? else {
        return if api.is_blind() { Ok(()) } else { Err(OktaError::NoApp) };
    };
    let text = |name: &str| app.get(name).and_then(Value::as_str).unwrap_or("unknown").to_owned();
    if text("status") != "ACTIVE" {
        return Err(OktaError::Inactive { label: text("label"), status: text("status") });
    }
    api.say(&format!("The application is {} ({}).", text("label"), text("name")));
    Ok(())
}

/// Sets the base URL and the token, and switches the connection on.
async fn connect(api: &mut Api<'_>, wish: &Wish) -> Result<(), OktaError> {
    let path = api.app_path("/connections/default");
    if let Some(now) = api.find(&path).await? {
        let scheme = scheme_of(&now)?;
        let is_right = scheme == "TOKEN"
            && now.get("status").is_some_and(|status| status == "ENABLED")
            && now.get("baseUrl").and_then(Value::as_str).map(|url| url.trim_end_matches('/'))
                == Some(wish.scim_url.to_string().as_str());
        if is_right && !wish.replace_token {
            api.say("The connection is right already. Okta does not tell its token: --replace-token sends it again.");
            return Ok(());
        }
    }
    let body = json!({
        "baseUrl": wish.scim_url.to_string(),
        "profile": {"authScheme": "TOKEN", "token": wish.scim_token.expose()},
    });
    let Some(after) = api.change(Method::POST, &format!("{path}?activate=true"), &body).await? else {
        return Ok(());
    };
    scheme_of(&after)?;
    match after.get("status").and_then(Value::as_str) {
        Some("ENABLED") => Ok(()),
        status => Err(OktaError::NotEnabled(status.unwrap_or("unknown").to_owned())),
    }
}

/// How a connection authenticates. An application without provisioning is no error to Okta: it says `UNKNOWN`.
fn scheme_of(connection: &Value) -> Result<&str, OktaError> {
    let scheme = connection.pointer("/profile/authScheme").and_then(Value::as_str).unwrap_or("UNKNOWN");
    let is_unknown =
        scheme == "UNKNOWN" || connection.get("status").is_some_and(|status| status == "UNKNOWN");
    match scheme {
        _ if is_unknown => Err(OktaError::NotProvisionable),
        "OAUTH2" => Err(OktaError::OtherScheme),
        scheme => Ok(scheme),
    }
}

/// Has people made, changed and deactivated.
async fn push(api: &mut Api<'_>, wish: &Wish) -> Result<(), OktaError> {
    let on = json!({"status": "ENABLED"});
    let mut wanted = json!({
        "create": {"lifecycleCreate": on},
        "update": {"profile": on, "lifecycleDeactivate": on},
    });
    if let (true, Some(update)) =
        (wish.sync_passwords, wanted.get_mut("update").and_then(Value::as_object_mut))
    {
        // The password that people have in Okta, and each later one.
        let password = json!({"status": "ENABLED", "seed": "OKTA", "change": "CHANGE"});
        update.insert("password".to_owned(), password);
    }
    let path = api.app_path("/features/USER_PROVISIONING");
    let now = api.find(&path).await?;
    if now.is_some_and(|feature| feature.get("capabilities").is_some_and(|now| holds(now, &wanted))) {
        api.say("People are made, changed and deactivated already.");
        return Ok(());
    }
    api.change(Method::PUT, &path, &wanted).await.map(drop)
}

/// Whether everything that is wanted is so; what else there is does not matter.
fn holds(now: &Value, wanted: &Value) -> bool {
    match wanted {
        Value::Object(fields) => {
            fields.iter().all(|(name, wanted)| now.get(name).is_some_and(|now| holds(now, wanted)))
        }
        wanted => now == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_lead_to_another_path() {
        assert!("0oa1gjh63g214q0Hq0g4".parse::<AppId>().is_ok());
        for text in ["", "../users", "0oa?x", "0oa/lifecycle/deactivate", "0oa%2e"] {
            assert_eq!(text.parse::<AppId>(), Err(InvalidAppId), "{text}");
        }
    }

    #[test]
    fn what_is_wanted_is_compared_and_nothing_else() {
        let now = json!({"create": {"lifecycleCreate": {"status": "ENABLED"}}, "update": {}});
        assert!(holds(&now, &json!({"create": {"lifecycleCreate": {"status": "ENABLED"}}})));
        assert!(!holds(&now, &json!({"create": {"lifecycleCreate": {"status": "DISABLED"}}})));
        assert!(!holds(&now, &json!({"update": {"profile": {"status": "ENABLED"}}})));
    }

    #[test]
    fn a_connection_that_okta_does_not_know_is_told_from_one_of_another_kind() {
        let connection =
            |status: &str, scheme: &str| json!({"status": status, "profile": {"authScheme": scheme}});
        assert_eq!(scheme_of(&connection("DISABLED", "TOKEN")).unwrap(), "TOKEN");
        let unknown = [connection("UNKNOWN", "UNKNOWN"), connection("UNKNOWN", "TOKEN"), json!({})];
        for unknown in unknown {
            assert!(matches!(scheme_of(&unknown), Err(OktaError::NotProvisionable)), "{unknown}");
        }
        assert!(matches!(scheme_of(&connection("ENABLED", "OAUTH2")), Err(OktaError::OtherScheme)));
    }
}
