//! The whole protocol with providers that others have written: `SimpleSAMLphp`, and one made of pysaml2.

use elder_kernel::{Clock, FindingOutcome as Outcome, Random, Seam};
use elder_saml::{
    Answer, Arrived, AuthnRequest, Expected, Fault, Form, Idp, LogoutAnswer, LogoutExpected, LogoutRequest,
    LogoutResponse, LogoutWish, NameIdFormat, RelayState, RequestId, ServiceProvider, SignedIn, Topic,
    examine, generate_key,
};
use elder_testkit::{Browser, PySaml2, SimpleSamlPhp};
use reqwest::Url;

use crate::{ACS, SLO, SP};

/// A service provider that is known to a provider of another's.
pub(crate) struct Peer {
    pub(crate) sp: ServiceProvider,
    pub(crate) idp: Idp,
    browser: Browser,
}

pub(crate) fn service_provider() -> ServiceProvider {
    let keys = vec![generate_key(&Seam::system(), "Elder", 2048).unwrap()];
    ServiceProvider { entity_id: SP.to_owned(), acs_url: ACS.to_owned(), slo_url: Some(SLO.to_owned()), keys }
}

impl Peer {
    pub(crate) async fn new(sp: ServiceProvider, metadata_url: &str) -> Self {
        let browser = Browser::default();
        let (_, metadata) = browser.go(metadata_url, ACS).await;
        let idp =
            Idp::from_metadata(metadata.as_bytes()).unwrap_or_else(|fault| panic!("{fault}: {metadata}"));
        Self { sp, idp, browser }
    }

    /// Begins a sign-in. Gives the request's id and the page that the provider shows.
    pub(crate) async fn ask(&self, request: &AuthnRequest) -> (RequestId, RelayState, String, String) {
        let state = RelayState::random(&Random::system());
        let sent = request.send(&self.sp, &self.idp, Some(&state), &Seam::system()).unwrap();
        let Form::Redirect(url) = sent.form else { panic!("no redirect") };
        let (place, page) = self.browser.go(&url, ACS).await;
        (sent.id, state, place, page)
    }

    pub(crate) fn read(&self, page: &str, expected: &Expected) -> Result<SignedIn, Fault> {
        assert_eq!(attribute(page, "action=\""), ACS, "{page}");
        Answer::read(&field(page, "SAMLResponse"), &self.sp, &self.idp, expected)
    }

    /// Ends the session at the provider, as the service provider wishes it.
    async fn log_out(&self, who: &SignedIn) -> LogoutAnswer {
        let indexes: Vec<String> = who.session_index.clone().into_iter().collect();
        let wish = LogoutRequest { name_id: &who.name_id, session_indexes: &indexes };
        let sent = wish.send(&self.sp, &self.idp, None, &Seam::system()).unwrap();
        let Form::Redirect(url) = sent.form else { panic!("no redirect") };
        let (place, page) = self.browser.go(&url, SLO).await;
        let (_, query) = place.split_once('?').unwrap_or_else(|| panic!("{place}: {page}"));
        LogoutAnswer::read(Arrived::Redirect(query), &self.sp, &self.idp, &sent.id, &logout()).unwrap()
    }

    /// Lets the provider end its sessions, and answers it.
    async fn be_logged_out(&self, url: &str) -> (LogoutWish, String) {
        let (place, page) = self.browser.go(url, SLO).await;
        let (_, query) = place.split_once('?').unwrap_or_else(|| panic!("{place}: {page}"));
        let wish = LogoutWish::read(Arrived::Redirect(query), &self.sp, &self.idp, &logout()).unwrap();
        let answer = LogoutResponse { in_response_to: &wish.id, success: true };
        let sent = answer.send(&self.sp, &self.idp, wish.relay_state.as_deref(), &Seam::system()).unwrap();
        let Form::Redirect(url) = sent.form else { panic!("no redirect") };
        let (_, page) = self.browser.go(&url, SLO).await;
        (wish, page)
    }
}

pub(crate) fn answer_to(request: RequestId) -> Expected {
    Expected::answer_to(request, Clock::system().now())
}

fn unsolicited() -> Expected {
    Expected::unsolicited(Clock::system().now())
}

fn logout() -> LogoutExpected {
    LogoutExpected { now: Clock::system().now(), skew: chrono::TimeDelta::seconds(60) }
}

/// What stands in a page between this and the next quotation mark.
fn attribute(page: &str, before: &str) -> String {
    let (_, rest) = page.split_once(before).unwrap_or_else(|| panic!("no {before}: {page}"));
    let text = rest.split('"').next().unwrap();
    text.replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#039;", "'")
        .replace("&amp;", "&")
}

