//! Signing in: the address first, then the password, then on to the account or to the application that asked.

mod desk;
mod errand;
pub(crate) mod onward;
pub(crate) mod provider;
pub(crate) mod routes;
pub(crate) mod saml;
mod second;
mod trial;

use elder_kernel::Secret;
use elder_portal_users::pages::{Login, MfaVerification, PasskeySignIn};
use serde::Deserialize;

use self::desk::Asked;
use crate::{form::Form, passkey::Credential};

/// What somebody typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    new_password: String,
    #[serde(default)]
    tenant: String,
}

impl Credentials {
    /// The same as a program would send it. `tenant` is where the person must sign in, if they come for that; `device`
    /// shows that they were here before.
    fn login(&self, tenant: Option<String>, device: Option<Secret<String>>) -> Login {
        let given = |text: &String| (!text.is_empty()).then(|| text.clone());
        Login {
            email: self.email.clone(),
            password: Secret::new(self.password.clone()),
            new_password: given(&self.new_password).map(Secret::new),
            device_token: device,
            tenant: tenant.or_else(|| given(&self.tenant)),
        }
    }

    /// The form again, without the passwords: a page must not hold one.
    fn asked(&self, step: Step) -> Asked<'_> {
        Asked { step, email: &self.email, tenant: &self.tenant, ..Asked::default() }
    }
}

/// What the browser gave of a passkey.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasskeyProof {
    ceremony: String,
    credential: Credential,
}

impl PasskeyProof {
    /// The same as a program would send it.
    fn sign_in(self, device_token: Option<Secret<String>>) -> PasskeySignIn {
        PasskeySignIn { ceremony: self.ceremony, credential: self.credential.read(), device_token }
    }
}

/// A second step: something that was typed, or a passkey.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Factor {
    flow: Secret<String>,
    #[serde(default)]
    code: String,
    #[serde(default)]
    ceremony: String,
    #[serde(default)]
    credential: Credential,
    #[serde(default)]
    remember: String,
}

impl Factor {
    /// The same as a program would send it. Six digits are what an application shows; all else is a backup code.
    fn verification(&self) -> MfaVerification {
        let typed = self.code.trim();
        let is_shown = typed.len() == 6 && typed.chars().all(|c| c.is_ascii_digit());
        let code = || Some(Secret::new(typed.to_owned()));
        MfaVerification {
            flow: Secret::new(self.flow.expose().clone()),
            code: if is_shown { code() } else { None },
            backup_code: if is_shown || typed.is_empty() { None } else { code() },
            ceremony: (!self.ceremony.is_empty()).then(|| self.ceremony.clone()),
            credential: (!self.ceremony.is_empty()).then(|| self.credential.read()),
            remember_device: self.remember == "yes",
        }
    }
}

/// What is asked for next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Step {
    #[default]
    Address,
    Password,
    /// The present password, and another one in its place.
    Renewal,
}

impl Step {
    fn is_address(self) -> bool {
        self == Self::Address
    }

    fn is_renewal(self) -> bool {
        self == Self::Renewal
    }
}
