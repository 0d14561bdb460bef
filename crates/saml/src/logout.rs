//! Single logout (SAML core §3.7): messages of ours, and those of the provider.

use chrono::{DateTime, TimeDelta, Utc};
use elder_kernel::Seam;

use crate::{Arrived, Binding, Fault, Idp, NameId, RelayState, RequestId, Sent, ServiceProvider};

/// Asks the provider to end a user's sessions.
#[derive(Debug, Clone)]
pub struct LogoutRequest<'a> {
    /// The user, as the provider has named them.
    pub name_id: &'a NameId,
    /// Which sessions; all if none.
    pub session_indexes: &'a [String],
}

/// Tells the provider what became of its wish.
#[derive(Debug, Clone)]
pub struct LogoutResponse<'a> {
    /// The id of its request.
    pub in_response_to: &'a str,
    /// Whether the sessions have ended.
    pub success: bool,
}

/// What a message about a logout must fit to.
#[derive(Debug, Clone)]
pub struct LogoutExpected {
    /// The time.
    pub now: DateTime<Utc>,
    /// How far the provider's clock may be away: never more than 180 s.
    pub skew: TimeDelta,
}

/// A provider's wish that sessions end. Its id counts once: to be kept until `not_on_or_after`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutWish {
    /// Its id, which the answer names.
    pub id: String,
    /// The user.
    pub name_id: NameId,
    /// Which sessions; all of the user if none.
    pub session_indexes: Vec<String>,
    /// What the answer must carry back as it is.
    pub relay_state: Option<String>,
    /// From when on it is refused.
    pub not_on_or_after: DateTime<Utc>,
}

/// A provider's answer to a wish of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutAnswer {
    /// Which wish.
    pub in_response_to: RequestId,
    /// Whether all sessions have ended.
    pub success: bool,
}

impl LogoutRequest<'_> {
    /// Words the request, signed, and says how it goes to the provider.
    ///
    /// # Errors
    /// [`Fault::NoBinding`] if the provider takes no logouts, [`Fault::OwnKeyMissing`] without a key.
    pub fn send(
        &self,
        sp: &ServiceProvider,
        idp: &Idp,
        relay_state: Option<&RelayState>,
        seam: &Seam,
    ) -> Result<Sent, Fault> {
        let _ = (sp, idp, relay_state, seam);
        Err(Fault::NoBinding)
    }
}

impl LogoutResponse<'_> {
    /// Words the answer, signed, and says how it goes to the provider. `relay_state` is what came with the wish.
    ///
    /// # Errors
    /// [`Fault::NoBinding`] if the provider takes no logouts, [`Fault::OwnKeyMissing`] without a key.
    pub fn send(
        &self,
        sp: &ServiceProvider,
        idp: &Idp,
        relay_state: Option<&str>,
        seam: &Seam,
    ) -> Result<Sent, Fault> {
        let _ = (sp, idp, relay_state, seam, Binding::Post);
        Err(Fault::NoBinding)
    }
}

impl LogoutWish {
    /// Reads a provider's request. It must be signed.
    ///
    /// # Errors
    /// The [`Fault`] of the check that has failed.
    pub fn read(
        arrived: Arrived<'_>,
        sp: &ServiceProvider,
        idp: &Idp,
        expected: &LogoutExpected,
    ) -> Result<Self, Fault> {
        let _ = (arrived, sp, idp, expected);
        Err(Fault::Unsigned)
    }
}

impl LogoutAnswer {
    /// Reads a provider's answer to the request that this browser has waiting. It must be signed.
    ///
    /// # Errors
    /// The [`Fault`] of the check that has failed.
    pub fn read(
        arrived: Arrived<'_>,
        sp: &ServiceProvider,
        idp: &Idp,
        request: &RequestId,
        expected: &LogoutExpected,
    ) -> Result<Self, Fault> {
        let _ = (arrived, sp, idp, expected, request);
        Err(Fault::Unsigned)
    }
}
