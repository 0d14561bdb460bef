//! The whole protocol with a provider that others have written.

use std::sync::mpsc;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use elder_kernel::{FindingOutcome as Outcome, Secret};
use elder_oidc::{Algorithm, Ask, ClientAuthentication, Connection, Preset, Refusal, examine};
use elder_testkit::{Browser, OidcProvider, Said, Wire};
use serde_json::{Value, json};

use crate::{BACK, Party, connection, outbound};

const BYE: &str = "https://elder.example/bye";
const SECRET: &str = "-a=secret_of +client&co";

/// A new key of a client: the private part as PEM, and what the provider knows of it.
fn client_key() -> (Secret<String>, Value) {
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let private = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, private.as_ref()).unwrap();
    let text = BASE64_STANDARD.encode(private.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
    // An uncompressed point (SEC 1 §2.3.3).
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    let encoded = |part: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(part);
    let public = json!({
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "own", "x": encoded(x), "y": encoded(y),
    });
    (Secret::new(pem), public)
}

fn client(id: &str, method: &str, more: &Value) -> Value {
    let mut client = json!({
        "client_id": id, "token_endpoint_auth_method": method, "redirect_uris": [BACK],
        "post_logout_redirect_uris": [BYE], "grant_types": ["authorization_code", "refresh_token"],
    });
    client.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    client
}

fn known_as(issuer: &str, id: &str, authentication: ClientAuthentication) -> Connection {
    let scopes = ["email", "profile", "offline_access"].map(str::to_owned).to_vec();
    Connection { client_id: id.to_owned(), authentication, scopes, ..connection(issuer) }
}

fn secret() -> Secret<String> {
    Secret::new(SECRET.to_owned())
}

#[tokio::test]
async fn people_sign_in_in_each_way_that_a_client_can_prove_itself() {
    let (private_key, public_key) = client_key();
    let confidential = json!({ "client_secret": SECRET });
    let provider = OidcProvider::start(&json!([
        client("basic", "client_secret_basic", &confidential),
        client("post", "client_secret_post", &confidential),
        client("key", "private_key_jwt", &json!({"jwks": {"keys": [public_key]}})),
        client("public", "none", &json!({})),
    ]));
    let own_key = ClientAuthentication::PrivateKeyJwt {
        key: private_key,
        algorithm: Algorithm::ES256,
        kid: Some("own".to_owned()),
        thumbprint: None,
    };
    for (id, authentication) in [
        ("basic", ClientAuthentication::SecretBasic(secret())),
        ("post", ClientAuthentication::SecretPost(secret())),
        ("key", own_key),
        ("public", ClientAuthentication::None),
    ] {
        let connection = known_as(provider.issuer(), id, authentication);
        let examined = examine(&outbound(provider.port()), &connection, &elder_kernel::Clock::system()).await;
        assert_eq!(examined.outcome(), Outcome::Passed, "{examined:#?}");
        let party = Party::at(provider.port(), connection).await.unwrap();
        let (callback, pending) = party.go(Ask { login_hint: Some("grace"), ..Ask::default() }).await;
        let identity = party.relying().finish(&callback, &pending).await.unwrap();
        assert_eq!(identity.subject, "grace", "{id}");
        assert_eq!(Preset::Generic.verified_email(&identity.claims), Some("grace@example.com"), "{id}");
        let again = party.relying().finish(&callback, &pending).await.unwrap_err();
        assert_eq!(again.refusal(), Some(Refusal::GrantRefused), "{id}");
    }
    let wrong = ClientAuthentication::SecretBasic(Secret::new("wrong".to_owned()));
    let party = Party::at(provider.port(), known_as(provider.issuer(), "basic", wrong)).await.unwrap();
    assert_eq!(party.refusal().await, "client_refused");
}

