//! Providers that speak SAML 2.0.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use elder_api_types::{
    identity_provider::IdentityProvider,
    saml::{NameIdFormat as Wanted, SamlSettings},
};
use elder_kernel::{FindingOutcome, Seam};
use elder_saml::{
    Answer, Arrived, AuthnRequest, Binding, Expected, Fault, Idp, IdpSettings, LogoutAnswer, LogoutExpected,
    LogoutRequest, LogoutResponse, LogoutWish, NameIdFormat, RelayState, RequestId, Sent, ServiceProvider,
    SignedIn, Topic, examine,
};
use http::{Method, Request, StatusCode, header};
use serde_json::Map;
use uuid::Uuid;

use super::{IdpTestStep, Left, Providers, Said, SamlLeft, WithSecret, failed, step};
use crate::{Error, Refusal};

/// The longest metadata that is read.
const MOST_METADATA_BYTES: usize = 256 << 10;
/// How a provider says that it has seen a second factor: the profile of REFEDS, the classes of SAML that mean two factors, and
/// what Entra writes.
const MULTI_FACTOR: [&str; 4] = [
    "https://refeds.org/profile/mfa",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken",
    "http://schemas.microsoft.com/claims/multipleauthn",
];
/// Where Entra lists the methods of a sign-in.
const ENTRA_METHODS: &str = "http://schemas.microsoft.com/claims/authnmethodsreferences";
/// The names under which providers tell what accounts have: OID by LDAP's schemas, URLs by WS-Federation's, and words.
const KNOWN: [(&str, &[&str]); 4] = [
    (
        "email",
        &[
            "urn:oid:0.9.2342.19200300.100.1.3",
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
            "mail",
            "emailAddress",
            "Email",
            "user.email",
        ],
    ),
    (
        "name",
        &[
            "urn:oid:2.16.840.1.113730.3.1.241",
            "displayName",
            "http://schemas.microsoft.com/identity/claims/displayname",
            "urn:oid:2.5.4.3",
            "cn",
        ],
    ),
    ("locale", &["urn:oid:2.16.840.1.113730.3.1.39", "preferredLanguage"]),
    (
        "groups",
        &[
            "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
            "http://schemas.xmlsoap.org/claims/Group",
            "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",
            "isMemberOf",
            "memberOf",
            "Groups",
        ],
    ),
];

/// What is waited for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The request that the answer must name; none if nobody was sent.
    pub(crate) request: Option<RequestId>,
    /// Since when the person must have proven who they are.
    pub(crate) since: Option<DateTime<Utc>>,
}

/// Somebody of whom a provider has written.
pub(crate) struct Arrival {
    pub(crate) said: Said,
    /// The assertion's own id, and until when it could be shown again.
    pub(crate) assertion: String,
    pub(crate) remembered_until: DateTime<Utc>,
}

/// What comes back to Elder with the answer: the id of what waits for it.
pub(crate) fn relay(id: Uuid) -> Result<RelayState, Error> {
    Ok(RelayState::parse(&id.simple().to_string())?)
}

/// A provider as it describes itself, or as it was set up by hand.
pub(crate) fn described(idp: &IdentityProvider, metadata: Option<&str>) -> Result<Idp, Fault> {
    match (metadata, idp.entity_id.as_deref()) {
        (Some(xml), None) => Idp::from_metadata(xml.as_bytes()),
        (Some(xml), Some(id)) => Idp::from_metadata_of(xml.as_bytes(), id),
        (None, _) => Idp::from_settings(&IdpSettings {
            entity_id: idp.entity_id.as_deref().unwrap_or_default(),
            sso_url: idp.sso_url.as_deref().unwrap_or_default(),
            sso_binding: Binding::Redirect,
            slo_url: idp.slo_url.as_deref(),
            certificates: &idp.certificates,
            want_authn_requests_signed: false,
        }),
    }
}

impl Providers {
    /// Asks a provider to sign somebody in. `relay` comes back with the answer.
    pub(crate) fn ask(
        &self,
        at: &WithSecret,
        relay: &RelayState,
        anew: bool,
        seam: &Seam,
    ) -> Result<Sent, Error> {
        let (sp, idp, settings) = self.parties(at)?;
        let request = AuthnRequest {
            name_id_format: match settings.name_id_format {
                Wanted::Unspecified => None,
                Wanted::Persistent => Some(NameIdFormat::Persistent),
                Wanted::EmailAddress => Some(NameIdFormat::EmailAddress),
            },
            force_authn: settings.force_authn || anew,
            authn_contexts: settings.authn_contexts.clone(),
            sign: settings.sign_requests,
            ..AuthnRequest::default()
        };
        Ok(request.send(&sp, &idp, Some(relay), seam)?)
    }

