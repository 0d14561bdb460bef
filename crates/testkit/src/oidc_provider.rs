//! A provider of OpenID Connect that others have written (`oidc-provider` of npm), and a browser for it.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::Mutex,
};

use reqwest::{Client, Response, header, redirect::Policy};
use serde_json::{Value, json};

/// A running provider; it ends with the test. Whoever is named by `login_hint` is signed in without a question.
pub struct OidcProvider {
    process: Child,
    issuer: String,
}

impl OidcProvider {
    /// Starts a provider with these clients, as its dynamic registration would take them.
    pub fn start(clients: &Value) -> Self {
        #[expect(clippy::disallowed_methods, reason = "tests are told by the environment what they may use")]
        let module = std::env::var("ELDER_TEST_OIDC_PROVIDER").expect(
            "ELDER_TEST_OIDC_PROVIDER names lib/index.js of npm's oidc-provider; `make test` installs it",
        );
        let mut command = Command::new("node");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/oidc_provider.mjs"));
        command.arg(json!({ "clients": clients }).to_string()).env("ELDER_TEST_OIDC_PROVIDER", module);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let is_issuer = |line: &String| line.starts_with("http://127.0.0.1:");
        let issuer = lines.by_ref().map_while(Result::ok).find(is_issuer);
        // What it says later is read by nobody, and must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, issuer: issuer.expect("oidc-provider starts") }
    }

    /// Its issuer.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Its port on this machine.
    pub fn port(&self) -> u16 {
        self.issuer.rsplit(':').next().unwrap().parse().unwrap()
    }
}

impl Drop for OidcProvider {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _ended = self.process.wait();
    }
}

/// A browser that keeps cookies and follows redirects, as far as a sign-in needs it.
pub struct Browser {
    client: Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Default for Browser {
    fn default() -> Self {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        Self { client, cookies: Mutex::default() }
    }
}

impl Browser {
    /// Goes to `url`, and on until a page is there or it is sent to an address that begins with `until`. Gives the address
    /// where it ended, and the page.
    pub async fn go(&self, url: &str, until: &str) -> (String, String) {
        self.walk(self.client.get(url), url, until).await
    }

    /// Sends a form, and goes on in the same way.
    pub async fn send(&self, url: &str, form: &[(&str, &str)], until: &str) -> (String, String) {
        self.walk(self.client.post(url).form(form), url, until).await
    }

    async fn walk(&self, first: reqwest::RequestBuilder, url: &str, until: &str) -> (String, String) {
        let (mut request, mut url) = (first, reqwest::Url::parse(url).unwrap());
        for _ in 0..20 {
            let answer = request.header(header::COOKIE, self.cookie_header()).send().await.unwrap();
            self.keep_cookies(&answer);
            let Some(place) = answer.headers().get(header::LOCATION) else {
                return (url.into(), answer.text().await.unwrap());
            };
            url = url.join(place.to_str().unwrap()).unwrap();
            if url.as_str().starts_with(until) {
                return (url.into(), String::new());
            }
            request = self.client.get(url.clone());
        }
        panic!("sent around in circles: {url}");
    }

    fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep_cookies(&self, answer: &Response) {
        let mut cookies = self.cookies.lock().unwrap();
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
