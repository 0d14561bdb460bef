//! Signing out, from both sides.

use elder_kernel::Secret;
use elder_oidc::Refusal;
use elder_testkit::{Fault, FaultyProvider, Signer};
use serde_json::{Value, json};

use crate::Party;

#[tokio::test]
async fn a_browser_signs_out_at_the_provider() {
    let provider = FaultyProvider::start();
    let party = Party::of(&provider).await;
    let token = Secret::new("a.b.c".to_owned());
    let url = party
        .relying()
        .logout_url(Some(&token), Some("https://elder.example/bye?a=b"), Some("-s=t"))
        .unwrap();
    let back = "https%3A%2F%2Felder.example%2Fbye%3Fa%3Db";
    let query =
        format!("by=elder&client_id=elder&id_token_hint=a.b.c&post_logout_redirect_uri={back}&state=-s%3Dt");
    assert_eq!(url, format!("{}/logout?{query}", provider.issuer()));
    let url = party.relying().logout_url(None, None, None).unwrap();
    assert_eq!(url, format!("{}/logout?by=elder&client_id=elder", provider.issuer()));
    provider.fault(Fault::Discovery(json!({"end_session_endpoint": null})));
    let refused = Party::of(&provider).await.relying().logout_url(None, None, None).unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::NoLogout));
}

#[tokio::test]
async fn o_21_a_logout_token_names_the_session_or_the_user() {
    let provider = FaultyProvider::start();
    let party = Party::of(&provider).await;
    for (claims, session, sub) in [
        (json!({"sid": "a-session"}), Some("a-session"), None),
        (json!({"sub": "ada"}), None, Some("ada")),
        (json!({"sid": "a-session", "sub": "ada"}), Some("a-session"), Some("ada")),
        (json!({"sub": "ada", "exp": null}), None, Some("ada")),
        (json!({"sub": "ada", "aud": ["other", "elder"]}), None, Some("ada")),
    ] {
        let logout = party.relying().verify_logout(&provider.logout_token(&claims)).await.unwrap();
        assert_eq!((logout.session.as_deref(), logout.sub.as_deref()), (session, sub), "{claims}");
        assert_eq!(logout.id, "a-logout");
        assert!(logout.remembered_until > party.seam.now());
    }
}

#[tokio::test]
async fn o_21_a_logout_token_with_a_fault_ends_nothing() {
    let provider = FaultyProvider::start();
    let party = Party::of(&provider).await;
    let now = party.seam.now().timestamp();
    let good = json!({"sid": "a-session"});
    let events = |events: Value| Fault::Claims(json!({"events": events}));
    for (name, fault, expected) in [
        ("alg-none", Fault::Header(json!({"alg": "none"})), Refusal::TokenAlgorithm),
        ("wrong-alg", Fault::Header(json!({"alg": "HS256"})), Refusal::TokenAlgorithm),
        ("another key", Fault::Signed(Signer::Stranger), Refusal::Signature),
        (
            "an ID token's type is let pass, an access token's is not",
            Fault::Header(json!({"typ": "at+jwt"})),
            Refusal::TokenKind,
        ),
        ("no-event", events(json!(null)), Refusal::LogoutEvent),
        ("wrong-event", events(json!({"http://schemas.openid.net/event/other": {}})), Refusal::LogoutEvent),
        (
            "an event of another form",
            events(json!(["http://schemas.openid.net/event/backchannel-logout"])),
            Refusal::LogoutEvent,
        ),
        ("with-nonce", Fault::Claims(json!({"nonce": "n"})), Refusal::LogoutNonce),
        ("wrong-aud", Fault::Claims(json!({"aud": "another"})), Refusal::Audience),
        ("missing-aud", Fault::Claims(json!({"aud": null})), Refusal::ClaimMissing),
        ("wrong-iss", Fault::Claims(json!({"iss": "https://evil.example"})), Refusal::Issuer),
        ("missing-iat", Fault::Claims(json!({"iat": null})), Refusal::ClaimMissing),
        ("old", Fault::Claims(json!({"iat": now - 600})), Refusal::IssuedAt),
        ("from the future", Fault::Claims(json!({"iat": now + 600})), Refusal::IssuedAt),
        ("expired", Fault::Claims(json!({"exp": now - 120})), Refusal::Expired),
        ("no jti", Fault::Claims(json!({"jti": null})), Refusal::ClaimMissing),
        ("an empty jti", Fault::Claims(json!({"jti": ""})), Refusal::ClaimMissing),
        ("nobody", Fault::Claims(json!({"sid": null})), Refusal::LogoutTarget),
        ("a session of another form", Fault::Claims(json!({"sid": 7, "sub": "ada"})), Refusal::ClaimMissing),
        ("a user of another form", Fault::Claims(json!({"sub": ""})), Refusal::SubjectInvalid),
    ] {
        provider.fault(fault);
        let refused = party.relying().verify_logout(&provider.logout_token(&good)).await.unwrap_err();
        assert_eq!(refused.refusal(), Some(expected), "{name}");
    }
    provider.heal();
    party.relying().verify_logout(&provider.logout_token(&good)).await.unwrap();
}

#[tokio::test]
async fn o_21_an_id_token_is_no_logout_token() {
    let provider = FaultyProvider::start();
    let party = Party::of(&provider).await;
    let identity = party.sign_in().await.unwrap();
    let refused =
        party.relying().verify_logout(identity.tokens.id_token.unwrap().expose()).await.unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::LogoutEvent));
}
