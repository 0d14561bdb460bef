//! Lets a sign-in begin its session, or says what it lacks.

mod repository;

use chrono::{DateTime, Utc};
use elder_access::{
    TenantTx,
    session::{self, IssuedTokens, NewSession, RefreshFault, SessionLifetime, StartsSession},
};
use elder_api_types::{DeviceId, settings::SecondFactor};
use elder_kernel::{Id, SsoSession, User};

use super::{Decision, MfaSettings, Person, decide, requires};
use crate::{Error, Method, ReadsFactors, amr};

/// What comes next in a sign-in.
#[derive(Debug)]
pub enum Admission {
    /// A session.
    Cleared(Cleared),
    /// The proof of one of these.
    SecondFactor(Vec<SecondFactor>),
    /// The set-up of one of these.
    Enrolment(Vec<SecondFactor>),
}

/// A sign-in that the policy lets pass. Nothing else starts a session, and nothing but [`admit`] makes one of these: no
/// door can forget to ask (P-17).
#[derive(Debug)]
pub struct Cleared {
    person: Person,
    methods: Vec<Method>,
    due_at: Option<DateTime<Utc>>,
}

/// Decides what a sign-in with these proofs still lacks.
///
/// # Errors
/// [`Error::Database`].
pub async fn admit<A: StartsSession>(
    tx: &TenantTx<A>,
    policy: &MfaSettings,
    person: Person,
    methods: &[Method],
) -> Result<Admission, Error> {
    let held = repository::held(tx, tx.tenant(), person.user, policy).await?;
    let held = held.map(|(_, held)| held).unwrap_or_default();
    let now = tx.seam().now();
    Ok(match decide(policy, &person, methods, &held, now) {
        Decision::Clear { due_at } => {
            if due_at.is_some() && held.asked_at.is_none() {
                repository::ask(tx, tx.tenant(), person.user, now).await?;
            }
            Admission::Cleared(Cleared { person, methods: methods.to_vec(), due_at })
        }
        Decision::SecondFactor(factors) => Admission::SecondFactor(factors),
        Decision::Enrolment(factors) => Admission::Enrolment(factors),
    })
}

/// Whether somebody must have a second factor, and since when they are asked for one.
///
/// # Errors
/// [`Error::NotFound`] for who is unknown here.
pub(crate) async fn standing<A: ReadsFactors>(
    tx: &TenantTx<A>,
    policy: &MfaSettings,
    user: Id<User>,
) -> Result<(bool, Option<DateTime<Utc>>), Error> {
    let held = repository::held(tx, tx.tenant(), user, policy).await?;
    let (person, held) = held.ok_or(Error::NotFound)?;
    Ok((requires(policy, &person, held.by_role), held.asked_at))
}

impl Cleared {
    /// By when the person must have set up a second factor, if they must.
    pub fn due_at(&self) -> Option<DateTime<Utc>> {
        self.due_at
    }

    /// Starts the session, with the device that it comes from and the sign-in by an identity provider that it rests on.
    ///
    /// # Errors
    /// [`RefreshFault::Database`], [`RefreshFault::Sign`].
    pub async fn start<A: StartsSession>(
        self,
        tx: &TenantTx<A>,
        device: DeviceId,
        rests_on: Option<Id<SsoSession>>,
        lifetime: SessionLifetime,
    ) -> Result<IssuedTokens, RefreshFault> {
        let Person { user, global_role, tenant_role, .. } = self.person;
        let (device, amr) = (Some(device), amr(&self.methods));
        let new = NewSession { user, device, global_role, tenant_role, amr, lifetime, rests_on };
        session::start_cleared(tx, new).await
    }
}
