//! A provider of OpenID Connect that does one thing wrong, if it is told to.

mod keys;

use std::{
    collections::BTreeMap,
    sync::{Arc, Barrier, LazyLock, Mutex, MutexGuard},
    thread,
    time::Duration,
};

use aws_lc_rs::{
    digest::{SHA256, digest},
    rsa::KeySize,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use elder_kernel::Clock;
use serde_json::{Value, json};

pub use self::keys::Signer;
use self::keys::{Key, STRANGER, encode, sign};
use crate::wire::{Heard, Said, Wire};

/// The id of its one client.
pub const CLIENT: &str = "elder";
/// The secret of its one client.
pub const SECRET: &str = "-a secret_of=the client";
const ACCESS_TOKEN: &str = "an-access-token";

/// One thing that is done wrong, or in an unusual way. Where it holds an object, members take the place of those that
/// are there, and `null` takes one away.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The description.
    Discovery(Value),
    /// The key set, whole.
    Keys(Value),
    /// The query with which the browser comes back.
    Callback(Value),
    /// The answer of the token endpoint.
    Token(Value),
    /// The header of tokens.
    Header(Value),
    /// The claims of tokens.
    Claims(Value),
    /// The claims of tokens, as a text.
    RawClaims(String),
    /// Who signs tokens.
    Signed(Signer),
    /// What the user-info endpoint says.
    UserInfo(Value),
    /// When the description was sent, as its header says.
    Dated(&'static str),
    /// A path that answers with a status and a text.
    Says(&'static str, u16, String),
    /// A code is good any number of times.
    LastingCodes,
    /// A path that takes its time.
    Slow(&'static str, Duration),
    /// A path that answers as it should, once the test has come to the barrier too.
    Awaits(&'static str, Arc<Barrier>),
}

/// What a fault changes, if it is of this kind.
macro_rules! matching {
    ($fault:expr, $variant:path) => {
        match $fault {
            $variant(change) => Some(change),
            _ => None,
        }
    };
}

/// The provider; it ends with the test.
pub struct FaultyProvider {
    wire: Wire,
    state: Arc<Mutex<State>>,
}

struct State {
    issuer: String,
    key: Key,
    faults: Vec<Fault>,
    asked: BTreeMap<String, usize>,
    /// Query of the authorization request that the code was given for.
    granted: BTreeMap<String, String>,
}

impl FaultyProvider {
    /// A provider that does everything right.
    pub fn start() -> Self {
        LazyLock::force(&STRANGER);
        let state = State {
            issuer: String::new(),
            key: Key::new("first", KeySize::Rsa2048),
            faults: Vec::new(),
            asked: BTreeMap::new(),
            granted: BTreeMap::new(),
        };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let wire = Wire::serve(move |heard| answer(&shared, heard));
        state.lock().unwrap().issuer = wire.url();
        Self { wire, state }
    }

    /// Its issuer.
    pub fn issuer(&self) -> String {
        self.wire.url()
    }

    /// Its port on this machine.
    pub fn port(&self) -> u16 {
        self.wire.port()
    }

    /// Does this wrong, and nothing else any more.
    pub fn fault(&self, fault: Fault) {
        self.faults([fault]);
    }

    /// Does these things wrong, and nothing else any more.
    pub fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state().faults = faults.into_iter().collect();
    }

    /// Does everything right again.
    pub fn heal(&self) {
        self.faults([]);
    }

    /// Signs with a new key from now on, and publishes no other.
    pub fn rotate(&self, id: &str) {
        self.state().key = Key::new(id, KeySize::Rsa2048);
    }

    /// The key that it publishes.
    pub fn jwk(&self) -> Value {
        self.state().key.jwk()
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        self.state().asked.get(path).copied().unwrap_or(0)
    }

    /// A logout token, with the faults that concern tokens.
    pub fn logout_token(&self, claims: &Value) -> String {
        let state = self.state();
        let now = Clock::system().now().timestamp();
        let usual = json!({
            "iss": state.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": "a-logout",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        });
        state.token("logout+jwt", merged(usual, claims))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

fn answer(shared: &Mutex<State>, heard: &Heard) -> Said {
    let mut state = shared.lock().unwrap();
    *state.asked.entry(heard.path.clone()).or_default() += 1;
    for fault in state.faults.clone() {
        match fault {
            Fault::Says(path, status, text) if path == heard.path => return Said::new(status, &[], text),
            Fault::Slow(path, time) if path == heard.path => {
                drop(state);
                thread::sleep(time);
                return Said::new(500, &[], "");
            }
            Fault::Awaits(path, barrier) if path == heard.path => {
                drop(state);
                barrier.wait();
                state = shared.lock().unwrap();
            }
            _ => {}
        }
    }
    match heard.path.as_str() {
        path if path.ends_with("/.well-known/openid-configuration") => state.describe(),
        "/jwks" => Said::json(200, &state.key_set()),
        "/authorize" | "/login/oauth/authorize" => state.authorize(&heard.query),
        "/token" | "/login/oauth/access_token" => state.exchange(heard),
        "/userinfo" if heard.header("authorization") == Some(&format!("Bearer {ACCESS_TOKEN}")) => {
            let usual =
                json!({"sub": "ada", "email": "ada@example.com", "email_verified": true, "name": "Ada"});
            Said::json(200, &state.patched(usual, |fault| matching!(fault, Fault::UserInfo)))
        }
        "/userinfo" => Said::new(401, &[], ""),
        _ => Said::new(404, &[], ""),
    }
}

impl State {
    fn patched(&self, usual: Value, of: impl Fn(&Fault) -> Option<&Value>) -> Value {
        self.faults.iter().filter_map(of).fold(usual, merged)
    }

    fn describe(&self) -> Said {
        let date = self.faults.iter().find_map(|fault| matching!(fault, Fault::Dated));
        let now = Clock::system().now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let date = date.map_or(now.as_str(), |date| date);
        Said::new(
            200,
            &[("content-type", "application/json"), ("date", date)],
            self.description().to_string(),
        )
    }

    fn description(&self) -> Value {
        let issuer = &self.issuer;
        let usual = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "end_session_endpoint": format!("{issuer}/logout?by=elder"),
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        });
        self.patched(usual, |fault| matching!(fault, Fault::Discovery))
    }

    fn key_set(&self) -> Value {
        let whole = self.faults.iter().find_map(|fault| matching!(fault, Fault::Keys));
        whole.cloned().unwrap_or_else(|| json!({"keys": [self.key.jwk()]}))
    }

    fn authorize(&mut self, query: &str) -> Said {
        let Some(place) = field(query, "redirect_uri") else { return Said::new(400, &[], "") };
        let code = format!("code-{}", self.granted.len());
        self.granted.insert(code.clone(), query.to_owned());
        let usual = json!({"code": code, "state": field(query, "state"), "iss": self.issuer});
        let back = self.patched(usual, |fault| matching!(fault, Fault::Callback));
        let pairs = back.as_object().unwrap().iter().map(|(name, value)| (name, value.as_str().unwrap()));
        let query_back = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        Said::new(302, &[("location", &format!("{place}?{query_back}"))], "")
    }

    /// Checks of its own kind: the client, and the proof of PKCE.
    fn exchange(&mut self, heard: &Heard) -> Said {
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{CLIENT}:{}", encoded(SECRET))));
        let is_client = heard.header("authorization") == Some(&basic)
            || field(&heard.body, "client_secret").is_some_and(|secret| secret == SECRET)
            || field(&heard.body, "client_assertion").is_some();
        if !is_client {
            return Said::json(401, &json!({"error": "invalid_client"}));
        }
        let are_lasting = self.faults.iter().any(|fault| matches!(fault, Fault::LastingCodes));
        let asked = match field(&heard.body, "code") {
            Some(code) if are_lasting => self.granted.get(&code).cloned(),
            Some(code) => self.granted.remove(&code),
            None => field(&heard.body, "refresh_token").map(|_| String::new()),
        };
        let Some(asked) = asked else { return Said::json(400, &json!({"error": "invalid_grant"})) };
        let verifier = field(&heard.body, "code_verifier").unwrap_or_default();
        let challenge = encode(digest(&SHA256, verifier.as_bytes()));
        if !asked.is_empty() && field(&asked, "code_challenge") != Some(challenge) {
            return Said::json(400, &json!({"error": "invalid_grant"}));
        }
        let usual = json!({
            "access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 300,
            "refresh_token": "-a=refresh_token", "id_token": self.id_token(&asked),
        });
        Said::json(200, &self.patched(usual, |fault| matching!(fault, Fault::Token)))
    }

    fn id_token(&self, asked: &str) -> String {
        let now = Clock::system().now().timestamp();
        let hash = digest(&SHA256, ACCESS_TOKEN.as_bytes());
        let usual = json!({
            "iss": self.issuer, "sub": "ada", "aud": CLIENT, "exp": now + 300, "iat": now, "auth_time": now,
            "nonce": field(asked, "nonce"), "at_hash": encode(&hash.as_ref()[..16]), "sid": "a-session",
        });
        self.token("JWT", merged(usual, &json!({})))
    }

    fn token(&self, kind: &str, claims: Value) -> String {
        let header = json!({"alg": "RS256", "typ": kind, "kid": self.key.id});
        let header = self.patched(header, |fault| matching!(fault, Fault::Header));
        let claims = self.patched(claims, |fault| matching!(fault, Fault::Claims)).to_string();
        let raw = self.faults.iter().find_map(|fault| matching!(fault, Fault::RawClaims));
        let signer = self.faults.iter().find_map(|fault| matching!(fault, Fault::Signed));
        sign(&header, raw.unwrap_or(&claims), &self.key, signer.copied().unwrap_or(Signer::Own))
    }
}

/// One field of a query or a form.
fn field(form: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(form.as_bytes()).find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

/// RFC 7396, on one level: members take the place of those that are there, and `null` takes one away.
fn merged(mut usual: Value, change: &Value) -> Value {
    for (name, value) in change.as_object().unwrap() {
        usual[name] = value.clone();
    }
    usual.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    usual
}