    /// Reads what a provider has written of somebody.
    pub(crate) fn read_answer(
        &self,
        from: &WithSecret,
        form: &str,
        asked: Asked,
        seam: &Seam,
    ) -> Result<Arrival, Error> {
        let (sp, idp, settings) = self.parties(from)?;
        let skew = skew(&settings);
        let expected = Expected {
            now: seam.now(),
            skew,
            unsolicited: asked.request.is_none() && settings.idp_initiated,
            request: asked.request,
            allow_cbc: settings.allow_cbc,
            authn_contexts: settings.authn_contexts,
            authenticated_since: asked.since,
        };
        let signed_in = Answer::read(form, &sp, &idp, &expected)?;
        let (assertion, remembered_until) =
            (signed_in.assertion_id.clone(), signed_in.not_on_or_after + skew);
        Ok(Arrival { said: said(signed_in)?, assertion, remembered_until })
    }

    /// What a provider must know of Elder, as XML.
    pub(crate) fn metadata(&self, of: &WithSecret) -> Result<String, Error> {
        Ok(self.own(of)?.metadata()?)
    }

    /// Asks a provider to end its session of somebody. `relay` comes back with the answer.
    pub(crate) fn ask_logout(
        &self,
        at: &WithSecret,
        left: &SamlLeft,
        relay: &RelayState,
        seam: &Seam,
    ) -> Result<Sent, Error> {
        let (sp, idp, _) = self.parties(at)?;
        let indexes: Vec<_> = left.session_index.iter().cloned().collect();
        let request = LogoutRequest { name_id: &left.name_id, session_indexes: &indexes };
        Ok(request.send(&sp, &idp, Some(relay), seam)?)
    }

    /// Reads what a provider answers to a wish of Elder's: whether all sessions have ended there.
    pub(crate) fn read_logout_answer(
        &self,
        from: &WithSecret,
        arrived: Arrived<'_>,
        request: &RequestId,
        seam: &Seam,
    ) -> Result<bool, Error> {
        let (sp, idp, settings) = self.parties(from)?;
        let expected = LogoutExpected { now: seam.now(), skew: skew(&settings) };
        Ok(LogoutAnswer::read(arrived, &sp, &idp, request, &expected)?.success)
    }

    /// Reads a provider's wish that somebody's sessions end.
    pub(crate) fn read_logout(
        &self,
        from: &WithSecret,
        arrived: Arrived<'_>,
        seam: &Seam,
    ) -> Result<LogoutWish, Error> {
        let (sp, idp, settings) = self.parties(from)?;
        let expected = LogoutExpected { now: seam.now(), skew: skew(&settings) };
        Ok(LogoutWish::read(arrived, &sp, &idp, &expected)?)
    }

    /// Tells a provider that they have ended.
    pub(crate) fn answer_logout(
        &self,
        to: &WithSecret,
        wish: &LogoutWish,
        seam: &Seam,
    ) -> Result<Sent, Error> {
        let (sp, idp, _) = self.parties(to)?;
        let response = LogoutResponse { in_response_to: &wish.id, success: true };
        Ok(response.send(&sp, &idp, wish.relay_state.as_deref(), seam)?)
    }

    /// Fetches the metadata of a provider.
    pub(crate) async fn fetch_metadata(&self, url: &str) -> Result<String, Error> {
        let mut request = Request::new(Vec::new());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = url.parse().map_err(|_| Fault::UrlInvalid)?;
        request.headers_mut().insert(
            header::ACCEPT,
            header::HeaderValue::from_static("application/samlmetadata+xml, */*;q=0.1"),
        );
        let answer = self.outbound.call(request).await.map_err(Error::Metadata)?;
        if answer.status() != StatusCode::OK {
            return Err(Error::MetadataStatus(answer.status().as_u16()));
        }
        if answer.body().len() > MOST_METADATA_BYTES {
            return Err(Fault::TooLong.into());
        }
        Ok(String::from_utf8(answer.into_body()).map_err(|_| Fault::NotUtf8)?)
    }

