//! A browser that keeps every cookie and follows nothing by itself.

use std::{collections::HashMap, sync::Mutex};

use elder_testkit::TestApp;
use reqwest::{Client, RequestBuilder, header::HeaderMap, redirect::Policy};

use crate::op::Op;

/// Where Elder says that it is.
const PUBLIC: &str = "http://elder.test";

/// One browser.
pub(crate) struct Browser {
    client: Client,
    base: String,
    cookies: Mutex<HashMap<String, String>>,
    /// The proof in the form of the last page.
    token: Mutex<String>,
}

/// What it got.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Got {
    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> &Self {
        assert!(self.text.contains(words), "{words}: {} {}", self.status, self.text);
        self
    }

    /// Where it is sent.
    #[track_caller]
    pub(crate) fn leads_to(&self) -> String {
        assert!([302, 303].contains(&self.status), "{}: {}", self.status, self.text);
        self.headers["location"].to_str().unwrap().to_owned()
    }

    /// Refused by a page that says so, and gives a number to ask by.
    #[track_caller]
    pub(crate) fn is_refused(&self) -> &Self {
        assert_eq!(self.status, 403, "{} {:?}", self.text, self.headers.get("location"));
        self
    }
}

impl Browser {
    pub(crate) fn open(app: &TestApp) -> Self {
        Self::at(&app.base)
    }

    /// One that goes to another node.
    pub(crate) fn at(base: &str) -> Self {
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { client, base: base.to_owned(), cookies: Mutex::default(), token: Mutex::default() }
    }

    /// Posts a form of another site's page: with no cookie of Elder's, which are `SameSite=Lax`.
    pub(crate) async fn brought(&self, path: &str, fields: &[(&str, &str)]) -> Got {
        let request = self.client.post(format!("{}{path}", self.base)).header("sec-fetch-site", "cross-site");
        self.send(request.form(fields), false).await
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// Gets a page of Elder's.
    pub(crate) async fn get(&self, path: &str) -> Got {
        self.send(self.client.get(format!("{}{path}", self.base)), true).await
    }

    /// Sends a form as the page that it got last would.
    pub(crate) async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Got {
        let token = self.token.lock().unwrap().clone();
        let mut all = vec![("form_token", token.as_str())];
        all.extend(fields);
        let request =
            self.client.post(format!("{}{path}", self.base)).header("sec-fetch-site", "same-origin");
        self.send(request.form(&all), true).await
    }

    async fn send(&self, request: RequestBuilder, with_cookies: bool) -> Got {
        let mut request = request.header("accept", "text/html").header("accept-language", "en");
        if with_cookies {
            let pairs: Vec<_> =
                self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", pairs.join("; "));
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for set in headers.get_all("set-cookie") {
            let (pair, _) = set.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let mut cookies = self.cookies.lock().unwrap();
            if value.is_empty() {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let text = response.text().await.unwrap();
        if let Some((_, rest)) = text.split_once("name=\"form_token\" value=\"") {
            rest.split('"').next().unwrap().clone_into(&mut self.token.lock().unwrap());
        }
        Got { status, headers, text }
    }

    /// Goes to the provider and gets the path with which it sends the browser back.
    pub(crate) async fn go(&self, idp: &str, query: &str) -> String {
        let there = self.get(&format!("/sso/oidc/authorize/{idp}{query}")).await.leads_to();
        self.follow(&there).await
    }

    /// Goes on to the provider and gets the path with which it sends the browser back.
    pub(crate) async fn follow(&self, there: &str) -> String {
        let back = self.send(self.client.get(there), false).await.leads_to();
        back.strip_prefix(PUBLIC).unwrap_or_else(|| panic!("back to {back}")).to_owned()
    }

    /// Goes to the provider and comes back.
    pub(crate) async fn sign_in(&self, idp: &str) -> Got {
        let back = self.go(idp, "").await;
        self.get(&back).await
    }

    /// The address of the account in whose pages the browser is signed in.
    pub(crate) async fn account(&self) -> Option<String> {
        let page = self.get("/account").await;
        if page.status != 200 {
            return None;
        }
        let (_, rest) = page.text.split_once('@').unwrap();
        let (before, _) = page.text.split_at(page.text.len() - rest.len() - 1);
        let local = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap();
        let domain = rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).next().unwrap();
        Some(format!("{local}@{domain}"))
    }
}

/// A browser that has just been where `op` knows it as somebody.
pub(crate) async fn back_from(
    app: &TestApp,
    op: &Op,
    idp: &str,
    claims: serde_json::Value,
) -> (Browser, Got) {
    op.says(claims);
    let browser = Browser::open(app);
    let got = browser.sign_in(idp).await;
    (browser, got)
}
