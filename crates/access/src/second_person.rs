//! Four eyes: what cannot be undone is asked by one person and approved by another.

use chrono::{DateTime, TimeDelta, Utc};
use elder_kernel::{Coded, ErrorCode, Id, User};

use crate::{Authority, DbError, TenantTx, Write};

/// How long the only admin of a tenant waits before they approve what they have asked themselves.
const ALONE: TimeDelta = TimeDelta::days(7);
const ANOTHER_ADMIN: &str = "
    select exists (select from portal_users
        where tenant_id = $1 and id not in ($2, $3) and tenant_role = 'admin' and is_active) as is_there";

/// Something that waits for a second person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Who has asked; none if that was no person.
    pub by: Option<Id<User>>,
    /// When.
    pub at: DateTime<Utc>,
    /// Whom it is about, if it is about one person: they do not approve it either.
    pub about: Option<Id<User>>,
}

/// Why somebody may not ask, or approve.
#[derive(Debug, thiserror::Error)]
pub enum SecondPersonError {
    /// A key, or somebody in another's name.
    #[error("This takes a person who has signed in: it is done by no key, and in nobody's name.")]
    NoPerson,
    /// Who asks does not approve.
    #[error(
        "Somebody else than who asked, and than whom it is about, must approve this; by signing in, not by a key."
    )]
    NotYours,
    /// Nobody else is there, and they must wait.
    #[error("There is no other admin who could approve this, so you can yourself from {0} on.")]
    TooEarly(DateTime<Utc>),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl Coded for SecondPersonError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NoPerson | Self::NotYours | Self::TooEarly(_) => ErrorCode::PermissionDenied,
            Self::Database(error) => error.code(),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Database(error) => error.retry_after(),
            _ => None,
        }
    }
}

impl<A: Authority<Mode = Write>> TenantTx<A> {
    /// The person who asks: with a key for a second pair of eyes, one person would be two.
    ///
    /// # Errors
    /// [`SecondPersonError::NoPerson`].
    pub fn first_person(&self) -> Result<Id<User>, SecondPersonError> {
        self.actor().in_person().ok_or(SecondPersonError::NoPerson)
    }

    /// Refuses who asked and whom it is about. Where no other admin could approve, who asked may after seven days: a tenant
    /// with one admin is not stuck, and everybody who looks at the log has had time to see it.
    ///
    /// # Errors
    /// [`SecondPersonError`].
    pub async fn second_person(&self, asked: &Asked) -> Result<(), SecondPersonError> {
        let user = self.actor().in_person().filter(|user| Some(*user) != asked.about);
        let user = user.ok_or(SecondPersonError::NotYours)?;
        if asked.by != Some(user) {
            return Ok(());
        }
        let values = [self.tenant().into(), user.into(), asked.about.unwrap_or(user).into()];
        let row = self.raw_row(ANOTHER_ADMIN, values).await?;
        if row.map_or(Ok(false), |row| row.get("is_there"))? {
            return Err(SecondPersonError::NotYours);
        }
        let from = asked.at + ALONE;
        if self.seam().now() < from { Err(SecondPersonError::TooEarly(from)) } else { Ok(()) }
    }
}
