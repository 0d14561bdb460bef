//! How one signs in: password, second factors, backup codes.

pub(crate) mod factor;
pub(crate) mod routes;

use elder_api_types::{
    FactorId,
    mfa::{Factor, MfaOverview},
    name::Name,
    settings::SecondFactor,
};
use elder_kernel::Secret;
use elder_mfa::webauthn::NewPasskey;
use elder_portal_users::pages::OwnPassword;
use serde::Deserialize;

use crate::{alerts::Alerts, devices::Moment, passkey::Credential, words::Words};

/// Two passwords.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Passwords {
    current_password: Secret<String>,
    password: Secret<String>,
}

impl From<Passwords> for OwnPassword {
    fn from(Passwords { current_password, password }: Passwords) -> Self {
        Self { current_password, password }
    }
}

/// A factor to be removed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Removal {
    factor: FactorId,
}

/// Another name for a factor.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Renaming {
    factor: FactorId,
    name: String,
}

/// The first code of an authenticator application.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FirstCode {
    factor: FactorId,
    code: Secret<String>,
}

/// A passkey that the browser has made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MadePasskey {
    ceremony: String,
    credential: Credential,
    #[serde(default)]
    name: String,
}

impl MadePasskey {
    /// The same as a program would send it, or what is wrong with it.
    fn new_passkey(self, words: &Words) -> Result<NewPasskey, Alerts> {
        let name = if self.name.trim().is_empty() { None } else { Some(label(&self.name, words)?) };
        Ok(NewPasskey { name, ceremony: self.ceremony, credential: self.credential.read() })
    }
}

/// What somebody calls a factor.
fn label(typed: &str, words: &Words) -> Result<String, Alerts> {
    let label = typed.trim().parse::<Name<100>>().map_err(|_| Alerts::beside("name", words.label_wrong))?;
    Ok(label.into())
}

/// A factor as its owner tells it from others.
struct ShownFactor {
    id: FactorId,
    kind: &'static str,
    name: String,
    used: Option<Moment>,
}

impl ShownFactor {
    fn of(factor: Factor, words: &Words) -> Self {
        let kind = match factor.kind {
            SecondFactor::Totp => words.authenticator,
            SecondFactor::Webauthn => words.passkey,
            SecondFactor::BackupCode => words.backup_codes,
        };
        Self { id: factor.id, kind, name: factor.name, used: factor.last_used_at.map(Moment::from) }
    }
}

/// What somebody has besides a password, as the page shows it.
struct ShownFactors {
    is_required: bool,
    factors: Vec<ShownFactor>,
    codes_left: String,
}

impl ShownFactors {
    fn of(overview: MfaOverview, words: &Words) -> Self {
        Self {
            is_required: overview.is_required,
            codes_left: words.backup_codes_left.replace("{}", &overview.backup_codes_left.to_string()),
            factors: overview.factors.into_iter().map(|factor| ShownFactor::of(factor, words)).collect(),
        }
    }
}
