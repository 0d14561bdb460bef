//! Somebody's account, and the frame of its pages.

use actix_web::{HttpRequest, HttpResponse};
use elder_access::Myself;
use elder_api_types::{me::Me, regional::Locale};
use elder_http::Problem;
use elder_portal_users::pages;
use elder_tenancy::Brand;
use serde::Deserialize;

use crate::{fault::see_page, frame::Frame, place::Place, words::Words};

/// What was done just now, to be said on the page that comes then.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Saved {
    Profile,
    EmailAsked,
    VerificationAsked,
    Password,
    FactorAdded,
    FactorRenamed,
    FactorRemoved,
    Linked,
    Session,
    Device,
}

impl Saved {
    /// The page that says so, and how its query names it.
    const fn told_at(self) -> (Place, &'static str) {
        match self {
            Self::Profile => (Place::Account, "profile"),
            Self::EmailAsked => (Place::Account, "email_asked"),
            Self::VerificationAsked => (Place::Account, "verification_asked"),
            Self::Password => (Place::Security, "password"),
            Self::FactorAdded => (Place::Security, "factor_added"),
            Self::FactorRenamed => (Place::Security, "factor_renamed"),
            Self::FactorRemoved => (Place::Security, "factor_removed"),
            Self::Linked => (Place::Security, "linked"),
            Self::Session => (Place::Devices, "session"),
            Self::Device => (Place::Devices, "device"),
        }
    }

    fn words(self, words: &Words) -> &'static str {
        match self {
            Self::Profile => words.profile_saved,
            Self::EmailAsked => words.email_asked,
            Self::VerificationAsked => words.email_verification_asked,
            Self::Password => words.password_saved,
            Self::FactorAdded => words.factor_added,
            Self::FactorRenamed => words.factor_renamed,
            Self::FactorRemoved => words.factor_removed,
            Self::Linked => words.sso_linked,
            Self::Session => words.session_ended,
            Self::Device => words.device_withdrawn,
        }
    }
}

/// The query of a page of the account.
#[derive(Debug, Deserialize, garde::Validate)]
pub(crate) struct Done {
    #[garde(skip)]
    saved: Option<Saved>,
}

impl Done {
    /// What the page says of it.
    pub(crate) fn words(&self, desk: &Desk<'_>) -> Option<&'static str> {
        self.saved.map(|saved| saved.words(desk.frame.words))
    }
}

/// Where somebody looks after their account.
pub(crate) struct Desk<'a> {
    pub(crate) request: &'a HttpRequest,
    pub(crate) myself: &'a Myself,
    pub(crate) me: Me,
    pub(crate) frame: Frame,
}

impl<'a> Desk<'a> {
    /// Finds out who it is.
    pub(crate) async fn open(myself: &'a Myself, request: &'a HttpRequest) -> Result<Self, Problem> {
        let me = pages::profile(myself).await?;
        let brand = Brand::of(&myself.read().await?).await?;
        let frame = Frame::of(request, Some(brand), me.user.locale.as_ref().map(Locale::as_str));
        // Nobody else can do anything about it.
        let frame = match me.user.global_role {
            Some(_) => frame.warning_of(myself.license_phase()),
            None => frame,
        };
        Ok(Self { request, myself, me, frame })
    }

    /// Leads to the page that says what was done.
    pub(crate) fn done(&self, saved: Saved) -> HttpResponse {
        let (place, name) = saved.told_at();
        see_page(self.request, &format!("{}?saved={name}", place.path()))
    }
}
