//! One's own account: name, language, password, sessions.

pub(crate) mod routes;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;
use elder_access::Myself;
use elder_api_types::{me::Me, regional::Locale};
use elder_http::Problem;
use elder_kernel::{Id, Patch, Secret, Session};
use elder_portal_users::pages::{self, MePatch, OwnPassword, SessionView};
use elder_tenancy::Brand;
use serde::Deserialize;

use crate::{
    frame::Frame,
    setup::name,
    words::{LANGUAGES, Words},
};

/// A name and a language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    full_name: String,
    locale: String,
}

/// Two passwords.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Passwords {
    current_password: Secret<String>,
    password: Secret<String>,
}

/// A session to be ended.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ending {
    session: Id<Session>,
}

/// What was done just now.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Saved {
    /// The profile.
    Profile,
    /// The password.
    Password,
    /// A session has ended.
    Session,
}

impl Saved {
    fn words(self, words: &Words) -> &'static str {
        match self {
            Self::Profile => words.profile_saved,
            Self::Password => words.password_saved,
            Self::Session => words.session_ended,
        }
    }
}

impl Profile {
    /// The change that is meant, or what is wrong with it.
    fn patch(&self, words: &Words) -> Result<MePatch, &'static str> {
        let full_name = Some(name(&self.full_name).ok_or(words.name_is_wrong)?);
        let locale = match self.locale.parse::<Locale>() {
            Ok(locale) => Patch::Set(locale),
            Err(_) => Patch::Clear,
        };
        Ok(MePatch { full_name, locale, ..MePatch::default() })
    }
}

impl From<Passwords> for OwnPassword {
    fn from(Passwords { current_password, password }: Passwords) -> Self {
        Self { current_password, password }
    }
}

/// A session as a person tells it from others.
struct Shown {
    id: Id<Session>,
    is_current: bool,
    agent: String,
    ip: String,
    last_seen: String,
    last_seen_machine: String,
}

impl Shown {
    fn of(session: SessionView, words: &Words) -> Self {
        let agent = session.user_agent.filter(|agent| !agent.is_empty());
        Self {
            id: session.id,
            is_current: session.is_current,
            agent: agent.unwrap_or_else(|| words.unknown_program.to_owned()),
            ip: session.ip.unwrap_or_default(),
            last_seen: session.last_seen_at.format("%Y-%m-%d %H:%M UTC").to_string(),
            last_seen_machine: session.last_seen_at.to_rfc3339(),
        }
    }
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    frame: &'a Frame,
    me: &'a Me,
    languages: Vec<(&'a str, &'a str)>,
    locale: &'a str,
    sessions: Vec<Shown>,
    saved: Option<&'static str>,
    alerts: &'a [String],
}

/// Somebody's account, and the frame of its page.
struct Desk<'a> {
    request: &'a HttpRequest,
    myself: &'a Myself,
    me: Me,
    frame: Frame,
}

impl<'a> Desk<'a> {
    async fn open(myself: &'a Myself, request: &'a HttpRequest) -> Result<Self, Problem> {
        let me = pages::profile(myself).await?;
        let brand = Brand::of(&myself.read().await?).await?;
        let frame = Frame::of(request, Some(brand), me.user.locale.as_ref().map(Locale::as_str));
        Ok(Self { request, myself, me, frame })
    }

    async fn page(
        &self,
        status: StatusCode,
        saved: Option<Saved>,
        alerts: &[String],
    ) -> Result<HttpResponse, Problem> {
        let Self { myself, me, frame, .. } = self;
        let words = frame.words;
        let locale = me.user.locale.as_ref().map_or("", Locale::as_str);
        let mut languages = vec![("", words.any_language)];
        languages.extend(LANGUAGES);
        if !languages.iter().any(|(tag, _)| *tag == locale) {
            languages.push((locale, locale));
        }
        let sessions = pages::sessions(myself).await?;
        let sessions = sessions.into_iter().map(|session| Shown::of(session, words)).collect();
        let saved = saved.map(|saved| saved.words(words));
        frame.page(status, &AccountPage { frame, me, languages, locale, sessions, saved, alerts })
    }
}
