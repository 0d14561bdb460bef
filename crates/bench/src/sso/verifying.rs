//! The least that a sign-in by a provider costs: reading what was signed, by the same code, on all cores.

use std::{
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread,
};

use elder_oidc::{
    Algorithm, ClientAuthentication, Connection, Discovered, Keys, Preset, RelyingParty, discover,
};
use elder_outbound::http::{AllowedHost, Outbound};
use elder_saml::{Answer, Binding, Expected, Idp, IdpSettings, RequestId, ServiceProvider};
use serde_json::{Value, json};

use super::{cores, oidc, saml, seam, sign_in::Known};
use crate::{
    fault::Fault,
    load::Timing,
    measure::{Sample, Watch},
};

/// Tokens that the provider has signed: form, algorithm, key and signature, and a few claims.
pub(super) fn of_tokens(provider: &oidc::Provider, postmaster: u32, timing: Timing) -> Result<Sample, Fault> {
    let seam = seam();
    let here = AllowedHost { host: "127.0.0.1".to_owned(), port: None };
    let outbound =
        Outbound::new(vec![here], None, &seam.clock).map_err(|error| Fault::broken(error.to_string()))?;
    let connection = Connection {
        preset: Preset::Generic,
        issuer: provider.issuer.clone(),
        client_id: oidc::CLIENT.to_owned(),
        authentication: ClientAuthentication::None,
        scopes: Vec::new(),
        redirect_uri: "http://elder/back".to_owned(),
        algorithms: vec![Algorithm::RS256],
        directories: Vec::new(),
    };
    let keys = Keys::default();
    let now = seam.now().timestamp();
    let token = provider.signed(&json!({
        "iss": provider.issuer, "sub": "person-1", "aud": oidc::CLIENT, "iat": now, "exp": now + 600, "jti": "1",
        "email": "user1@example.com", "name": "Given1 Family1", "sid": "session-1",
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    }))?;
    let asking = || tokio::runtime::Builder::new_current_thread().enable_all().build();
    let discovered: Discovered = asking()?
        .block_on(discover(&outbound, &connection))
        .map_err(|error| Fault::broken(error.to_string()))?;
    let party = RelyingParty {
        outbound: &outbound,
        connection: &connection,
        discovered: &discovered,
        keys: &keys,
        seam: &seam,
    };
    over_and_over(postmaster, timing, || {
        let runtime = asking()?;
        let token = &token;
        Ok(move || {
            let read = runtime.block_on(party.verify_logout(token));
            read.map(drop).map_err(|error| Fault::broken(error.to_string()))
        })
    })
}

/// Answers that the provider has signed: all that is looked at before anybody is looked for.
pub(super) fn of_answers(
    provider: &saml::Provider,
    known: &Known,
    (answers, postmaster): (&[String], u32),
    timing: Timing,
) -> Result<Sample, Fault> {
    let told = |name: &str| {
        let text = known.shown.pointer(&format!("/service_provider/{name}")).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let sp = ServiceProvider {
        entity_id: told("entity_id"),
        acs_url: told("acs_url"),
        slo_url: None,
        keys: Vec::new(),
    };
    let idp = Idp::from_settings(&IdpSettings {
        entity_id: saml::ENTITY,
        sso_url: saml::SSO,
        sso_binding: Binding::Redirect,
        slo_url: None,
        certificates: std::slice::from_ref(&provider.certificate),
        want_authn_requests_signed: false,
    });
    let idp = idp.map_err(|fault| Fault::broken(fault.code()))?;
    let seam = seam();
    over_and_over(postmaster, timing, || {
        let mut next = answers.iter().cycle();
        let (sp, idp, seam) = (&sp, &idp, &seam);
        Ok(move || {
            let answer = next.next().ok_or_else(|| Fault::broken("there are no answers"))?;
            let expected = Expected {
                now: seam.now(),
                skew: chrono::TimeDelta::seconds(60),
                unsolicited: false,
                request: Some(RequestId::kept(saml::answered(answer)?)),
                allow_cbc: false,
                authn_contexts: Vec::new(),
                authenticated_since: None,
            };
            Answer::read(answer, sp, idp, &expected).map(drop).map_err(|fault| Fault::broken(fault.code()))
        })
    })
}

/// Does it on as many threads as there are cores, and counts.
fn over_and_over<W: FnMut() -> Result<(), Fault>>(
    postmaster: u32,
    timing: Timing,
    work: impl Fn() -> Result<W, Fault> + Sync,
) -> Result<Sample, Fault> {
    let watch = Watch { server: std::process::id(), postmaster };
    let (done, stop) = (AtomicU32::new(0), AtomicBool::new(false));
    let until_stopped = || -> Result<(), Fault> {
        let mut once = work()?;
        while !stop.load(Ordering::Relaxed) {
            once()?;
            done.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores()).map(|_| scope.spawn(until_stopped)).collect();
        let look = |pause| -> Result<_, Fault> {
            thread::sleep(pause);
            Ok((watch.look()?, done.load(Ordering::Relaxed)))
        };
        let looks = look(timing.warm_up).and_then(|before| Ok((before, look(timing.window)?)));
        stop.store(true, Ordering::Relaxed);
        for worker in workers {
            worker.join().map_err(|_| Fault::broken("a verifying thread panicked"))??;
        }
        let ((before, done_before), (after, done_after)) = looks?;
        Ok(Sample { postgres_us: f64::NAN, ..before.sample(&after, done_after - done_before, &[]) })
    })
}
