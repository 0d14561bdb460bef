//! What an assertion says (SAML core §2.3.3), and whether it says it to us and now (SAML profiles §4.1.4.3).

use chrono::{DateTime, TimeDelta, Utc};
use roxmltree::Node;

use crate::{
    Attribute, Expected, Fault, Idp, NameId, RequestId, ServiceProvider, SignedIn,
    document::Element as _,
    envelope::{Times, is_version_2},
    names::{BEARER, ns::ASSERTION},
};

/// How old an assertion may be that nobody has asked for: it is delivered as soon as it is made (S-22).
const UNSOLICITED_AGE: TimeDelta = TimeDelta::minutes(5);
/// Longest name of a user (SAML core §8.3.7).
const LONGEST_NAME: usize = 256;

/// What an assertion is held against.
pub(crate) struct Reader<'a> {
    pub(crate) sp: &'a ServiceProvider,
    pub(crate) idp: &'a Idp,
    pub(crate) expected: &'a Expected,
    /// The request that is answered.
    pub(crate) request: Option<&'a RequestId>,
    pub(crate) response_id: &'a str,
    pub(crate) times: Times,
}

struct Session {
    index: Option<String>,
    end: Option<DateTime<Utc>>,
    began: DateTime<Utc>,
    context: Option<String>,
}

impl Reader<'_> {
    /// Reads an assertion, every byte of which is verified.
    pub(crate) fn read(&self, assertion: Node<'_, '_>) -> Result<SignedIn, Fault> {
        is_version_2(assertion)?;
        let id = assertion.has("ID").ok_or(Fault::IdMissing)?;
        self.idp.is_issuer(assertion.one(ASSERTION, "Issuer")?.ok_or(Fault::Issuer)?)?;
        let made = assertion.moment("IssueInstant")?.ok_or(Fault::Incomplete)?;
        let is_stale = self.request.is_none() && self.times.is_older(made, UNSOLICITED_AGE);
        if self.times.is_ahead(made) || is_stale {
            return Err(Fault::IssueInstant);
        }
        self.conditions(assertion)?;
        let subject = assertion.one(ASSERTION, "Subject")?.ok_or(Fault::SubjectMissing)?;
        let end = self.confirmation(subject)?;
        let session = self.session(assertion)?;
        Ok(SignedIn {
            assertion_id: id.to_owned(),
            response_id: self.response_id.to_owned(),
            in_response_to: self.request.cloned(),
            issuer: self.idp.entity_id.clone(),
            name_id: name_id(subject)?,
            session_index: session.index,
            session_not_on_or_after: session.end,
            not_on_or_after: Times::forgettable(end),
            authn_instant: session.began,
            authn_context: session.context,
            attributes: attributes(assertion)?,
        })
    }

    /// SAML core §2.5.1: all conditions hold, those that are not understood do not, and we are in each audience.
    fn conditions(&self, assertion: Node<'_, '_>) -> Result<(), Fault> {
        let conditions = assertion.one(ASSERTION, "Conditions")?.ok_or(Fault::AudienceMissing)?;
        self.is_in_time(conditions)?;
        let mut audiences = 0;
        for condition in conditions.elements() {
            if condition.is(ASSERTION, "AudienceRestriction") {
                let mut named = condition.all(ASSERTION, "Audience");
                if !named.any(|audience| audience.plain() == Ok(&*self.sp.entity_id)) {
                    return Err(Fault::Audience);
                }
                audiences += 1;
            } else if !["OneTimeUse", "ProxyRestriction"].iter().any(|known| condition.is(ASSERTION, known)) {
                return Err(Fault::Condition);
            }
        }
        if audiences == 0 { Err(Fault::AudienceMissing) } else { Ok(()) }
    }

    fn is_in_time(&self, node: Node<'_, '_>) -> Result<Option<DateTime<Utc>>, Fault> {
        if node.moment("NotBefore")?.is_some_and(|start| self.times.is_ahead(start)) {
            return Err(Fault::NotYetValid);
        }
        let end = node.moment("NotOnOrAfter")?;
        if end.is_some_and(|end| self.times.is_over(end)) { Err(Fault::Expired) } else { Ok(end) }
    }

    /// One of the ways to confirm the subject must be good: that of whoever bears the assertion. Gives the end of the last.
    fn confirmation(&self, subject: Node<'_, '_>) -> Result<DateTime<Utc>, Fault> {
        let bearers =
            subject.all(ASSERTION, "SubjectConfirmation").filter(|way| way.has("Method") == Some(BEARER));
        let mut verdict = Err(Fault::SubjectMissing);
        for bearer in bearers {
            verdict = match (verdict, self.bearer(bearer)) {
                (Ok(end), Ok(other)) => Ok(end.max(other)),
                (Ok(end), Err(_)) | (Err(_), Ok(end)) => Ok(end),
                (Err(_), Err(fault)) => Err(fault),
            };
        }
        verdict
    }

    fn bearer(&self, way: Node<'_, '_>) -> Result<DateTime<Utc>, Fault> {
        let data = way.one(ASSERTION, "SubjectConfirmationData")?.ok_or(Fault::SubjectMissing)?;
        if data.has("Recipient") != Some(&*self.sp.acs_url) {
            return Err(Fault::Recipient);
        }
        // What is signed says which request is answered, and says it in every answer to one.
        if data.attribute("InResponseTo") != self.request.map(RequestId::as_str) {
            return Err(Fault::InResponseTo);
        }
        self.is_in_time(data)?.ok_or(Fault::ExpiryMissing)
    }

    fn session(&self, assertion: Node<'_, '_>) -> Result<Session, Fault> {
        let statements: Vec<_> = assertion.all(ASSERTION, "AuthnStatement").collect();
        let first = *statements.first().ok_or(Fault::AuthnStatementMissing)?;
        let mut end = None;
        for statement in &statements {
            // Of several, the one that ends first.
            let own = statement.moment("SessionNotOnOrAfter")?;
            end = own.into_iter().chain(end).min();
        }
        if end.is_some_and(|end| self.times.is_over(end)) {
            return Err(Fault::SessionExpired);
        }
        let began = first.moment("AuthnInstant")?.ok_or(Fault::Incomplete)?;
        let is_old =
            self.expected.authenticated_since.is_some_and(|since| self.times.is_before(began, since));
        if self.times.is_ahead(began) || is_old {
            return Err(Fault::AuthnInstant);
        }
        let context = context(first)?;
        let accepted = &self.expected.authn_contexts;
        if !accepted.is_empty() && !context.as_ref().is_some_and(|context| accepted.contains(context)) {
            return Err(Fault::AuthnContext);
        }
        Ok(Session { index: first.has("SessionIndex").map(str::to_owned), end, began, context })
    }
}

