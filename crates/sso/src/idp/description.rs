//! What a provider of SAML says of itself: read before a transaction is opened, and put into its settings.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use elder_kernel::{FieldFault, Patch, Seam};
use elder_saml::{Fault, Idp};

use super::{ClientAuthMethod, IdentityProvider, IdentityProviderPatch, IdpType, NewIdentityProvider};
use crate::{
    Error, Providers,
    protocol::{OwnKey, described},
};

/// What was read and made beforehand: no connection to the database waits for a provider, or for a key.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    /// Metadata that was sent or fetched.
    pub(super) metadata: Option<String>,
    /// A key of Elder's own, if the provider may need one.
    pub(super) key: Option<OwnKey>,
}

/// Whether a provider may be asked for its metadata now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fetch {
    /// It may.
    Now,
    /// A transaction is open.
    Never,
}

impl Prepared {
    /// For a provider that is about to be set up.
    pub(crate) async fn for_new(
        providers: &Providers,
        new: &NewIdentityProvider,
        fetch: Fetch,
        seam: &Seam,
    ) -> Result<Self, Error> {
        let (is_saml, url) = (new.idp_type == IdpType::Saml, new.metadata_url.as_deref());
        let metadata =
            if is_saml { metadata(providers, new.metadata_xml.clone(), url, fetch).await? } else { None };
        let key = if is_saml || signs(new.oidc_token_endpoint_auth_method) {
            Some(OwnKey::made(seam, new.name.clone().into()).await?)
        } else {
            None
        };
        Ok(Self { metadata, key })
    }

    /// For one that is about to change.
    pub(crate) async fn for_patch(
        providers: &Providers,
        patch: &IdentityProviderPatch,
        fetch: Fetch,
        seam: &Seam,
    ) -> Result<Self, Error> {
        let url = patch.metadata_url.value().map(String::as_str);
        let metadata = metadata(providers, patch.metadata_xml.clone(), url, fetch).await?;
        let key = if signs(patch.oidc_token_endpoint_auth_method) {
            Some(OwnKey::made(seam, "elder".to_owned()).await?)
        } else {
            None
        };
        Ok(Self { metadata, key })
    }
}

/// Whether Elder proves itself by a key of its own.
fn signs(method: Option<ClientAuthMethod>) -> bool {
    method == Some(ClientAuthMethod::PrivateKeyJwt)
}

async fn metadata(
    providers: &Providers,
    sent: Option<String>,
    url: Option<&str>,
    fetch: Fetch,
) -> Result<Option<String>, Error> {
    match (sent, url, fetch) {
        (Some(xml), ..) => Ok(Some(xml)),
        (None, Some(url), Fetch::Now) => providers.fetch_metadata(url).await.map(Some),
        (None, Some(_), Fetch::Never) => Err(Error::MetadataNeeded),
        (None, None, _) => Ok(None),
    }
}

/// What is kept of metadata beside the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// What was there stays.
    Same,
    /// What was read just now.
    New,
    /// The provider is described by hand.
    Nothing,
}

impl Kept {
    /// What becomes of the metadata by a patch. Who describes a provider by hand does so from then on.
    pub(super) fn after(patch: &IdentityProviderPatch, prepared: &Prepared) -> Self {
        let by_hand = patch.sso_url.is_some() || patch.slo_url != Patch::Keep || patch.certificates.is_some();
        match (&prepared.metadata, by_hand) {
            (Some(_), _) => Self::New,
            (None, true) => Self::Nothing,
            (None, false) => Self::Same,
        }
    }
}

/// Puts what the provider says of itself into its settings; says until when a certificate of it is good.
///
/// # Errors
/// [`Error::Undescribed`] with the place of the fault.
pub(super) fn describe(
    idp: &mut IdentityProvider,
    metadata: Option<&str>,
) -> Result<Option<DateTime<Utc>>, Error> {
    let read = described(idp, metadata).map_err(|fault| Error::Undescribed(place(idp, metadata, fault)))?;
    let Idp { entity_id, sso, slo, signing_certificates, .. } = read;
    idp.entity_id = Some(entity_id);
    idp.sso_url = sso.first().map(|endpoint| endpoint.location.clone());
    idp.slo_url = slo.first().map(|endpoint| endpoint.location.clone());
    idp.certificates = signing_certificates.iter().map(|certificate| pem(&certificate.der)).collect();
    Ok(signing_certificates.iter().map(|certificate| certificate.not_after).max())
}

/// A certificate as text (RFC 7468).
fn pem(der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

fn place(idp: &IdentityProvider, metadata: Option<&str>, fault: Fault) -> FieldFault {
    let pointer = match fault {
        _ if metadata.is_some() => "/metadata_xml",
        Fault::CertificateInvalid | Fault::NoSigningCertificate => "/certificates",
        Fault::UrlInvalid if idp.slo_url.is_some() && idp.sso_url.is_some() => "/slo_url",
        Fault::UrlInvalid | Fault::NoBinding => "/sso_url",
        _ => "/entity_id",
    };
    FieldFault::new(pointer, fault.code(), fault.to_string())
}
