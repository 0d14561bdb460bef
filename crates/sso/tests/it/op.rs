//! A provider of OpenID Connect that says of anybody whatever a test wants, and does what a good one must not.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    web::{Data, Form, Query, get, post},
};
use elder_crypto::{Algorithm, KeyRing, NewSigningKey, StoredKey};
use elder_kernel::Seam;
use serde_json::{Value, json};

/// What Elder is called there.
pub(crate) const CLIENT: &str = "elder";
/// What it shares with it.
pub(crate) const SECRET: &str = "shared with the provider";

/// What the provider does.
pub(crate) struct Behaviour {
    /// What it says of whoever comes, beside what each token needs.
    pub(crate) claims: Value,
    /// What stands in the ID token in place of what is right.
    pub(crate) token: Value,
    /// What it sends browsers back with in place of what is right; null for nothing.
    pub(crate) answer: Value,
    /// Whether it is down.
    pub(crate) is_down: bool,
    /// The last request for tokens, and how it was authorized.
    pub(crate) exchanges: Vec<(HashMap<String, String>, String)>,
}

struct Inner {
    behaviour: Mutex<Behaviour>,
    /// What codes were given for.
    codes: Mutex<HashMap<String, HashMap<String, String>>>,
    keys: KeyRing,
    jwk: Value,
    seam: Seam,
}

/// A provider that listens until it is dropped.
pub(crate) struct Op {
    pub(crate) issuer: String,
    inner: Arc<Inner>,
    server: ServerHandle,
}

impl Op {
    pub(crate) fn start(seam: &Seam) -> Self {
        let key = NewSigningKey::generate(Algorithm::Es256).unwrap();
        let jwk = key.public_jwk.clone();
        let stored = StoredKey {
            algorithm: Algorithm::Es256,
            private_pkcs8: key.private_pkcs8,
            signs_from: seam.now(),
            ends_at: None,
        };
        let behaviour = Behaviour {
            claims: json!({}),
            token: json!({}),
            answer: json!({}),
            is_down: false,
            exchanges: Vec::new(),
        };
        let inner = Arc::new(Inner {
            behaviour: Mutex::new(behaviour),
            codes: Mutex::default(),
            keys: KeyRing::new(vec![stored]).unwrap(),
            jwk,
            seam: seam.clone(),
        });
        let data = Data::from(inner.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/.well-known/openid-configuration", get().to(discovery))
                .route("/jwks", get().to(jwks))
                .route("/authorize", get().to(authorize))
                .route("/token", post().to(token))
        });
        let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        elder_telemetry::spawn("test provider", async move {
            let _ended = server.await;
        });
        Self { issuer, inner, server: handle }
    }

    pub(crate) fn behaviour(&self) -> MutexGuard<'_, Behaviour> {
        self.inner.behaviour.lock().unwrap()
    }

    /// Whoever comes from now on is this.
    pub(crate) fn says(&self, claims: Value) {
        self.behaviour().claims = claims;
    }
}

impl Drop for Op {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

fn own(request: &HttpRequest) -> String {
    format!("http://{}", request.connection_info().host())
}

async fn discovery(request: HttpRequest, op: Data<Inner>) -> HttpResponse {
    if op.behaviour.lock().unwrap().is_down {
        return HttpResponse::InternalServerError().finish();
    }
    let issuer = own(&request);
    HttpResponse::Ok().json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn jwks(op: Data<Inner>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "keys": [op.jwk] }))
}

/// Knows whoever comes, asks nothing and sends them back.
async fn authorize(
    request: HttpRequest,
    op: Data<Inner>,
    query: Query<HashMap<String, String>>,
) -> HttpResponse {
    assert_eq!((query["client_id"].as_str(), query["response_type"].as_str()), (CLIENT, "code"));
    assert_eq!(query["code_challenge_method"], "S256");
    let code = op.seam.uuid().simple().to_string();
    op.codes.lock().unwrap().insert(code.clone(), query.clone());
    let mut answer = json!({ "code": code, "state": query["state"], "iss": own(&request) });
    bend(&mut answer, &op.behaviour.lock().unwrap().answer);
    let mut location = reqwest::Url::parse(&query["redirect_uri"]).unwrap();
    for (name, value) in answer.as_object().unwrap() {
        location.query_pairs_mut().append_pair(name, value.as_str().unwrap());
    }
    HttpResponse::Found().insert_header(("location", location.as_str())).finish()
}

async fn token(request: HttpRequest, op: Data<Inner>, form: Form<HashMap<String, String>>) -> HttpResponse {
    let authorized = request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned());
    let mut behaviour = op.behaviour.lock().unwrap();
    behaviour.exchanges.push((form.0.clone(), authorized.unwrap_or_default()));
    let Some(asked) = op.codes.lock().unwrap().remove(&form["code"]) else {
        return HttpResponse::BadRequest().json(json!({ "error": "invalid_grant" }));
    };
    let now = op.seam.now().timestamp();
    let mut claims = json!({
        "iss": own(&request), "aud": CLIENT, "iat": now, "exp": now + 300, "auth_time": now, "nonce": asked["nonce"],
    });
    for bent in [&behaviour.claims, &behaviour.token] {
        bend(&mut claims, bent);
    }
    let id_token = op.keys.sign("JWT", &claims, op.seam.now()).unwrap();
    HttpResponse::Ok().json(json!({
        "access_token": "opens nothing", "token_type": "Bearer", "expires_in": 300, "id_token": id_token,
    }))
}

/// Puts other values into an object; null takes one out.
fn bend(object: &mut Value, by: &Value) {
    let object = object.as_object_mut().unwrap();
    for (name, value) in by.as_object().unwrap() {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
}
