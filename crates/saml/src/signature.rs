//! Signatures within a document: their form is ours to judge, their numbers are xmlsec's.

use std::panic::catch_unwind;

use chrono::{DateTime, Utc};
use roxmltree::{Document, Node};
use samael::crypto::{CertificateDer, Crypto, CryptoProvider as _, ReduceMode};

use crate::{
    Certificate, Fault,
    algorithm::{DIGESTS, ENVELOPED, SignatureAlgorithm},
    document::Element as _,
    names::ns::{ASSERTION, DSIG, EXC_C14N},
};

/// Who may have signed, and when that counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signers<'a> {
    pub(crate) certificates: &'a [Certificate],
    pub(crate) now: DateTime<Utc>,
}

/// What a document says of its signatures, before one of them is verified.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places {
    /// Whether the root is signed.
    pub(crate) root: bool,
    /// Whether the assertion in it is.
    pub(crate) assertion: bool,
    algorithm: Option<SignatureAlgorithm>,
}

/// Looks where signatures are: in the root, or in an assertion that is a child of the root, and nowhere else. Each must sign
/// the element in which it stands, and nothing else: of what was published against SAML libraries, most was a signature that
/// is found in one place and believed in another.
pub(crate) fn places(document: &Document<'_>) -> Result<Places, Fault> {
    let root = document.root_element();
    let mut places = Places { root: false, assertion: false, algorithm: None };
    for signature in document.descendants().filter(|node| node.is(DSIG, "Signature")) {
        let signed = signature.parent_element().ok_or(Fault::SignaturePlace)?;
        let seen = if signed == root {
            &mut places.root
        } else if signed.is(ASSERTION, "Assertion") && signed.parent_element() == Some(root) {
            &mut places.assertion
        } else {
            return Err(Fault::SignaturePlace);
        };
        if std::mem::replace(seen, true) {
            return Err(Fault::SignaturePlace);
        }
        let algorithm = form(signature, signed)?;
        if places.algorithm.replace(algorithm).is_some_and(|other| other.key != algorithm.key) {
            return Err(Fault::SignatureAlgorithm);
        }
    }
    Ok(places)
}

/// The one form of a signature (SAML core §5.4): one reference to the element in which it stands, taken out of it, in
/// exclusive canonical form.
fn form(signature: Node<'_, '_>, signed: Node<'_, '_>) -> Result<SignatureAlgorithm, Fault> {
    let before = signature.prev_siblings().skip(1).find(Node::is_element);
    if before.is_some_and(|before| !before.is(ASSERTION, "Issuer") || before.prev_sibling_element().is_some())
    {
        return Err(Fault::SignaturePlace);
    }
    let parts = children(signature, &["SignedInfo", "SignatureValue", "KeyInfo"])?;
    let [info, value, ..] = parts.as_slice() else { return Err(Fault::SignatureForm) };
    let [canonical, method, reference] =
        exactly(*info, ["CanonicalizationMethod", "SignatureMethod", "Reference"])?;
    let [transforms, digest, digest_value] =
        exactly(reference, ["Transforms", "DigestMethod", "DigestValue"])?;
    let id = signed.has("ID").ok_or(Fault::IdMissing)?;
    if reference.has("URI").and_then(|uri| uri.strip_prefix('#')) != Some(id) {
        return Err(Fault::SignatureForm);
    }
    let [enveloped, exclusive] = exactly(transforms, ["Transform", "Transform"])?;
    if enveloped.has("Algorithm") != Some(ENVELOPED) || enveloped.elements().next().is_some() {
        return Err(Fault::SignatureForm);
    }
    is_exclusive(canonical)?;
    is_exclusive(exclusive)?;
    if !digest.has("Algorithm").is_some_and(|uri| DIGESTS.contains(&uri)) {
        return Err(Fault::SignatureAlgorithm);
    }
    let algorithm = SignatureAlgorithm::of(method.has("Algorithm"))?;
    let is_bare = [method, digest].iter().all(|node| node.elements().next().is_none());
    if !is_bare || plain(*value)?.is_empty() || plain(digest_value)?.is_empty() {
        return Err(Fault::SignatureForm);
    }
    Ok(algorithm)
}

fn plain<'a>(node: Node<'a, 'a>) -> Result<&'a str, Fault> {
    node.plain().map_err(|_| Fault::SignatureForm)
}

/// Exclusive canonicalisation without comments; it may name prefixes to keep.
fn is_exclusive(node: Node<'_, '_>) -> Result<(), Fault> {
    let may_be_there =
        |inner: Node<'_, '_>| inner.is(EXC_C14N, "InclusiveNamespaces") && !inner.has_children();
    let is_plain = node.elements().count() <= 1 && node.elements().all(may_be_there);
    if node.has("Algorithm") == Some(EXC_C14N) && is_plain { Ok(()) } else { Err(Fault::SignatureForm) }
}

/// The children of a part of a signature, which stand in this order. The last one may be missing.
fn children<'a>(node: Node<'a, 'a>, names: &[&str]) -> Result<Vec<Node<'a, 'a>>, Fault> {
    let found: Vec<_> = node.elements().collect();
    let is_known =
        found.len() <= names.len() && found.iter().zip(names).all(|(child, name)| child.is(DSIG, name));
    if is_known { Ok(found) } else { Err(Fault::SignatureForm) }
}

fn exactly<'a, const N: usize>(node: Node<'a, 'a>, names: [&str; N]) -> Result<[Node<'a, 'a>; N], Fault> {
    children(node, &names)?.try_into().map_err(|_| Fault::SignatureForm)
}

/// Verifies every signature of a document that has one, and gives the bytes of which the outermost is true: what xmlsec has
/// canonicalised and hashed, so that nothing is read which was not verified.
pub(crate) fn verify(text: &str, places: &Places, signers: &Signers<'_>) -> Result<String, Fault> {
    let algorithm = places.algorithm.ok_or(Fault::Unsigned)?;
    let fitting = || signers.certificates.iter().filter(|known| known.algorithm == algorithm.key);
    let verified_by = |certificate: &Certificate| reduce(text, certificate);
    for certificate in fitting().filter(|known| known.is_valid_at(signers.now)) {
        if let Some(verified) = verified_by(certificate)? {
            return Ok(verified);
        }
    }
    for certificate in fitting().filter(|known| !known.is_valid_at(signers.now)) {
        if verified_by(certificate)?.is_some() {
            return Err(Fault::CertificateExpired);
        }
    }
    Err(Fault::Signature)
}

/// Keys come from the certificate alone: samael sets it for xmlsec, which then looks at no `KeyInfo`. One certificate at a
/// time, since samael gives up at the first that is not of the kind of the signature.
fn reduce(text: &str, certificate: &Certificate) -> Result<Option<String>, Fault> {
    let allowed = SignatureAlgorithm::for_samael();
    let certificates = [CertificateDer::from(certificate.der.clone())];
    // samael is young and sits on two C libraries. If it panics, one sign-in fails and its thread goes on.
    let verdict = catch_unwind(|| {
        Crypto::reduce_xml_to_signed_with_allowed_algorithms(
            text,
            &certificates,
            ReduceMode::PreDigest,
            Some(&allowed),
        )
    });
    verdict.map(Result::ok).map_err(|_| Fault::Library)
}