    pub(super) async fn examine_saml(&self, at: &WithSecret, seam: &Seam) -> Vec<IdpTestStep> {
        let mut steps = Vec::new();
        if let Some(url) = &at.idp.metadata_url {
            steps.push(self.examine_metadata(at, url).await);
        }
        match described(&at.idp, at.metadata.as_deref()) {
            Ok(idp) => {
                let findings = examine(&idp, seam.now()).into_iter();
                steps.extend(findings.map(|finding| step(finding, Topic::name)));
            }
            Err(fault) => steps.push(failed("description", fault.to_string())),
        }
        steps
    }

    async fn examine_metadata(&self, at: &WithSecret, url: &str) -> IdpTestStep {
        const NAME: &str = "metadata_url";
        let fetched = self.fetch_metadata(url).await;
        match fetched.and_then(|xml| Ok(described(&at.idp, Some(&xml))?)) {
            Ok(_) => IdpTestStep {
                name: NAME.to_owned(),
                outcome: FindingOutcome::Passed,
                detail: "The metadata was read and describes this provider.".to_owned(),
            },
            Err(error) => failed(NAME, error.to_string()),
        }
    }

    /// Both sides, and what is settled between them.
    fn parties(&self, with: &WithSecret) -> Result<(ServiceProvider, Arc<Idp>, SamlSettings), Error> {
        let settings = with.idp.saml.clone().unwrap_or_default();
        Ok((self.own(with)?, self.described(with)?, settings))
    }

    fn own(&self, with: &WithSecret) -> Result<ServiceProvider, Error> {
        let told = self.service_provider(with.idp.id);
        let (entity_id, acs_url, slo_url) = (told.entity_id, told.acs_url, Some(told.slo_url));
        Ok(ServiceProvider { entity_id, acs_url, slo_url, keys: with.keys.of_saml()? })
    }

    fn described(&self, with: &WithSecret) -> Result<Arc<Idp>, Error> {
        let key = (with.idp.id, with.idp.version);
        if let Some(idp) = self.described.get(&key) {
            return Ok(idp);
        }
        let idp = Arc::new(described(&with.idp, with.metadata.as_deref())?);
        self.described.insert(key, idp.clone());
        Ok(idp)
    }
}

fn skew(settings: &SamlSettings) -> TimeDelta {
    TimeDelta::seconds(settings.clock_skew_seconds.into())
}

/// What a provider says, in the form in which all providers' words are read: attributes by their names and their friendly
/// names, and what accounts have by the names of OpenID Connect.
fn said(signed_in: SignedIn) -> Result<Said, Refusal> {
    // By a name that is another one each time nobody is known again.
    if signed_in.name_id.format.as_deref() == Some(NameIdFormat::Transient.urn()) {
        return Err(Refusal::TransientName);
    }
    let mut claims = Map::new();
    for attribute in &signed_in.attributes {
        let names = [Some(&attribute.name), attribute.friendly_name.as_ref()];
        for name in names.into_iter().flatten() {
            claims.entry(name.clone()).or_insert_with(|| attribute.values.clone().into());
        }
    }
    for (claim, names) in KNOWN {
        let told = names.iter().find_map(|name| claims.get(*name).cloned());
        if let (None, Some(told)) = (claims.get(claim), told) {
            claims.insert(claim.to_owned(), told);
        }
    }
    let name_id = &signed_in.name_id;
    if !claims.contains_key("email") && name_id.format.as_deref() == Some(NameIdFormat::EmailAddress.urn()) {
        claims.insert("email".to_owned(), name_id.value.clone().into());
    }
    claims.insert("name_id".to_owned(), name_id.value.clone().into());
    let contexts = signed_in.authn_context.iter().map(String::as_str);
    let is_multi_factor =
        contexts.chain(signed_in.values(ENTRA_METHODS)).any(|method| MULTI_FACTOR.contains(&method));
    Ok(Said {
        issuer: signed_in.issuer,
        subject: signed_in.name_id.value.clone(),
        claims,
        is_multi_factor,
        idp_session: signed_in.session_index.clone(),
        left: Left::Saml(SamlLeft { name_id: signed_in.name_id, session_index: signed_in.session_index }),
    })
}