fn context(statement: Node<'_, '_>) -> Result<Option<String>, Fault> {
    let Some(context) = statement.one(ASSERTION, "AuthnContext")? else { return Ok(None) };
    let class = context.one(ASSERTION, "AuthnContextClassRef")?;
    Ok(class.map(|class| class.plain()).transpose()?.map(str::to_owned))
}

/// The name of a subject: plain, and one (SAML core §2.2.2).
pub(crate) fn name_id(subject: Node<'_, '_>) -> Result<NameId, Fault> {
    let name = subject.one(ASSERTION, "NameID").ok().flatten().ok_or(Fault::NameId)?;
    let is_other =
        |node: Node<'_, '_>| ["BaseID", "EncryptedID"].iter().any(|other| node.is(ASSERTION, other));
    let value = name.plain().map_err(|_| Fault::NameId)?;
    if value.is_empty() || value.chars().count() > LONGEST_NAME || subject.elements().any(is_other) {
        return Err(Fault::NameId);
    }
    let own = |attribute| name.has(attribute).map(str::to_owned);
    Ok(NameId {
        value: value.to_owned(),
        format: own("Format"),
        name_qualifier: own("NameQualifier"),
        sp_name_qualifier: own("SPNameQualifier"),
    })
}

/// All attributes that are not encrypted.
fn attributes(assertion: Node<'_, '_>) -> Result<Vec<Attribute>, Fault> {
    let statements = assertion.all(ASSERTION, "AttributeStatement");
    let attributes = statements.flat_map(|statement| statement.children());
    attributes.filter(|node| node.is(ASSERTION, "Attribute")).map(attribute).collect()
}

fn attribute(node: Node<'_, '_>) -> Result<Attribute, Fault> {
    let values = node.all(ASSERTION, "AttributeValue").filter_map(|value| text(value).transpose());
    Ok(Attribute {
        name: node.has("Name").ok_or(Fault::Attribute)?.to_owned(),
        friendly_name: node.has("FriendlyName").map(str::to_owned),
        values: values.collect::<Result<_, _>>()?,
    })
}

/// A value as text. One that is a name of a user is that name (eduPersonTargetedID); other structures have no text.
fn text(value: Node<'_, '_>) -> Result<Option<String>, Fault> {
    let mut inner = value.elements();
    let node = match (inner.next(), inner.next()) {
        (None, _) => value,
        (Some(name), None) if name.is(ASSERTION, "NameID") => name,
        _ => return Ok(None),
    };
    node.plain().map(|text| Some(text.to_owned())).map_err(|_| Fault::Attribute)
}
