//! What a call reaches and what it does not, with names that lead wherever a test wants.

use std::{
    io,
    net::IpAddr,
    sync::atomic::{AtomicUsize, Ordering},
};

use elder_testkit::{Said, Wire};

use super::{address::is_public, resolver::Lookup, *};

/// Addresses of W-20, and others that lead to somebody's own machines.
const PRIVATE: [&str; 42] = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:0:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "ff02::1",
];
const PUBLIC: [&str; 10] = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "172.15.0.1",
    "172.32.0.1",
    "192.0.1.1",
    "223.255.255.255",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
];

/// Leads every name to the next of these sets of addresses, and to the last one for ever.
struct Leads {
    sets: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Resolver for Arc<Leads> {
    fn addresses(&self, _: &str) -> Lookup {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        let set = self.sets[asked.min(self.sets.len() - 1)].clone();
        Box::pin(async move { if set.is_empty() { Err(io::Error::other("nobody")) } else { Ok(set) } })
    }
}

fn leads(sets: &[&[&str]]) -> Arc<Leads> {
    let set = |set: &&[&str]| set.iter().map(|address| address.parse().unwrap()).collect();
    Arc::new(Leads { sets: sets.iter().map(set).collect(), asked: AtomicUsize::new(0) })
}

fn outbound(allowed: &[(&str, Option<u16>)], leads: &Arc<Leads>, timeout: Duration) -> Outbound {
    let allowed = allowed.iter().map(|(host, port)| AllowedHost { host: (*host).to_owned(), port: *port });
    let resolver: Arc<dyn Resolver> = Arc::new(Arc::clone(leads));
    let tls = super::line::trust(None).unwrap();
    Outbound::with(Policy::new(allowed.collect()), &[], tls, &Clock::system(), &resolver, timeout).unwrap()
}

/// May call this machine by the name `idp.example`, at any port.
fn local() -> Outbound {
    outbound(&[("idp.example", None)], &leads(&[&["127.0.0.1"]]), TIMEOUT)
}

async fn get(outbound: &Outbound, url: &str) -> Result<String, &'static str> {
    let request = Request::get(url).header("authorization", "Bearer secret").body(Vec::new()).unwrap();
    let answer = outbound.call(request).await.map_err(|error| error.code())?;
    Ok(String::from_utf8_lossy(answer.body()).into_owned())
}

fn says(status: u16, headers: &'static [(&'static str, &'static str)], body: &'static str) -> Wire {
    Wire::serve(move |_| Said::new(status, headers, body))
}

fn named(wire: &Wire) -> String {
    format!("http://idp.example:{}/", wire.port())
}

#[test]
fn only_a_host_that_the_operator_has_named_is_told_of_the_trace() {
    let told = |reach, parent: Option<&str>| {
        let headers = traced(HeaderMap::new(), reach, parent.map(ToOwned::to_owned));
        headers.get("traceparent").map(|value| value.to_str().unwrap().to_owned())
    };
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    assert_eq!(told(Reach::Anywhere, Some(parent)).as_deref(), Some(parent));
    assert_eq!(told(Reach::Public, Some(parent)), None);
    assert_eq!(told(Reach::Anywhere, None), None, "nobody wants traces");
}