/// The value of a hidden field.
pub(crate) fn field(page: &str, name: &str) -> String {
    let (_, rest) =
        page.split_once(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("no {name}: {page}"));
    attribute(rest, "value=\"")
}

pub(crate) fn signed() -> AuthnRequest {
    AuthnRequest { name_id_format: Some(NameIdFormat::Persistent), sign: true, ..AuthnRequest::default() }
}

/// Signs in at the page of `SimpleSAMLphp`.
async fn type_password(peer: &Peer, place: &str, page: &str, name: &str) -> String {
    let address = Url::parse(place)
        .unwrap()
        .join(&attribute(page, "<form action=\""))
        .unwrap_or_else(|_| panic!("{page}"));
    let (state, password) = (field(page, "AuthState"), format!("{name}-pw"));
    let form = [("username", name), ("password", &*password), ("AuthState", &*state)];
    peer.browser.send(address.as_str(), &form, ACS).await.1
}

#[tokio::test]
async fn people_sign_in_and_out_at_simplesamlphp() {
    let php = SimpleSamlPhp::start(false);
    let sp = service_provider();
    php.trust(&sp.metadata().unwrap());
    let peer = Peer::new(sp, &php.metadata_url()).await;
    assert!(peer.idp.want_authn_requests_signed);
    let findings = examine(&peer.idp, Clock::system().now());
    let open = findings.iter().find(|finding| finding.topic == Topic::Endpoints).unwrap();
    assert_eq!(open.outcome, Outcome::Warning, "it is called without TLS here");

    let (request, state, place, page) = peer.ask(&signed()).await;
    let page = type_password(&peer, &place, &page, "ada").await;
    assert_eq!(field(&page, "RelayState"), state.as_str());
    assert_eq!(peer.read(&page, &answer_to(RequestId::kept("_other"))), Err(Fault::InResponseTo));
    let who = peer
        .read(&page, &answer_to(request.clone()))
        .unwrap_or_else(|fault| panic!("{fault}: {}", php.log()));
    assert_eq!((&*who.name_id.value, who.in_response_to), ("ada", Some(request)));
    assert_eq!(who.name_id.format.as_deref(), Some(NameIdFormat::Persistent.urn()));
    assert_eq!(
        who.attributes.iter().find(|known| known.name == "groups").unwrap().values,
        ["staff", "admins"]
    );
    assert!(who.session_index.is_some() && who.session_not_on_or_after.is_some());

    // Now that there is a session, nobody is asked again, except if that is wished.
    let by_mail = AuthnRequest { name_id_format: Some(NameIdFormat::EmailAddress), ..signed() };
    let (request, _, _, page) = peer.ask(&by_mail).await;
    assert_eq!(peer.read(&page, &answer_to(request)).unwrap().name_id.value, "ada@example.com");
    let (_, _, _, page) = peer.ask(&AuthnRequest { force_authn: true, ..signed() }).await;
    assert!(page.contains("AuthState"), "{page}");

    let (_, page) = peer.browser.go(&php.start_url(SP), ACS).await;
    let unasked = peer.read(&page, &unsolicited()).unwrap();
    assert_eq!(unasked.in_response_to, None);
    assert_eq!(peer.read(&page, &answer_to(RequestId::kept("_waits"))), Err(Fault::Unsolicited));

    assert!(peer.log_out(&unasked).await.success, "{}", php.log());
    let (request, _, _, page) = peer.ask(&AuthnRequest { is_passive: true, ..signed() }).await;
    assert_eq!(
        peer.read(&page, &answer_to(request)),
        Err(Fault::StatusNoPassive),
        "nobody is signed in any more"
    );
}

#[tokio::test]
async fn simplesamlphp_ends_sessions_here() {
    let php = SimpleSamlPhp::start(false);
    let sp = service_provider();
    php.trust(&sp.metadata().unwrap());
    let peer = Peer::new(sp, &php.metadata_url()).await;
    let (request, _, place, page) = peer.ask(&signed()).await;
    let page = type_password(&peer, &place, &page, "grace").await;
    let who = peer.read(&page, &answer_to(request)).unwrap();
    let (wish, page) = peer.be_logged_out(&php.logout_url()).await;
    assert_eq!(
        (wish.name_id.value, wish.session_indexes),
        ("grace".to_owned(), vec![who.session_index.unwrap()])
    );
    assert!(!page.contains("Unhandled exception"), "{page}\n{}", php.log());
    let (request, _, _, page) = peer.ask(&AuthnRequest { is_passive: true, ..signed() }).await;
    assert_eq!(
        peer.read(&page, &answer_to(request)),
        Err(Fault::StatusNoPassive),
        "it has ended its own as well"
    );
}

