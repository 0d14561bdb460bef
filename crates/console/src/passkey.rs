//! Forms by which a script asks the browser for a passkey, or to make one.

use elder_http::Problem;
use elder_kernel::ErrorCode;
use elder_portal_users::pages::WebauthnOptions;
use serde::Deserialize;
use serde_json::Value;

/// Such a form. It is hidden until the script has found that the browser knows passkeys.
#[derive(Debug)]
pub(crate) struct Passkey<'a> {
    /// What the script calls of `navigator.credentials`: `create` or `get`.
    pub(crate) verb: &'static str,
    pub(crate) action: &'a str,
    pub(crate) label: &'a str,
    /// Of the sign-in that goes on.
    pub(crate) flow: Option<&'a str>,
    /// Whether the owner names it.
    pub(crate) is_named: bool,
    pub(crate) ceremony: String,
    /// What the script gives the browser, as JSON.
    pub(crate) options: String,
}

impl<'a> Passkey<'a> {
    /// A form that asks for one.
    pub(crate) fn get(options: &WebauthnOptions, action: &'a str, label: &'a str) -> Result<Self, Problem> {
        Self::form("get", options, action, label)
    }

    /// A form that makes one.
    pub(crate) fn create(
        options: &WebauthnOptions,
        action: &'a str,
        label: &'a str,
    ) -> Result<Self, Problem> {
        Self::form("create", options, action, label)
    }

    /// The same for a sign-in that goes on.
    pub(crate) fn of_flow(self, flow: &'a str) -> Self {
        Self { flow: Some(flow), ..self }
    }

    /// The same with a field for a name.
    pub(crate) fn named(self) -> Self {
        Self { is_named: true, ..self }
    }

    fn form(
        verb: &'static str,
        made: &WebauthnOptions,
        action: &'a str,
        label: &'a str,
    ) -> Result<Self, Problem> {
        let ceremony = made.ceremony.clone();
        let options = serde_json::to_string(&made.options)
            .map_err(|error| Problem::new(ErrorCode::InternalError, format!("options: {error}")))?;
        Ok(Self { verb, action, label, flow: None, is_named: false, ceremony, options })
    }
}

/// What the script puts into the form.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Credential(String);

impl Credential {
    /// What the browser gave, as its `toJSON()` writes it; null, which proves nothing, if that cannot be read.
    pub(crate) fn read(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}
