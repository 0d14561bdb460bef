//! A provider of OpenID Connect: it says what it has signed in advance.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use elder_oidc::ClientKey;
use elder_saml::{Certificate, generate_key};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::{
    seam,
    sign_in::{Known, Prepared, described, parameter, sent_away},
};
use crate::{fault::Fault, http::Connection, operation, server::Server};

/// What it calls Elder.
pub(super) const CLIENT: &str = "elder";

/// A provider that listens as long as this program runs.
pub(super) struct Provider {
    pub(super) issuer: String,
    pub(super) key: EncodingKey,
    pub(super) kid: String,
    /// Answers of the token endpoint, by their codes.
    answers: Arc<Mutex<HashMap<String, String>>>,
}

impl Provider {
    pub(super) fn start() -> Result<Self, Fault> {
        let made = generate_key(&seam(), "provider", 2048).map_err(|fault| Fault::broken(fault.code()))?;
        let pem = made.private_pem().map_err(|fault| Fault::broken(fault.code()))?;
        let certificate = made.certificate_pem().and_then(|pem| Certificate::read(&pem));
        let certificate = certificate.map_err(|fault| Fault::broken(fault.code()))?;
        let (modulus, exponent) =
            certificate.rsa_numbers().ok_or_else(|| Fault::broken("the key is no RSA key"))?;
        let public = ClientKey { modulus, exponent, certificate: certificate.der };
        let key = EncodingKey::from_rsa_pem(pem.expose().as_bytes());
        let key = key.map_err(|error| Fault::broken(error.to_string()))?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let issuer = format!("http://{}", listener.local_addr()?);
        let answers = Arc::<Mutex<HashMap<String, String>>>::default();
        let says = Says {
            issuer: issuer.clone(),
            keys: json!({ "keys": [public.jwk()] }),
            answers: answers.clone(),
        };
        let says = Arc::new(says);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let says = says.clone();
                thread::spawn(move || says.serve(stream));
            }
        });
        Ok(Self { issuer, key, kid: public.kid(), answers })
    }

    /// What sets it up.
    pub(super) fn described(&self) -> Value {
        let own = json!({
            "oidc_issuer_url": self.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": "a secret",
            "oidc_scopes": ["openid", "email"],
        });
        described("OpenID Connect", own)
    }

    /// Sends browsers of these people away, and signs what they will bring.
    pub(super) fn prepare(
        &self,
        elder: &Server,
        known: &Known,
        people: Range<u64>,
    ) -> Result<Vec<Prepared>, Fault> {
        let mut connection = Connection::open(elder.address)?;
        let path = format!("/sso/oidc/authorize/{}", known.id);
        people.map(|number| self.prepare_one(&mut connection, &path, number)).collect()
    }

    fn prepare_one(&self, connection: &mut Connection, path: &str, number: u64) -> Result<Prepared, Fault> {
        let (there, cookie) = sent_away(connection, path)?;
        let (state, nonce) = (parameter(&there, "state")?, parameter(&there, "nonce")?);
        let now = seam().now().timestamp();
        let token = self.signed(&json!({
            "iss": self.issuer, "sub": format!("person-{number}"), "aud": CLIENT, "iat": now, "exp": now + 600,
            "nonce": nonce, "email": format!("user{number}@example.com"), "email_verified": true,
            "name": format!("Given{number} Family{number}"), "sid": format!("session-{number}"),
        }))?;
        let code = format!("code-{number}");
        let answer = json!({
            "access_token": "an access token", "token_type": "Bearer", "expires_in": 300, "id_token": token,
        });
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(code.clone(), answer.to_string());
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs([("code", &*code), ("state", &state), ("iss", &self.issuer)]);
        let headers = format!("Accept: text/html\r\nCookie: {cookie}\r\n");
        let back = operation::get(&format!("/sso/oidc/callback?{}", query.finish()), &headers);
        Ok(Prepared { requests: vec![back], brought: token })
    }

    /// A token of these claims.
    pub(super) fn signed(&self, claims: &Value) -> Result<String, Fault> {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::RS256) };
        let token = jsonwebtoken::encode(&header, claims, &self.key);
        token.map_err(|error| Fault::broken(error.to_string()))
    }
}

/// What it answers.
struct Says {
    issuer: String,
    keys: Value,
    answers: Arc<Mutex<HashMap<String, String>>>,
}

impl Says {
    /// Answers until the other side hangs up.
    fn serve(&self, mut stream: TcpStream) {
        let Ok(reading) = stream.try_clone() else { return };
        let mut reader = BufReader::new(reading);
        while let Some((path, body)) = hear(&mut reader) {
            let answer = self.answer(&path, &body);
            let length = answer.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
            );
            if stream.write_all(format!("{head}{answer}").as_bytes()).is_err() {
                return;
            }
        }
    }

    fn answer(&self, path: &str, body: &str) -> String {
        let issuer = &self.issuer;
        match path {
            "/keys" => self.keys.to_string(),
            "/token" => {
                let code = form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "code");
                let code = code.map(|(_, code)| code.into_owned()).unwrap_or_default();
                let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
                answers.remove(&code).unwrap_or_else(|| r#"{"error":"invalid_grant"}"#.to_owned())
            }
            _ => json!({
                "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
                "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
                "id_token_signing_alg_values_supported": ["RS256"], "response_types_supported": ["code"],
                "subject_types_supported": ["public"], "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": true,
            })
            .to_string(),
        }
    }
}

/// The path and the body of the next request.
fn hear(reader: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, String::from_utf8(body).ok()?))
}
