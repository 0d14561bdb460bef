//! What Elder says of itself to a provider (SAML metadata §2.4.4).

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::{
    Fault, NameIdFormat, ServiceProvider,
    names::{
        POST, REDIRECT,
        ns::{DSIG, METADATA, PROTOCOL},
    },
    writing::Xml,
};

/// What Elder decrypts, the best first, for providers that look at it.
const CIPHERS: [&str; 2] =
    ["http://www.w3.org/2009/xmlenc11#aes256-gcm", "http://www.w3.org/2009/xmlenc11#aes128-gcm"];
const KEY_TRANSPORT: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";

impl ServiceProvider {
    /// What it says of itself: the document that the administrator of a provider reads in. All keys are in it, so that the
    /// provider knows a new one before it is used.
    ///
    /// # Errors
    /// [`Fault::OwnKeyMissing`] without a key, [`Fault::Library`] if it cannot be written.
    pub fn metadata(&self) -> Result<String, Fault> {
        self.signing_key()?;
        let root =
            [("xmlns:md", Some(METADATA)), ("xmlns:ds", Some(DSIG)), ("entityID", Some(&*self.entity_id))];
        Xml::document("md:EntityDescriptor", &root, |xml| {
            let role =
                [("protocolSupportEnumeration", Some(PROTOCOL)), ("WantAssertionsSigned", Some("true"))];
            xml.element("md:SPSSODescriptor", &role, |xml| {
                self.write_keys(xml)?;
                self.write_logout(xml)?;
                for format in NameIdFormat::ALL {
                    xml.text("md:NameIDFormat", &[], format.urn())?;
                }
                let address = [
                    ("Binding", Some(POST)),
                    ("Location", Some(&*self.acs_url)),
                    ("index", Some("0")),
                    ("isDefault", Some("true")),
                ];
                xml.empty("md:AssertionConsumerService", &address)
            })
        })
    }

    fn write_keys(&self, xml: &mut Xml) -> Result<(), Fault> {
        for usage in ["signing", "encryption"] {
            for key in &self.keys {
                let certificate = BASE64_STANDARD.encode(key.certificate_der()?);
                xml.element("md:KeyDescriptor", &[("use", Some(usage))], |xml| {
                    xml.element("ds:KeyInfo", &[], |xml| {
                        xml.element("ds:X509Data", &[], |xml| {
                            xml.text("ds:X509Certificate", &[], &certificate)
                        })
                    })?;
                    let methods =
                        CIPHERS.into_iter().chain([KEY_TRANSPORT]).filter(|_| usage == "encryption");
                    methods.into_iter().try_for_each(|method| {
                        xml.empty("md:EncryptionMethod", &[("Algorithm", Some(method))])
                    })
                })?;
            }
        }
        Ok(())
    }

    fn write_logout(&self, xml: &mut Xml) -> Result<(), Fault> {
        let Some(url) = &self.slo_url else { return Ok(()) };
        for binding in [REDIRECT, POST] {
            xml.empty("md:SingleLogoutService", &[("Binding", Some(binding)), ("Location", Some(&**url))])?;
        }
        Ok(())
    }
}
