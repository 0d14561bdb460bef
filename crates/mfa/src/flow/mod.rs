//! Sign-ins of several steps: what was proven so far, kept between the requests.

pub mod service;

use chrono::TimeDelta;
use elder_api_types::DeviceId;
use elder_kernel::{Id, SignInFlow, SsoSession, User};

use crate::{Method, factor::FactorId};

/// How long a sign-in may take.
pub const LASTS: TimeDelta = TimeDelta::minutes(5);
/// How often one may try within it. New flows give no new tries: the account counts them too (P-15).
const MOST_TRIES: i32 = 5;

/// What a flow waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The proof of a factor that the person has.
    SecondFactor,
    /// The first proof of one that they set up on the way.
    Enrolment,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::SecondFactor => "second_factor",
            Self::Enrolment => "enrolment",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::SecondFactor, Self::Enrolment].into_iter().find(|purpose| purpose.name() == name)
    }
}

/// A sign-in that has not come to its end.
#[derive(Debug, Clone)]
pub struct Flow {
    /// The flow.
    pub id: Id<SignInFlow>,
    /// Who signs in.
    pub user: Id<User>,
    /// What it waits for.
    pub purpose: Purpose,
    /// What was proven so far.
    pub methods: Vec<Method>,
    /// The device of the account that it comes from, if it is not a new one.
    pub device: Option<DeviceId>,
    /// What is being set up.
    pub factor: Option<FactorId>,
    /// The sign-in by an identity provider that it began with.
    pub rests_on: Option<Id<SsoSession>>,
}

/// What a flow begins with.
#[derive(Debug, Clone)]
pub struct NewFlow {
    /// Who signs in.
    pub user: Id<User>,
    /// What it waits for.
    pub purpose: Purpose,
    /// What was proven so far.
    pub methods: Vec<Method>,
    /// The device of the account that it comes from, if it is not a new one.
    pub device: Option<DeviceId>,
    /// The sign-in by an identity provider that it began with.
    pub rests_on: Option<Id<SsoSession>>,
}
