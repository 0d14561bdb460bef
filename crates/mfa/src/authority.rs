//! By which rights second factors are seen, proven and taken away.

use elder_access::{Authority, OwnRead, OwnWrite, Write, flows, markers};
use elder_mail::SendsMail;

/// A right to see which factors somebody has.
pub trait ReadsFactors: Authority {}
impl ReadsFactors for OwnRead {}
impl ReadsFactors for OwnWrite {}
impl ReadsFactors for flows::SignIn {}
impl ReadsFactors for markers::MfaRead {}
impl ReadsFactors for markers::MfaWrite {}

/// A right to prove factors and to set them up: their owner's alone. No admin makes one for somebody else. The owner is
/// told by mail.
pub trait ProvesFactors: ReadsFactors + SendsMail {}
impl ProvesFactors for OwnWrite {}
impl ProvesFactors for flows::SignIn {}

/// A right to take all of somebody's factors away.
pub trait ResetsFactors: ReadsFactors + Authority<Mode = Write> {}
impl ResetsFactors for OwnWrite {}
impl ResetsFactors for markers::MfaWrite {}
