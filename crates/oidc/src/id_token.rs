//! An ID token, from its text to claims that are believed (OpenID Connect Core §3.1.3.7).

use chrono::TimeDelta;
use openidconnect::{
    AccessToken, AccessTokenHash, AuthorizationCode, AuthorizationCodeHash, ClaimsVerificationError,
    ClientId, IssuerUrl, JsonWebKeySet, Nonce, SignatureVerificationError,
    core::{CoreIdToken, CoreIdTokenVerifier},
};
use serde_json::Value;

use crate::{
    OidcError, Preset, Refusal, RelyingParty, discovery,
    json::Object,
    jws::Compact,
    keys::{Key, Source},
};

/// How far the clocks of a provider and of Elder may be apart.
pub(crate) const SKEW: TimeDelta = TimeDelta::seconds(60);
/// The longest subject (OpenID Connect Core §2).
const MOST_SUBJECT_BYTES: usize = 255;

/// What an ID token belongs to.
#[derive(Default)]
pub(crate) struct Belonging<'a> {
    pub(crate) nonce: Option<&'a str>,
    pub(crate) access_token: &'a str,
    pub(crate) code: Option<&'a str>,
    pub(crate) max_age: Option<u32>,
}

/// An ID token that is believed.
#[derive(Debug)]
pub(crate) struct Verified {
    /// What ties an account to the provider's user.
    pub(crate) subject: String,
    /// The subject as the provider writes it.
    pub(crate) sub: String,
    pub(crate) claims: Object,
}

impl RelyingParty<'_> {
    /// Verifies an ID token. The form is checked before `openidconnect` sees it; what `openidconnect` does not look at is
    /// checked afterwards.
    pub(crate) async fn verify_id_token(
        &self,
        text: &str,
        belonging: &Belonging<'_>,
    ) -> Result<Verified, OidcError> {
        let token = Compact::parse(text, &self.connection.algorithms, &["jwt"])?;
        let (sub, issuer) = (self.check_form(&token.claims)?, self.issuer_of(&token.claims)?);
        let by_key = |key: &Key| self.verify_by(key, &token, &issuer, belonging);
        self.keys.verify(self.key_source()?, &token, by_key).await?;
        self.check_times(&token.claims, belonging)?;
        let (sub, subject) = (sub.to_owned(), self.subject(&token.claims, sub)?);
        Ok(Verified { subject, sub, claims: token.claims })
    }

    pub(crate) fn key_source(&self) -> Result<Source<'_>, Refusal> {
        let url = self.discovered.jwks_uri.as_deref().ok_or(Refusal::DiscoveryIncomplete)?;
        Ok(Source { outbound: self.outbound, clock: &self.seam.clock, url })
    }

    /// What must be there, and for whom it must be. Returns the subject.
    fn check_form<'c>(&self, claims: &'c Object) -> Result<&'c str, Refusal> {
        let is_number = |name: &str| claims.get(name).is_some_and(Value::is_number);
        let is_text = |name: &str| claims.get(name).is_some_and(Value::is_string);
        let audience = claims.get("aud");
        if !(is_text("iss") && is_number("exp") && is_number("iat")) || audience.is_none() {
            return Err(Refusal::ClaimMissing);
        }
        let has_others = audience.and_then(Value::as_array).is_some_and(|audience| audience.len() > 1);
        match claims.get("azp") {
            Some(party) if *party != *self.connection.client_id => return Err(Refusal::AuthorizedParty),
            None if has_others => return Err(Refusal::AuthorizedParty),
            _ => {}
        }
        subject_in(claims)
    }

    /// Who must have issued the token. At Entra that depends on the directory of the user, which must be on the list.
    fn issuer_of(&self, claims: &Object) -> Result<String, Refusal> {
        let Self { connection, discovered, .. } = self;
        let mut issuer = discovered.issuer.clone();
        if connection.preset == Preset::Entra {
            let directory = claims.get("tid").and_then(Value::as_str).ok_or(Refusal::ClaimMissing)?;
            let is_listed = connection.directories.iter().any(|listed| listed == directory);
            let is_open = connection.directories.is_empty() && !connection.serves_several_directories();
            if !(is_listed || is_open) {
                return Err(Refusal::DirectoryRefused);
            }
            issuer = discovery::of_directory(&issuer, directory);
            if !issuer.contains(&format!("/{directory}/")) {
                return Err(Refusal::Issuer);
            }
        }
        // To the letter: a URL can be written in several ways.
        if claims.get("iss").and_then(Value::as_str) == Some(&issuer) {
            Ok(issuer)
        } else {
            Err(Refusal::Issuer)
        }
    }

    /// Signature, audience, expiry and nonce by `openidconnect`, with this key and no other; then the hashes.
    fn verify_by(
        &self,
        key: &Key,
        token: &Compact<'_>,
        issuer: &str,
        belonging: &Belonging<'_>,
    ) -> Result<(), Refusal> {
        let signs_for = key.issuer.as_deref().filter(|_| self.connection.preset == Preset::Entra);
        let directory = token.claims.get("tid").and_then(Value::as_str).unwrap_or_default();
        if signs_for.is_some_and(|signs_for| discovery::of_directory(signs_for, directory) != issuer) {
            return Err(Refusal::KeyIssuer);
        }
        let parsed: CoreIdToken = token.text.parse().map_err(|_| Refusal::ClaimMissing)?;
        let now = self.seam.now();
        let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|_| Refusal::Issuer)?;
        let client = ClientId::new(self.connection.client_id.clone());
        let verifier =
            CoreIdTokenVerifier::new_public_client(client, issuer, JsonWebKeySet::new(vec![key.jwk.clone()]))
                .set_allowed_algs([token.algorithm.core()])
                // Others may be named beside this client: `azp`, which was checked, says whom it was given to.
                .set_other_audience_verifier_fn(|_| true)
                .set_time_fn(move || now - SKEW);
        let expected = belonging.nonce.map(|nonce| Nonce::new(nonce.to_owned()));
        let nonce = |nonce: Option<&Nonce>| match &expected {
            Some(expected) => openidconnect::NonceVerifier::verify(expected, nonce),
            None => Ok(()),
        };
        parsed.claims(&verifier, nonce).map_err(|error| refusal(&error))?;
        check_hashes(key, token, belonging)
    }

    fn check_times(&self, claims: &Object, belonging: &Belonging<'_>) -> Result<(), Refusal> {
        let now = self.seam.now();
        if seconds(claims, "iat")? > (now + SKEW).timestamp() {
            return Err(Refusal::IssuedAt);
        }
        let Some(age) = belonging.max_age else { return Ok(()) };
        let earliest = (now - SKEW - TimeDelta::seconds(age.into())).timestamp();
        if seconds(claims, "auth_time")? < earliest { Err(Refusal::AuthTime) } else { Ok(()) }
    }

    /// Entra: the subject differs from client to client, directory and object do not; an address names nobody.
    fn subject(&self, claims: &Object, sub: &str) -> Result<String, Refusal> {
        if self.connection.preset != Preset::Entra {
            return Ok(sub.to_owned());
        }
        let text = |name: &str| {
            claims
                .get(name)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
                .ok_or(Refusal::ClaimMissing)
        };
        Ok(format!("{}/{}", text("tid")?, text("oid")?))
    }
}

