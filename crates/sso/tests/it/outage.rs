//! Providers that are down, slow, or not who they say: a plain page in good time, and other tenants do not feel it.

use std::{
    net::{Ipv4Addr, TcpListener},
    thread,
    time::{Duration, Instant},
};

use elder_kernel::{Clock, ManualClock, Random, Seam};
use elder_saml::generate_key;
use elder_testkit::Fault;
use openssl::{
    pkey::PKey,
    ssl::{SslAcceptor, SslMethod},
    x509::X509,
};
use serde_json::json;

use crate::{
    browser::{Browser, back_from},
    op::Op,
    saml,
    saml_idp::{ANA, SamlIdp},
    world::{World, ana_but, own, set_up},
};

/// How long anybody waits for a page at the most.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server that takes connections and says nothing.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let taking = listener.try_clone().unwrap();
    thread::spawn(move || {
        let taken: Vec<_> = taking.incoming().collect();
        drop(taken);
    });
    (listener, url)
}

/// A server with a certificate that nobody has signed.
fn untrusted() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let seam = Seam { clock: Clock::new(ManualClock::new(Seam::system().now())), random: Random::system() };
    let key = generate_key(&seam, "127.0.0.1", 2048).unwrap();
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).unwrap();
    let private = PKey::private_key_from_pem(key.private_pem().unwrap().expose().as_bytes()).unwrap();
    acceptor.set_private_key(&private).unwrap();
    let certificate = X509::from_pem(key.certificate_pem().unwrap().as_bytes()).unwrap();
    acceptor.set_certificate(&certificate).unwrap();
    let acceptor = acceptor.build();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _refused = acceptor.accept(stream);
        }
    });
    url
}

/// Where nobody listens.
fn closed() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn r_11_a_provider_that_is_down_slow_or_untrusted_is_said_so_in_time_and_others_do_not_feel_it() {
    let world = World::making_accounts().await;
    let globex = world.app.other_tenant().await;
    own(&world.app, world.app.globex.id, "globex.com").await;
    let healthy = Op::start();
    let theirs = set_up(&globex, &healthy, json!({ "jit_provisioning_enabled": true })).await;
    let (_kept, slow) = silent();
    let good = |sub: &str| ana_but(json!({ "sub": sub, "email": format!("{sub}@globex.com") }));
    for (name, issuer, reason) in [
        ("Down", closed(), "connection_failed"),
        ("Slow", slow, "timed_out"),
        ("Untrusted", untrusted(), "certificate_invalid"),
    ] {
        let settings = json!({ "name": name, "oidc_issuer_url": issuer });
        let broken = set_up(&world.admin, &world.op, settings).await;
        let begun = Instant::now();
        let waiting = async {
            let browser = Browser::open(&world.app);
            let got = browser.get(&format!("/sso/oidc/authorize/{broken}")).await;
            assert!(begun.elapsed() < PATIENCE, "{name}: {:?}", begun.elapsed());
            got.is_refused().says(&format!("Signing in with {name} did not work")).says("does not answer");
            let number = "select correlation_id from audit_logs where action = 'sso.sign_in_failed'
                order by xmin::text::bigint desc limit 1";
            let number: String = world.app.superuser.query_one(number, &[]).await.unwrap().get(0);
            got.says(&number);
        };
        let others = async {
            let begun = Instant::now();
            let (browser, got) = back_from(&world.app, &healthy, &theirs, good(&name.to_lowercase())).await;
            assert_eq!(got.leads_to(), "/account", "{name}");
            assert!(browser.account().await.is_some());
            assert!(begun.elapsed() < PATIENCE, "{name}: {:?}", begun.elapsed());
        };
        tokio::join!(waiting, others);
        assert_eq!(world.reason().await, reason, "{name}");
    }
}

#[tokio::test]
async fn r_11_a_provider_that_grows_slow_while_somebody_is_there_is_said_so_in_time() {
    let world = World::making_accounts().await;
    for path in ["/token", "/jwks"] {
        world.op.fault(None);
        world.op.says(ana_but(json!({})));
        let renamed = json!({ "name": format!("Slow at {path}") });
        world.admin.patch(&format!("/api/v2/identity-providers/{}", world.idp), renamed).await.expect(200);
        let browser = Browser::open(&world.app);
        let back = browser.go(&world.idp, "").await;
        world.op.fault(Fault::Slow(path, Duration::from_secs(30)));
        let begun = Instant::now();
        browser.get(&back).await.is_refused().says("did not work");
        assert!(begun.elapsed() < PATIENCE, "{path}: {:?}", begun.elapsed());
        assert_eq!(browser.account().await, None);
    }
}

#[tokio::test]
async fn r_11_metadata_that_does_not_come_keeps_nobody_waiting_for_an_unknown_key() {
    let world = saml::World::with(json!({})).await;
    let (_kept, slow) = silent();
    let point = "update idp_configurations set metadata_url = $1";
    world.app.superuser.execute(point, &[&format!("{slow}/metadata")]).await.unwrap();
    let browser = Browser::open(&world.app);
    let there = browser.get(&world.path("login")).await.leads_to();
    let (asked, stranger) = (SamlIdp::asked(&there), world.idp.with_another_key());
    let answer = stranger.answer(&world.set_up, Some(&asked.id), &ANA, world.app.seam.now());
    let begun = Instant::now();
    let got = world.bring(&browser, &(answer, asked.relay_state)).await;
    got.is_refused();
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    // The provider's own key is good meanwhile.
    world.sign_in(&ANA).await;
}
