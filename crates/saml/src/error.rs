//! Why a message, or a description of a provider, is not believed.

macro_rules! faults {
    ($($variant:ident = $code:literal, $words:literal;)*) => {
        /// A check that has failed. Its words tell nothing of what was sent, so that they may be shown.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
        pub enum Fault { $(#[doc = $words] #[error($words)] $variant,)* }

        impl Fault {
            /// Every one, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// A name of the check that does not change, for the audit.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    };
}

faults! {
    // what is configured
    UrlInvalid = "url_invalid", "An address is no http or https URL without credentials and fragment.";
    KeyInvalid = "key_invalid", "The key of the service provider is no RSA key with a certificate of its own.";
    CertificateInvalid = "certificate_invalid", "A certificate is not readable.";
    NoSigningCertificate = "signing_certificate_missing", "The provider has no certificate that verifies signatures: RSA of 2048 bits or more, or ECDSA.";
    EntityIdInvalid = "entity_id_invalid", "The entity id is empty or longer than 1024 bytes.";
    NoBinding = "binding_missing", "The provider has no address for this message by redirect or POST.";
    OwnKeyMissing = "own_key_missing", "The service provider has no key of its own.";
    RelayStateInvalid = "relay_state_invalid", "The relay state is not one of ours.";
    // what the provider says of itself
    MetadataInvalid = "metadata_invalid", "The metadata is no description of an entity in SAML 2.0.";
    MetadataNoIdp = "metadata_idp_missing", "The metadata describes no identity provider.";
    MetadataSeveral = "metadata_idp_ambiguous", "The metadata describes several identity providers: the entity id must be named.";
    MetadataExpired = "metadata_expired", "The metadata of the provider is no longer valid.";
    // the form of a message
    TooLong = "message_too_long", "The message is too long.";
    Encoding = "message_encoding_invalid", "The message is not encoded as its binding demands.";
    NotUtf8 = "xml_not_utf8", "The message is no text in UTF-8.";
    Declaration = "xml_declaration_refused", "The message has a DTD, an entity, a comment, a CDATA section or a processing instruction.";
    TooDeep = "xml_too_deep", "The message has too many elements within each other.";
    TooMany = "xml_too_many", "The message has too many elements or attributes.";
    Malformed = "xml_malformed", "The message is no well-formed XML.";
    DuplicateId = "xml_id_duplicate", "An id stands twice in the message.";
    WrongMessage = "message_unexpected", "The message is of another kind.";
    Version = "version_unsupported", "The message is not of SAML 2.0.";
    IdMissing = "id_missing", "The message, or what it carries, has no id.";
    Incomplete = "message_incomplete", "The message lacks a part, or has one of the wrong form or twice.";
    // its status
    StatusMissing = "status_missing", "The answer has no status.";
    StatusDenied = "status_denied", "The provider or its user has declined the sign-in.";
    StatusNoPassive = "status_no_passive", "The provider must ask its user something first.";
    StatusAuthnContext = "status_no_authn_context", "The provider cannot authenticate its user in the way that was asked for.";
    StatusNameId = "status_name_id_policy", "The provider cannot name its user in the way that was asked for.";
    StatusRequester = "status_requester", "The provider has refused the request.";
    StatusResponder = "status_responder", "The provider is not able to answer.";
    StatusOther = "status_other", "The provider answers with a status that is no success.";
    // its signature
    Unsigned = "signature_missing", "What counts in the message is not signed.";
    SignaturePlace = "signature_misplaced", "A signature does not stand in the element that it signs.";
    SignatureForm = "signature_malformed", "A signature has another form than one reference to the element in which it stands.";
    SignatureAlgorithm = "signature_algorithm_refused", "A signature is made by an algorithm that is not accepted.";
    Signature = "signature_invalid", "A signature is not valid by the certificates of the provider.";
    CertificateExpired = "certificate_expired", "The message is signed by a certificate that is not valid at the moment.";
    SignedContent = "signed_content_mismatch", "What is signed is not what the message says.";
    // what is encrypted
    AssertionCount = "assertion_count", "The answer does not have exactly one assertion.";
    EncryptionAlgorithm = "encryption_algorithm_refused", "The assertion is encrypted by an algorithm that is not accepted.";
    CbcUnsigned = "encryption_cbc_unsigned", "An assertion in AES-CBC counts only in an answer that is signed itself.";
    EncryptionForm = "encryption_malformed", "The encrypted assertion has not the form that is expected.";
    Decryption = "decryption_failed", "The assertion cannot be decrypted.";
    // whose it is, and for whom
    Issuer = "issuer_mismatch", "The message comes from another provider.";
    Destination = "destination_mismatch", "The message is meant for another address.";
    Recipient = "recipient_mismatch", "The assertion is meant for another address.";
    AudienceMissing = "audience_missing", "The assertion does not say whom it is meant for.";
    Audience = "audience_mismatch", "The assertion is meant for another service provider.";
    Unsolicited = "unsolicited_refused", "Nobody has asked for this answer.";
    InResponseTo = "in_response_to_mismatch", "The answer belongs to another request.";
    // when
    IssueInstant = "issue_instant_invalid", "The message is from the future, or too old.";
    NotYetValid = "not_yet_valid", "The assertion is not valid yet.";
    Expired = "expired", "The message or its assertion has expired.";
    ExpiryMissing = "expiry_missing", "The assertion does not say when it expires.";
    SessionExpired = "session_expired", "The session at the provider has ended.";
    AuthnInstant = "authn_instant_too_old", "The provider has not asked its user to sign in anew.";
    // who
    SubjectMissing = "subject_missing", "The assertion has no subject, or one that may not be used by its bearer.";
    NameId = "name_id_invalid", "The name of the user is missing, empty, encrypted or too long.";
    AuthnStatementMissing = "authn_statement_missing", "The assertion does not say that somebody has signed in.";
    AuthnContext = "authn_context_mismatch", "The user was authenticated in another way than was asked for.";
    Attribute = "attribute_invalid", "An attribute has no name or is not readable.";
    Condition = "condition_unknown", "The assertion has a condition that is not understood.";
    // within Elder
    Library = "library_failed", "A library has failed.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_check_has_a_code_of_its_own() {
        let codes: BTreeSet<_> = Fault::ALL.iter().map(|fault| fault.code()).collect();
        assert_eq!(codes.len(), Fault::ALL.len());
        assert!(
            codes
                .iter()
                .all(|code| code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'))
        );
    }
}