#[test]
fn w_20_addresses_of_private_networks_are_no_public_ones() {
    for address in PRIVATE {
        assert!(!is_public(address.parse().unwrap()), "{address}");
    }
    for address in PUBLIC {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
}

#[tokio::test]
async fn w_20_no_url_leads_to_a_private_address_in_whatever_form_it_is_written() {
    let outbound = outbound(&[], &leads(&[&["127.0.0.1"]]), TIMEOUT);
    for address in PRIVATE {
        let host = if address.contains(':') { format!("[{address}]") } else { address.to_owned() };
        let url = format!("https://{host}/");
        assert_eq!(outbound.check(&url).map_err(|error| error.code()), Err("address_refused"), "{url}");
        assert_eq!(get(&outbound, &url).await, Err("address_refused"), "{url}");
    }
    for (url, code) in [
        ("https://2130706433/", "address_refused"),
        ("https://0x7f000001/", "address_refused"),
        ("https://0177.0.0.1/", "address_refused"),
        ("https://127.1/", "address_refused"),
        ("https://127.0.0.1./", "address_refused"),
        ("https://user@example.com/", "url_has_credentials"),
        ("https://:password@example.com/", "url_has_credentials"),
        ("https://8.8.8.8@127.0.0.1/", "url_has_credentials"),
        ("http://example.com/", "https_required"),
        ("ftp://example.com/", "https_required"),
        ("unix:/var/run/docker.sock", "url_invalid"),
        ("file:///etc/passwd", "url_invalid"),
        ("data:text/plain,a", "url_invalid"),
        ("https://example.com:22/", "port_refused"),
        ("https://example.com:80/", "port_refused"),
        ("example.com", "url_invalid"),
        ("", "url_invalid"),
    ] {
        assert_eq!(outbound.check(url).map_err(|error| error.code()), Err(code), "{url}");
    }
    for url in
        ["https://example.com/", "https://example.com:8443/", "https://8.8.8.8/", "https://müller.example/"]
    {
        outbound.check(url).unwrap();
    }
}

#[tokio::test]
async fn w_21_a_name_is_called_only_at_those_of_its_addresses_that_are_public() {
    for name in ["localhost", "localhost.", "elder.internal", "idp.example"] {
        let outbound = outbound(&[], &leads(&[&["127.0.0.1", "::1", "fd00::1"]]), TIMEOUT);
        assert_eq!(get(&outbound, &format!("https://{name}/")).await, Err("address_refused"), "{name}");
    }
    // Mixed: what is public is tried, and the private one, where somebody listens, is not.
    let wire = says(200, &[], "private");
    let outbound = outbound(&[], &leads(&[&["127.0.0.1", "240.0.0.1"]]), Duration::from_millis(300));
    assert_eq!(
        get(&outbound, &format!("https://idp.example:{}/", wire.port())).await,
        Err("address_refused")
    );
    let unknown = self::outbound(&[], &leads(&[&[]]), TIMEOUT);
    assert_eq!(get(&unknown, "https://idp.example/").await, Err("name_not_resolved"));
}

#[tokio::test]
async fn w_21_a_name_that_changes_its_address_is_connected_to_only_where_it_was_checked() {
    // The first answer is one that nobody routes, the second is this machine: it is never asked for a second one.
    let leads = leads(&[&["2e00::1"], &["127.0.0.1"]]);
    let rebound = outbound(&[], &leads, Duration::from_millis(300));
    let wire = says(200, &[], "private");
    let answer = get(&rebound, &format!("https://idp.example:{}/", wire.port())).await;
    assert!(matches!(answer, Err("timed_out" | "connection_failed")), "{answer:?}");
    assert_eq!(leads.asked.load(Ordering::Relaxed), 1);
    // The next call asks again, and is refused.
    let answer = get(&rebound, &format!("https://idp.example:{}/", wire.port())).await;
    assert_eq!(answer, Err("address_refused"));
}

#[tokio::test]
async fn only_what_the_operator_has_named_may_be_private_and_speak_plain_http() {
    let wire = says(200, &[], "here");
    assert_eq!(get(&local(), &named(&wire)).await.as_deref(), Ok("here"));
    let port = wire.port();
    for (host, allowed, url, expected) in [
        ("127.0.0.1", Some(port), wire.url(), Ok("here")),
        ("127.0.0.1", None, wire.url(), Ok("here")),
        ("IDP.example.", None, named(&wire), Ok("here")),
        ("127.0.0.1", Some(port + 1), wire.url(), Err("https_required")),
        ("127.0.0.2", None, wire.url(), Err("https_required")),
        ("example", None, named(&wire), Err("https_required")),
        ("127.0.0.1", None, named(&wire), Err("https_required")),
        ("127.0.0.1", None, format!("http://[::ffff:127.0.0.1]:{port}/"), Err("https_required")),
    ] {
        let outbound = outbound(&[(host, allowed)], &leads(&[&["127.0.0.1"]]), TIMEOUT);
        assert_eq!(
            get(&outbound, &url).await.as_deref(),
            expected.as_ref().copied(),
            "{host} {allowed:?} {url}"
        );
    }
}

#[tokio::test]
async fn w_22_a_redirect_is_followed_only_to_where_a_call_may_go() {
    let target = Wire::serve(|heard| {
        let token = heard.header("authorization").unwrap_or("nothing");
        Said::new(200, &[], format!("{} {token}", heard.path))
    });
    let here = format!("idp.example:{}", target.port());
    for (place, expected) in [
        (format!("http://{here}/there"), Ok("/there nothing")),
        ("http://169.254.169.254/latest/meta-data/".to_owned(), Err("https_required")),
        ("https://169.254.169.254/latest/meta-data/".to_owned(), Err("address_refused")),
        ("https://[::1]/".to_owned(), Err("address_refused")),
        (format!("http://127.0.0.1:{}/", target.port()), Err("https_required")),
        ("ftp://idp.example/".to_owned(), Err("redirect_refused")),
        ("http://:x:".to_owned(), Err("redirect_refused")),
    ] {
        let wire = Wire::serve(move |_| Said::new(302, &[("location", place.as_str())], ""));
        assert_eq!(get(&local(), &named(&wire)).await.as_deref(), expected.as_ref().copied());
    }
    let nowhere = says(302, &[], "");
    assert_eq!(get(&local(), &named(&nowhere)).await, Err("redirect_refused"));
}

#[tokio::test]
async fn w_22_a_redirect_keeps_credentials_on_one_host_counts_and_never_resends_a_body() {
    let wire = Wire::serve(|heard| match heard.path.strip_prefix("/") {
        Some("0") => Said::new(200, &[], heard.header("authorization").unwrap_or("nothing")),
        Some(rest) => {
            let next = rest.parse::<u32>().map_or(0, |left| left - 1);
            Said::new(307, &[("location", &format!("/{next}"))], "")
        }
        None => Said::new(404, &[], ""),
    });
    let url = |redirects: u32| format!("{}{redirects}", named(&wire));
    assert_eq!(get(&local(), &url(3)).await.as_deref(), Ok("Bearer secret"));
    assert_eq!(get(&local(), &url(4)).await, Err("redirect_refused"));
    let post = Request::post(url(1)).body(b"client_secret=x".to_vec()).unwrap();
    assert_eq!(local().call(post).await.unwrap_err().code(), "redirect_refused");
}

#[tokio::test]
async fn an_answer_is_read_as_far_as_a_mebibyte_and_never_unpacked() {
    let most = |bytes: usize| Wire::serve(move |_| Said::new(200, &[], vec![b'a'; bytes]));
    assert_eq!(get(&local(), &named(&most(MOST_BYTES))).await.unwrap().len(), MOST_BYTES);
    assert_eq!(get(&local(), &named(&most(MOST_BYTES + 1))).await, Err("answer_too_long"));
    assert_eq!(get(&local(), &named(&most(10 << 20))).await, Err("answer_too_long"));
    for encoding in ["gzip", "br", "deflate", "zstd"] {
        let packed = Wire::serve(move |_| Said::new(200, &[("content-encoding", encoding)], "bomb"));
        assert_eq!(get(&local(), &named(&packed)).await, Err("answer_compressed"), "{encoding}");
    }
    let short = Wire::serve(|_| Said(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort".to_vec()));
    assert_eq!(get(&local(), &named(&short)).await, Err("answer_broken"));
    let other = Wire::serve(|_| Said(b"220 smtp.example.com ESMTP\r\n".to_vec()));
    assert!(get(&local(), &named(&other)).await.is_err());
    assert_eq!(
        get(&local(), &named(&says(500, &[], "down"))).await.as_deref(),
        Ok("down"),
        "a status is an answer"
    );
}

#[tokio::test]
async fn r_11_a_host_that_is_slow_or_down_is_given_up_and_then_left_alone() {
    let slow = Wire::serve(|_| {
        std::thread::sleep(Duration::from_mins(1));
        Said::new(200, &[], "")
    });
    let outbound = outbound(&[("idp.example", None)], &leads(&[&["127.0.0.1"]]), Duration::from_millis(200));
    for _ in 0..5 {
        assert_eq!(get(&outbound, &named(&slow)).await, Err("timed_out"));
    }
    assert_eq!(get(&outbound, &named(&slow)).await, Err("host_paused"));
    let good = says(200, &[], "here");
    let patient = local();
    assert_eq!(get(&patient, &named(&good)).await.as_deref(), Ok("here"), "another port is another host");
    let gone = named(&good);
    drop(good);
    let mut codes = Vec::new();
    for _ in 0..6 {
        codes.push(get(&patient, &gone).await.unwrap_err());
    }
    assert_eq!(codes.last(), Some(&"host_paused"), "{codes:?}");
}

#[tokio::test]
async fn errors_of_a_path_do_not_close_its_host_for_others() {
    let wire = says(500, &[], "");
    let outbound = local();
    for _ in 0..10 {
        assert_eq!(get(&outbound, &named(&wire)).await.as_deref(), Ok(""));
    }
}

#[tokio::test]
async fn an_error_tells_host_and_step_and_nothing_that_was_sent() {
    let url = "https://169.254.169.254/latest?token=hidden";
    let error = local().call(Request::get(url).body(b"secret".to_vec()).unwrap()).await.unwrap_err();
    let told = format!("{error} {error:?}");
    assert!(
        told.contains("169.254.169.254") && !told.contains("hidden") && !told.contains("secret"),
        "{told}"
    );
}
