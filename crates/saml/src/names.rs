//! The names that SAML 2.0 and XML security give to things.

/// Namespaces.
pub(crate) mod ns {
    /// SAML core, assertions (§2).
    pub(crate) const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
    /// SAML core, protocols (§3).
    pub(crate) const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
    /// SAML metadata (§2).
    pub(crate) const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
    /// XML signature.
    pub(crate) const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
    /// XML encryption.
    pub(crate) const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
    /// XML encryption 1.1.
    pub(crate) const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
    /// Exclusive canonicalisation.
    pub(crate) const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
}

/// SAML bindings §3.4.
pub(crate) const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
/// SAML bindings §3.5.
pub(crate) const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
/// SAML profiles §3.3.
pub(crate) const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
/// SAML core §3.2.2.2.
pub(crate) const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

macro_rules! formats {
    ($($variant:ident = $urn:literal, $words:literal;)*) => {
        /// How a user is named (SAML core §8.3).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum NameIdFormat { $(#[doc = $words] $variant,)* }

        impl NameIdFormat {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its identifier.
            pub const fn urn(self) -> &'static str {
                match self { $(Self::$variant => $urn,)* }
            }
        }
    };
}

formats! {
    Persistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", "A pseudonym that stays.";
    EmailAddress = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress", "A mail address.";
    Transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient", "A pseudonym for one session.";
    Unspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified", "Whatever the provider chooses.";
}