#[tokio::test]
async fn s_08_simplesamlphp_in_aes_cbc_is_refused_until_it_is_allowed() {
    let php = SimpleSamlPhp::start(true);
    let sp = service_provider();
    php.trust(&sp.metadata().unwrap());
    let peer = Peer::new(sp, &php.metadata_url()).await;
    let (request, _, place, page) = peer.ask(&signed()).await;
    let page = type_password(&peer, &place, &page, "ada").await;
    assert_eq!(peer.read(&page, &answer_to(request.clone())), Err(Fault::EncryptionAlgorithm));
    let allowed = Expected { allow_cbc: true, ..answer_to(request) };
    assert_eq!(peer.read(&page, &allowed).unwrap().name_id.value, "ada");
}

#[tokio::test]
async fn simplesamlphp_takes_no_request_that_we_have_not_signed() {
    let (php, sp) = (SimpleSamlPhp::start(false), service_provider());
    php.trust(&sp.metadata().unwrap());
    let peer = Peer::new(sp, &php.metadata_url()).await;
    let (_, _, _, page) = peer.ask(&signed()).await;
    assert!(page.contains("AuthState"), "{page}");
    let other = Peer { sp: service_provider(), ..Peer::new(service_provider(), &php.metadata_url()).await };
    let (_, _, _, page) = other.ask(&signed()).await;
    assert!(!page.contains("AuthState"), "by a key that it does not know: {page}");
}

#[tokio::test]
async fn people_sign_in_and_out_at_pysaml2() {
    for (sign, cipher) in [
        (&["assertion"][..], None),
        (&["response"], None),
        (&["response", "assertion"], None),
        (&["assertion"], Some("gcm")),
        (&["response", "assertion"], Some("gcm")),
    ] {
        let sp = service_provider();
        let python = PySaml2::start(&sp.metadata().unwrap(), sign, cipher);
        let peer = Peer::new(sp, &python.url("metadata")).await;
        let (request, state, _, page) = peer.ask(&signed()).await;
        assert_eq!(field(&page, "RelayState"), state.as_str());
        let who = peer
            .read(&page, &answer_to(request))
            .unwrap_or_else(|fault| panic!("{fault} {sign:?} {cipher:?}"));
        assert_eq!(who.name_id.value, "ada", "{sign:?} {cipher:?}");
        assert_eq!(who.values("mail").collect::<Vec<_>>(), ["ada@example.com"]);
        assert_eq!(who.values("eduPersonAffiliation").collect::<Vec<_>>(), ["staff", "admins"]);

        let (_, page) = peer.browser.go(&python.url("start?RelayState=portal"), ACS).await;
        assert_eq!(peer.read(&page, &unsolicited()).unwrap().name_id.value, "ada");
        assert_eq!(field(&page, "RelayState"), "portal");

        assert!(peer.log_out(&who).await.success);
        let heard = python.heard().await;
        assert_eq!(heard[0]["name"], "ada", "{heard}");
        assert_eq!(heard[0]["sessions"][0].as_str(), who.session_index.as_deref());

        let (wish, page) = peer.be_logged_out(&python.url("end?session=s1")).await;
        assert_eq!((&*wish.name_id.value, &*wish.session_indexes), ("ada", &["s1".to_owned()][..]));
        assert_eq!(wish.relay_state.as_deref(), Some("state of pysaml2"));
        assert_eq!(page, "signed out");
        let heard = python.heard().await;
        assert_eq!(heard[1]["to"], wish.id, "{heard}");
        assert_eq!(heard[1]["status"], "urn:oasis:names:tc:SAML:2.0:status:Success");
    }
}

#[tokio::test]
async fn s_08_pysaml2_in_3des_is_refused() {
    let sp = service_provider();
    let python = PySaml2::start(&sp.metadata().unwrap(), &["response", "assertion"], Some("3des"));
    let peer = Peer::new(sp, &python.url("metadata")).await;
    let (request, _, _, page) = peer.ask(&signed()).await;
    let allowed = Expected { allow_cbc: true, ..answer_to(request) };
    assert_eq!(peer.read(&page, &allowed), Err(Fault::EncryptionAlgorithm));
}

#[tokio::test]
async fn pysaml2_takes_no_request_that_we_have_not_signed() {
    let sp = service_provider();
    let python = PySaml2::start(&sp.metadata().unwrap(), &["assertion"], None);
    let peer = Peer::new(service_provider(), &python.url("metadata")).await;
    let (_, _, _, page) = peer.ask(&signed()).await;
    assert!(!page.contains("SAMLResponse"), "by a key that it does not know: {page}");
}
