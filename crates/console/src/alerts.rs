//! What is wrong with what somebody typed, and beside which field the page says so.

use actix_web::http::StatusCode;
use elder_http::Problem;
use elder_kernel::Coded as _;
use elder_mfa::Error as Mfa;
use elder_portal_users::{
    Error,
    password::{MOST, Weakness},
};

use crate::{fault::status, words::Words};

/// What is said above a form, because no field of it alone is wrong.
pub(crate) const FORM: &str = "form";

/// Sentences beside a field.
#[derive(Debug, Default)]
pub(crate) struct Alerts {
    field: &'static str,
    pub(crate) sentences: Vec<String>,
}

impl Alerts {
    /// One sentence beside a field.
    pub(crate) fn beside(field: &'static str, sentence: &str) -> Self {
        Self { field, sentences: vec![sentence.to_owned()] }
    }

    /// The same beside another field.
    pub(crate) fn at(self, field: &'static str) -> Self {
        Self { field, ..self }
    }

    /// Whether they stand beside this field.
    pub(crate) fn are_at(&self, field: &str) -> bool {
        self.field == field && !self.sentences.is_empty()
    }

    /// What a person can do something about, with the status of the page that says so.
    ///
    /// # Errors
    /// Whatever no page can mend, as it is.
    pub(crate) fn of(error: Error, words: &Words) -> Result<(StatusCode, Self), Problem> {
        let status = status(error.code());
        let alerts = match &error {
            Error::WeakPassword(weaknesses) => {
                let sentences = weaknesses.broken().iter().map(|rule| weakness(rule, words)).collect();
                Self { field: "password", sentences }
            }
            _ => match sentence(&error, words) {
                Some((field, sentence)) => Self::beside(field, sentence),
                None => return Err(error.into()),
            },
        };
        Ok((status, alerts))
    }
}

/// What is wrong, and where.
fn sentence(error: &Error, words: &Words) -> Option<(&'static str, &'static str)> {
    Some(match error {
        Error::InvalidCredentials => (FORM, words.sign_in_failed),
        Error::TenantRequired(_) => (FORM, words.which_tenant),
        Error::PasswordExpired => (FORM, words.expired),
        Error::SsoRequired => (FORM, words.sso_required),
        Error::NetworkForbidden => (FORM, words.network),
        Error::TooManySessions => (FORM, words.too_many_sessions),
        Error::ManagedByDirectory(_) => (FORM, words.managed),
        Error::InvalidLink => (FORM, words.invalid_link),
        Error::MailedEnough => (FORM, words.mailed_enough),
        Error::InvalidSetupToken => (FORM, words.setup_token),
        Error::SetupDone => (FORM, words.setup_done),
        Error::InvalidProof => ("code", words.wrong_code),
        Error::WrongPassword => ("current_password", words.wrong_password),
        Error::EmailTaken => ("email", words.email_taken),
        Error::EmailDomain(_) => ("email", words.email_domain),
        Error::SameEmail => ("email", words.email_same),
        Error::InvalidEmail(_) => ("email", words.invalid_email),
        Error::Mfa(error) => (FORM, of_factor(error, words)?),
        _ => return None,
    })
}

fn of_factor(error: &Mfa, words: &Words) -> Option<&'static str> {
    match error {
        Mfa::InvalidFlow => Some(words.flow_over),
        Mfa::NotTaken(_) => Some(words.factor_not_taken),
        Mfa::TooMany => Some(words.factors_too_many),
        Mfa::Registered => Some(words.factor_registered),
        Mfa::NoRelyingParty => Some(words.passkey_impossible),
        Mfa::NotOneProof(_) => Some(words.wrong_code),
        _ => None,
    }
}

fn weakness(rule: &Weakness, words: &Words) -> String {
    let with = |words: &str, number: &dyn ToString| words.replace("{}", &number.to_string());
    match rule {
        Weakness::TooShort(least) => with(words.weak_short, least),
        Weakness::TooLong => with(words.weak_long, &MOST),
        Weakness::TooUniform(kinds) => with(words.weak_uniform, kinds),
        Weakness::HoldsName => words.weak_name.to_owned(),
        Weakness::Common => words.weak_common.to_owned(),
        Weakness::Guessable => words.weak_guessable.to_owned(),
        Weakness::Stolen => words.weak_stolen.to_owned(),
        Weakness::UsedBefore => words.weak_used.to_owned(),
    }
}
