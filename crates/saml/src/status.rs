//! What a provider says became of a request (SAML core §3.2.2).

use roxmltree::Node;

use crate::{Fault, document::Element as _, names::SUCCESS, names::ns::PROTOCOL};

const PREFIX: &str = "urn:oasis:names:tc:SAML:2.0:status:";

/// The code of the first level and, if there is one, that of the second.
pub(crate) fn codes<'a>(message: Node<'a, 'a>) -> Result<(&'a str, Option<&'a str>), Fault> {
    let status = message.one(PROTOCOL, "Status")?.ok_or(Fault::StatusMissing)?;
    let first = status.one(PROTOCOL, "StatusCode")?.ok_or(Fault::StatusMissing)?;
    let second = first.one(PROTOCOL, "StatusCode")?;
    Ok((first.has("Value").ok_or(Fault::StatusMissing)?, second.and_then(|code| code.has("Value"))))
}

/// Whether somebody was signed in, or else why not: the second level says more than the first.
pub(crate) fn success(message: Node<'_, '_>) -> Result<(), Fault> {
    let (first, second) = codes(message)?;
    if first == SUCCESS {
        return Ok(());
    }
    let name = |code: &'_ str| code.strip_prefix(PREFIX).unwrap_or_default().to_owned();
    Err(match second.map(name).as_deref() {
        Some("AuthnFailed" | "RequestDenied" | "UnknownPrincipal") => Fault::StatusDenied,
        Some("NoPassive") => Fault::StatusNoPassive,
        Some("NoAuthnContext") => Fault::StatusAuthnContext,
        Some("InvalidNameIDPolicy") => Fault::StatusNameId,
        _ => match &*name(first) {
            "Requester" => Fault::StatusRequester,
            "Responder" => Fault::StatusResponder,
            _ => Fault::StatusOther,
        },
    })
}
