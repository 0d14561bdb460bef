//! What a sign-in gives, and what goes over the wire for it.

use elder_kernel::Secret;
use elder_oidc::{Algorithm, Ask, ClientAuthentication, Preset, Prompt, Refusal};
use elder_testkit::{Fault, FaultyProvider, SECRET};
use serde_json::{Value, json};

use crate::{BACK, Party, connection};

fn query(url: &str, name: &str) -> Option<String> {
    let query = url.split_once('?').unwrap().1;
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(own, _)| own == name)
        .map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn a_sign_in_tells_who_it_is_and_gives_tokens() {
    let provider = FaultyProvider::start();
    let identity = Party::of(&provider).await.sign_in().await.unwrap();
    assert_eq!((identity.subject.as_str(), identity.sub.as_str()), ("ada", "ada"));
    assert_eq!(identity.session.as_deref(), Some("a-session"));
    assert_eq!(Preset::Generic.verified_email(&identity.claims), Some("ada@example.com"));
    assert_eq!(identity.tokens.access_token.expose(), "an-access-token");
    assert_eq!(identity.tokens.expires_in.unwrap().as_secs(), 300);
    assert!(identity.tokens.refresh_token.is_some() && identity.tokens.id_token.is_some());
    assert!(!format!("{identity:?}").contains("an-access-token"), "tokens are not shown");
}

#[tokio::test]
async fn the_browser_is_sent_with_all_that_protects_a_sign_in() {
    let provider = FaultyProvider::start();
    let party = Party::of(&provider).await;
    let begun = party.relying().begin(Ask::default()).unwrap();
    let asked = |name: &str| query(&begun.url, name);
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "elder"),
        ("redirect_uri", BACK),
        ("scope", "openid email"),
        ("state", &begun.pending.state),
        ("nonce", &begun.pending.nonce),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(asked(name).as_deref(), Some(value), "{name}");
    }
    assert!(["prompt", "login_hint", "max_age"].iter().all(|name| asked(name).is_none()));
    let ask = Ask { prompt: Some(Prompt::SelectAccount), login_hint: Some("a&b=c"), max_age: Some(60) };
    let begun = party.relying().begin(ask).unwrap();
    let asked = |name: &str| query(&begun.url, name);
    assert_eq!(asked("prompt").as_deref(), Some("select_account"));
    assert_eq!(asked("login_hint").as_deref(), Some("a&b=c"));
    assert_eq!(asked("max_age").as_deref(), Some("60"));
    assert!(!format!("{:?}", begun.pending).contains(&begun.pending.verifier), "what is kept is not shown");
}

#[tokio::test]
async fn a_client_proves_itself_in_each_of_its_ways() {
    let provider = FaultyProvider::start();
    let secret = |text: &str| Secret::new(text.to_owned());
    for (authentication, expected) in [
        (ClientAuthentication::SecretBasic(secret(SECRET)), "nothing"),
        (ClientAuthentication::SecretPost(secret(SECRET)), "nothing"),
        (ClientAuthentication::SecretBasic(secret("wrong")), "client_refused"),
        (ClientAuthentication::SecretPost(secret("wrong")), "client_refused"),
        (ClientAuthentication::None, "client_refused"),
        (
            ClientAuthentication::PrivateKeyJwt {
                key: secret("no key"),
                algorithm: Algorithm::RS256,
                kid: None,
                thumbprint: None,
            },
            "client_key_invalid",
        ),
    ] {
        let mut connection = connection(&provider.issuer());
        connection.authentication = authentication;
        let party = Party::at(provider.port(), connection).await.unwrap();
        assert_eq!(party.refusal().await, expected, "{:?}", party.connection.authentication);
    }
}

#[tokio::test]
async fn tokens_are_given_anew_to_the_same_user_alone() {
    let provider = FaultyProvider::start();
    let party = Party::of(&provider).await;
    let identity = party.sign_in().await.unwrap();
    let token = identity.tokens.refresh_token.unwrap();
    let refreshed = party.relying().refresh(&token, "ada").await.unwrap();
    assert_eq!(refreshed.tokens.access_token.expose(), "an-access-token");
    assert_eq!(refreshed.claims.unwrap()["sub"], "ada");
    for (fault, expected) in [
        (Fault::Claims(json!({"iss": "https://evil.example"})), Refusal::Issuer),
        (Fault::Claims(json!({"sub": "eve"})), Refusal::SubjectMismatch),
        (Fault::Claims(json!({"aud": "another"})), Refusal::Audience),
        (Fault::Says("/token", 400, r#"{"error":"invalid_grant"}"#.to_owned()), Refusal::GrantRefused),
    ] {
        provider.fault(fault.clone());
        let refused = party.relying().refresh(&token, "ada").await.unwrap_err();
        assert_eq!(refused.refusal(), Some(expected), "{fault:?}");
    }
    provider.fault(Fault::Token(json!({"id_token": null})));
    assert!(
        party.relying().refresh(&token, "ada").await.unwrap().claims.is_none(),
        "an ID token need not be there"
    );
}

#[tokio::test]
async fn what_is_asked_for_of_a_user_is_about_this_user() {
    let provider = FaultyProvider::start();
    let party = Party::of(&provider).await;
    let claims = party.relying().user_info("an-access-token", "ada").await.unwrap();
    assert_eq!(claims["name"], "Ada");
    let refused = party.relying().user_info("an-access-token", "eve").await.unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::SubjectMismatch));
    let refused = party.relying().user_info("another", "ada").await.unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::AnswerStatus));
    provider.fault(Fault::Discovery(json!({"userinfo_endpoint": null})));
    let without = Party::of(&provider).await;
    without.sign_in().await.unwrap();
    let refused = without.relying().user_info("an-access-token", "ada").await.unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::NoUserInfo));
}

#[tokio::test]
async fn a_description_is_kept_and_read_again_as_it_was() {
    let provider = FaultyProvider::start();
    let party = Party::of(&provider).await;
    let kept: Value = serde_json::to_value(&party.discovered).unwrap();
    assert_eq!(serde_json::from_value::<elder_oidc::Discovered>(kept).unwrap(), party.discovered);
}

#[tokio::test]
async fn a_connection_that_cannot_work_is_refused_before_anybody_is_called() {
    let provider = FaultyProvider::start();
    let outbound = crate::outbound(provider.port());
    let good = || connection(&provider.issuer());
    good().check(&outbound).unwrap();
    for (name, wrong) in [
        ("no algorithm", elder_oidc::Connection { algorithms: Vec::new(), ..good() }),
        ("a scope of two", elder_oidc::Connection { scopes: vec!["openid email".to_owned()], ..good() }),
        ("no redirect", elder_oidc::Connection { redirect_uri: "/callback".to_owned(), ..good() }),
        ("an empty directory", elder_oidc::Connection { directories: vec![String::new()], ..good() }),
        ("a fragment", elder_oidc::Connection { redirect_uri: format!("{BACK}#x"), ..good() }),
    ] {
        let refused = wrong.check(&outbound).unwrap_err();
        assert_eq!(refused.refusal(), Some(Refusal::ConnectionInvalid), "{name}");
    }
    assert_eq!(provider.asked("/.well-known/openid-configuration"), 0);
}
