//! Whatever is sent as an answer or a logout of SAML, or read as the description of a provider.

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use elder_kernel::Seam;
use elder_saml::{
    Answer, Arrived, Binding, Expected, Fault, Idp, IdpSettings, LogoutExpected, LogoutWish, ServiceProvider,
    generate_key,
};

const NOWHERE: &str = "https://127.0.0.1/";

struct Party {
    sp: ServiceProvider,
    idp: Idp,
}

static PARTY: LazyLock<Option<Party>> = LazyLock::new(|| {
    let key = || generate_key(&Seam::system(), "fuzz", 2048).ok();
    let settings = IdpSettings {
        entity_id: NOWHERE,
        sso_url: NOWHERE,
        sso_binding: Binding::Redirect,
        slo_url: None,
        certificates: &[key()?.certificate_pem().ok()?],
        want_authn_requests_signed: false,
    };
    let own = || NOWHERE.to_owned();
    let sp = ServiceProvider { entity_id: own(), acs_url: own(), slo_url: Some(own()), keys: vec![key()?] };
    Some(Party { sp, idp: Idp::from_settings(&settings).ok()? })
});

/// No bytes sign anybody in or out, and none bring a library down.
pub fn saml_answer(bytes: &[u8]) {
    let Some(Party { sp, idp }) = &*PARTY else { return };
    let now = Seam::system().now();
    let expected = Expected { allow_cbc: true, ..Expected::unsolicited(now) };
    let form = BASE64_STANDARD.encode(bytes);
    let verdict = Answer::read(&form, sp, idp, &expected).map(drop);
    assert_refused(verdict);
    let logout = LogoutExpected { now, skew: expected.skew };
    let post = Arrived::Post { message: &form, relay_state: None };
    assert_refused(LogoutWish::read(post, sp, idp, &logout).map(drop));
    if let Ok(query) = str::from_utf8(bytes) {
        assert_refused(LogoutWish::read(Arrived::Redirect(query), sp, idp, &logout).map(drop));
    }
}

fn assert_refused(verdict: Result<(), Fault>) {
    assert!(verdict.is_err_and(|fault| fault != Fault::Library), "{verdict:?}");
}

/// A description that is read has what a sign-in needs, and can be kept.
pub fn saml_metadata(bytes: &[u8]) {
    let Ok(idp) = Idp::from_metadata(bytes) else { return };
    assert!(!idp.entity_id.is_empty() && !idp.sso.is_empty() && !idp.signing_certificates.is_empty());
    let kept = serde_json::to_vec(&idp).map(|json| serde_json::from_slice::<Idp>(&json));
    assert!(matches!(kept, Ok(Ok(again)) if again == idp), "what is kept is what was read");
}