/// The subject of a token or an answer: opaque, compared to the byte.
pub(crate) fn subject_in(claims: &Object) -> Result<&str, Refusal> {
    let sub = claims.get("sub").ok_or(Refusal::ClaimMissing)?;
    let fits = |sub: &&str| (1..=MOST_SUBJECT_BYTES).contains(&sub.len());
    sub.as_str().filter(fits).ok_or(Refusal::SubjectInvalid)
}

/// A time of a token in seconds; a part of a second does not count.
pub(crate) fn seconds(claims: &Object, name: &str) -> Result<i64, Refusal> {
    let value = claims.get(name).ok_or(Refusal::ClaimMissing)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a time beyond all numbers is as good as the last of them"
    )]
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64)).ok_or(Refusal::ClaimMissing)
}

/// OpenID Connect Core §3.1.3.8 and §3.3.2.11: the token was given together with this access token, for this code.
fn check_hashes(key: &Key, token: &Compact<'_>, belonging: &Belonging<'_>) -> Result<(), Refusal> {
    let algorithm = token.algorithm.core();
    if let Some(hash) = token.claims.get("at_hash") {
        let access_token = AccessToken::new(belonging.access_token.to_owned());
        let expected = AccessTokenHash::from_token(&access_token, &algorithm, &key.jwk);
        if expected.is_ok_and(|expected| *hash != **expected) {
            return Err(Refusal::AccessTokenHash);
        }
    }
    if let (Some(hash), Some(code)) = (token.claims.get("c_hash"), belonging.code) {
        let expected =
            AuthorizationCodeHash::from_code(&AuthorizationCode::new(code.to_owned()), &algorithm, &key.jwk);
        if expected.is_ok_and(|expected| *hash != **expected) {
            return Err(Refusal::CodeHash);
        }
    }
    Ok(())
}

fn refusal(error: &ClaimsVerificationError) -> Refusal {
    match error {
        ClaimsVerificationError::Expired(_) => Refusal::Expired,
        ClaimsVerificationError::InvalidAudience(_) => Refusal::Audience,
        ClaimsVerificationError::InvalidIssuer(_) => Refusal::Issuer,
        ClaimsVerificationError::InvalidNonce(_) => Refusal::Nonce,
        ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
            Refusal::KeyUnknown
        }
        ClaimsVerificationError::SignatureVerification(_) => Refusal::Signature,
        _ => Refusal::TokenForm,
    }
}
