//! The token endpoint: codes and refresh tokens become tokens.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use elder_kernel::Secret;
use jsonwebtoken::{EncodingKey, Header};
use oauth2::{
    AuthorizationCode, ExtraTokenFields, PkceCodeVerifier, RefreshToken, RequestTokenError,
    StandardTokenResponse, TokenResponse as _,
    basic::{BasicErrorResponse, BasicTokenType},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Algorithm, ClientAuthentication, OidcError, Pending, Refusal, RelyingParty, error::Step, json};

/// How long a proof of the client is good for.
const PROOF_SECONDS: i64 = 60;

/// What a provider has given. Keep it sealed.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Opens the provider's interfaces.
    pub access_token: Secret<String>,
    /// Gets another access token.
    pub refresh_token: Option<Secret<String>>,
    /// Says who has signed in; at the sign-out it tells the provider of which session that is.
    pub id_token: Option<Secret<String>>,
    /// How long the access token is good for, if the provider says so.
    pub expires_in: Option<Duration>,
}

/// What OpenID Connect adds to an answer of OAuth. It is taken as it is: its form is checked later, by one reader.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct IdTokenField {
    #[serde(default)]
    id_token: Option<Value>,
}

impl ExtraTokenFields for IdTokenField {}

type Answer = StandardTokenResponse<IdTokenField, BasicTokenType>;
type RequestError = RequestTokenError<OidcError, BasicErrorResponse>;

impl RelyingParty<'_> {
    pub(crate) async fn exchange(&self, code: &str, pending: &Pending) -> Result<Tokens, OidcError> {
        let client = self.client()?;
        let mut request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier.clone()));
        for (name, value) in self.proof()? {
            request = request.add_extra_param(name, value);
        }
        tokens(&request.request_async(&|request| self.send(request)).await.map_err(refusal)?)
    }

    pub(crate) async fn exchange_refresh(&self, token: &str) -> Result<Tokens, OidcError> {
        let client = self.client()?;
        let token = RefreshToken::new(token.to_owned());
        let mut request = client.exchange_refresh_token(&token);
        for (name, value) in self.proof()? {
            request = request.add_extra_param(name, value);
        }
        tokens(&request.request_async(&|request| self.send(request)).await.map_err(refusal)?)
    }

    async fn send(&self, request: oauth2::HttpRequest) -> Result<oauth2::HttpResponse, OidcError> {
        let answer = self.outbound.call(request).await.map_err(OidcError::call(Step::Token))?;
        if answer.status().is_server_error() {
            return Err(Refusal::AnswerStatus.into());
        }
        Ok(answer)
    }

    /// The client's proof of itself where it is a token (RFC 7523 §2.2).
    fn proof(&self) -> Result<Vec<(&'static str, String)>, Refusal> {
        let ClientAuthentication::PrivateKeyJwt { key, algorithm, kid, thumbprint } =
            &self.connection.authentication
        else {
            return Ok(Vec::new());
        };
        let now = self.seam.now().timestamp();
        let id = &self.connection.client_id;
        let claims = json!({
            "iss": id,
            "sub": id,
            "aud": self.discovered.token_endpoint,
            "jti": BASE64_URL_SAFE_NO_PAD.encode(self.seam.random.bytes::<16>()),
            "iat": now,
            "exp": now + PROOF_SECONDS,
        });
        let (kid, x5t_s256) = (kid.clone(), thumbprint.clone());
        let header = Header { kid, x5t_s256, ..Header::new(algorithm.signing()) };
        let proof = jsonwebtoken::encode(&header, &claims, &signing_key(*algorithm, key)?)
            .map_err(|_| Refusal::ClientKeyInvalid)?;
        Ok(vec![
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned()),
            ("client_assertion", proof),
        ])
    }
}

fn signing_key(algorithm: Algorithm, pem: &Secret<String>) -> Result<EncodingKey, Refusal> {
    let pem = pem.expose().as_bytes();
    let key = match algorithm {
        Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_pem(pem),
        Algorithm::EdDSA => EncodingKey::from_ed_pem(pem),
        _ => EncodingKey::from_rsa_pem(pem),
    };
    key.map_err(|_| Refusal::ClientKeyInvalid)
}

fn tokens(answer: &Answer) -> Result<Tokens, OidcError> {
    if *answer.token_type() != BasicTokenType::Bearer {
        return Err(Refusal::TokenType.into());
    }
    let id_token = match &answer.extra_fields().id_token {
        None => None,
        Some(Value::String(token)) => Some(token.clone().into()),
        Some(_) => return Err(Refusal::TokenForm.into()),
    };
    Ok(Tokens {
        access_token: answer.access_token().secret().clone().into(),
        refresh_token: answer.refresh_token().map(|token| token.secret().clone().into()),
        id_token,
        expires_in: answer.expires_in(),
    })
}

fn refusal(error: RequestError) -> OidcError {
    match error {
        RequestTokenError::Request(error) => error,
        RequestTokenError::ServerResponse(answer) => of_code(answer.error().as_ref()).into(),
        // GitHub says what is wrong in an answer of status 200.
        RequestTokenError::Parse(_, body) => match json::object(&body) {
            Ok(object) => {
                object.get("error").and_then(Value::as_str).map_or(Refusal::TokenAnswer, of_code).into()
            }
            Err(_) => Refusal::AnswerNotJson.into(),
        },
        RequestTokenError::Other(_) => Refusal::TokenAnswer.into(),
    }
}

/// What an error of the token endpoint means (RFC 6749 §5.2, and GitHub's names).
fn of_code(code: &str) -> Refusal {
    match code {
        "invalid_client" | "unauthorized_client" | "incorrect_client_credentials" => Refusal::ClientRefused,
        "invalid_grant" | "bad_verification_code" | "bad_refresh_token" => Refusal::GrantRefused,
        _ => Refusal::ProviderRefused,
    }
}