#[tokio::test]
async fn tokens_of_each_kind_of_key_are_verified() {
    use Algorithm::{ES256, ES384, EdDSA, PS256, RS256, RS512};
    let kinds = [RS256, RS512, PS256, ES256, ES384, EdDSA];
    let more = |algorithm: Algorithm| json!({"client_secret": SECRET, "id_token_signed_response_alg": algorithm.name()});
    let clients: Vec<_> =
        kinds.iter().map(|kind| client(kind.name(), "client_secret_basic", &more(*kind))).collect();
    let provider = OidcProvider::start(&json!(clients));
    for kind in kinds {
        let connection =
            known_as(provider.issuer(), kind.name(), ClientAuthentication::SecretBasic(secret()));
        let party =
            Party::at(provider.port(), Connection { algorithms: vec![kind], ..connection }).await.unwrap();
        assert_eq!(party.refusal().await, "nothing", "{kind}");
        let other = if kind == RS256 { ES256 } else { RS256 };
        let strict = Connection { algorithms: vec![other], ..party.connection.clone() };
        let party = Party::at(provider.port(), strict).await.unwrap();
        assert_eq!(party.refusal().await, "jwt_algorithm_refused", "{kind}");
    }
}

#[tokio::test]
async fn tokens_are_given_anew_and_open_the_user_info() {
    let provider = OidcProvider::start(&json!([client(
        "basic",
        "client_secret_basic",
        &json!({"client_secret": SECRET})
    )]));
    let connection = known_as(provider.issuer(), "basic", ClientAuthentication::SecretBasic(secret()));
    let party = Party::at(provider.port(), connection).await.unwrap();
    let ask = Ask { prompt: Some(elder_oidc::Prompt::Consent), max_age: Some(60), ..Ask::default() };
    let (callback, pending) = party.go(ask).await;
    let identity = party.relying().finish(&callback, &pending).await.unwrap();
    let refreshed =
        party.relying().refresh(&identity.tokens.refresh_token.unwrap(), &identity.sub).await.unwrap();
    let token = refreshed.tokens.access_token;
    let claims = party.relying().user_info(token.expose(), &identity.sub).await.unwrap();
    assert_eq!(claims["email"], "ada@example.com");
    let wrong = Secret::new("-no=refresh_token".to_owned());
    let refused = party.relying().refresh(&wrong, &identity.sub).await.unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::GrantRefused));
}

#[tokio::test]
async fn a_logout_at_the_provider_is_told_to_the_browser_and_behind_its_back() {
    let (told, heard) = mpsc::channel();
    let back_channel = Wire::serve(move |request| {
        told.send(request.body.clone()).unwrap();
        Said::new(200, &[], "")
    });
    let uri = format!("{}/backchannel", back_channel.url());
    let more = json!({"client_secret": SECRET, "backchannel_logout_uri": uri, "backchannel_logout_session_required": true});
    let provider = OidcProvider::start(&json!([client("basic", "client_secret_basic", &more)]));
    let connection = known_as(provider.issuer(), "basic", ClientAuthentication::SecretBasic(secret()));
    let party = Party::at(provider.port(), connection).await.unwrap();
    let (browser, begun) = (Browser::default(), party.relying().begin(Ask::default()).unwrap());
    let (place, _) = browser.go(&begun.url, BACK).await;
    let callback = elder_oidc::Callback::parse(place.split_once('?').unwrap().1).unwrap();
    let identity = party.relying().finish(&callback, &begun.pending).await.unwrap();

    let url =
        party.relying().logout_url(identity.tokens.id_token.as_ref(), Some(BYE), Some("-a=state")).unwrap();
    let (asked, page) = browser.go(&url, BYE).await;
    let cut = |text: &str, from: &str, to: &str| {
        text.split_once(from)?.1.split_once(to).map(|(cut, _)| cut.to_owned())
    };
    let action = cut(&page, "action=\"", "\"").unwrap_or_else(|| panic!("{asked}: {page}"));
    let xsrf = cut(&page, "name=\"xsrf\" value=\"", "\"").unwrap();
    let (place, page) = browser.send(&action, &[("xsrf", &xsrf), ("logout", "yes")], BYE).await;
    assert_eq!(place, format!("{BYE}?state=-a%3Dstate"), "{page}");

    let body = heard.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
    let logout = party.relying().verify_logout(body.strip_prefix("logout_token=").unwrap()).await.unwrap();
    assert_eq!((logout.sub.as_deref(), logout.session), (Some("ada"), identity.session));
}
