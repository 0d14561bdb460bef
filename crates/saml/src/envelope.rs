//! What is checked of every message, whatever it says: who sends it, to whom, and when.

use chrono::{DateTime, TimeDelta, Utc};
use roxmltree::Node;

use crate::{
    Fault, Idp,
    document::Element as _,
    names::ns::{ASSERTION, PROTOCOL},
};

/// The longest that clocks may be apart (S-19).
const MOST_SKEW: TimeDelta = TimeDelta::seconds(180);

/// The time, and how far the provider's may be away.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) now: DateTime<Utc>,
    pub(crate) skew: TimeDelta,
}

impl Times {
    /// A skew of more than 180 s counts as 180 s.
    pub(crate) fn new(now: DateTime<Utc>, skew: TimeDelta) -> Self {
        Self { now, skew: skew.clamp(TimeDelta::zero(), MOST_SKEW) }
    }

    /// Whether a moment lies ahead by more than the skew.
    pub(crate) fn is_ahead(self, at: DateTime<Utc>) -> bool {
        at > later(self.now, self.skew)
    }

    /// Whether something ended at a moment, by more than the skew ago. "On or after" is at that very moment.
    pub(crate) fn is_over(self, at: DateTime<Utc>) -> bool {
        later(at, self.skew) <= self.now
    }

    /// Whether a moment is older than this, by more than the skew.
    pub(crate) fn is_older(self, at: DateTime<Utc>, age: TimeDelta) -> bool {
        self.is_over(later(at, age))
    }

    /// Whether a moment of theirs lies before one of ours, by more than the skew.
    pub(crate) fn is_before(self, theirs: DateTime<Utc>, ours: DateTime<Utc>) -> bool {
        later(theirs, self.skew) < ours
    }

    /// When what ends at a moment may be forgotten, whatever skew is set until then.
    pub(crate) fn forgettable(at: DateTime<Utc>) -> DateTime<Utc> {
        later(at, MOST_SKEW)
    }
}

/// The end of time is as late as it gets.
fn later(at: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    at.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// What a message is for, and from whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Envelope<'a> {
    pub(crate) idp: &'a Idp,
    /// The address of ours at which it has come in.
    pub(crate) address: &'a str,
    pub(crate) times: Times,
    /// Whether these words are signed. If not, they can be wrong for us, but never right: whoever has changed them could have
    /// left them out.
    pub(crate) signed: bool,
}

impl Envelope<'_> {
    /// Checks a message (SAML core §3.2, bindings §3.4.5.2 and §3.5.5.2) and gives its id and when it was made.
    pub(crate) fn check<'a>(&self, message: Node<'a, 'a>) -> Result<(&'a str, DateTime<Utc>), Fault> {
        let id = message.has("ID").ok_or(Fault::IdMissing)?;
        match message.one(ASSERTION, "Issuer")? {
            Some(issuer) => self.idp.is_issuer(issuer)?,
            None if self.signed => return Err(Fault::Issuer),
            None => {}
        }
        match message.attribute("Destination") {
            Some(destination) if destination == self.address => {}
            None if !self.signed => {}
            _ => return Err(Fault::Destination),
        }
        let made = message.moment("IssueInstant")?.ok_or(Fault::Incomplete)?;
        if self.times.is_ahead(made) {
            return Err(Fault::IssueInstant);
        }
        Ok((id, made))
    }
}

/// Whether a document is this message of SAML 2.0.
pub(crate) fn is_message(root: Node<'_, '_>, name: &str) -> Result<(), Fault> {
    if !root.is(PROTOCOL, name) {
        return Err(Fault::WrongMessage);
    }
    is_version_2(root)
}

/// Whether a message or an assertion is of SAML 2.0.
pub(crate) fn is_version_2(node: Node<'_, '_>) -> Result<(), Fault> {
    if node.has("Version") == Some("2.0") { Ok(()) } else { Err(Fault::Version) }
}

/// Whether what was verified is what was seen before: the same element with the same id.
pub(crate) fn is_same(seen: Node<'_, '_>, verified: Node<'_, '_>) -> Result<(), Fault> {
    let is_same = seen.tag_name() == verified.tag_name() && seen.has("ID") == verified.has("ID");
    if is_same { Ok(()) } else { Err(Fault::SignedContent) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_19_no_setting_lets_clocks_be_further_apart_than_three_minutes() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let at = |seconds| now + TimeDelta::seconds(seconds);
        for (set, is) in [(-5, 0), (0, 0), (60, 60), (180, 180), (181, 180), (i64::from(u32::MAX), 180)] {
            let times = Times::new(now, TimeDelta::seconds(set));
            assert!(!times.is_ahead(at(is)) && times.is_ahead(at(is + 1)), "{set}");
            assert!(!times.is_over(at(1 - is)) && times.is_over(at(-is)), "{set}");
        }
        assert!(!Times::new(now, TimeDelta::zero()).is_over(DateTime::<Utc>::MAX_UTC));
    }
}
