//! A browser without a window: keeps the cookie, follows nothing by itself, sends the forms of the pages it got.

use std::sync::Mutex;

use elder_access::Role;
use elder_testkit::{Actor, PASSWORD, TestApp};
use reqwest::{Client, Method, header::HeaderMap, redirect::Policy};
use serde_json::json;

/// The cookie's name over plain HTTP.
pub(crate) const COOKIE: &str = "elder";

/// That of the device.
const DEVICE: &str = "elder-device";

/// One browser.
pub(crate) struct Browser {
    client: Client,
    base: String,
    language: &'static str,
    cookie: Mutex<Option<String>>,
    device: Mutex<Option<String>>,
    token: Mutex<Option<String>>,
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
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.text.contains(words), "{words}: {}", self.text);
        self
    }

    /// A header's text; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it is sent.
    #[track_caller]
    pub(crate) fn leads_to(self) -> String {
        self.expect(303).header("location").to_owned()
    }
}

impl Browser {
    pub(crate) fn open(app: &TestApp) -> Self {
        Self::at(&app.base, "en")
    }

    pub(crate) fn at(base: &str, language: &'static str) -> Self {
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self {
            client,
            base: base.to_owned(),
            language,
            cookie: Mutex::default(),
            device: Mutex::default(),
            token: Mutex::default(),
        }
    }

    pub(crate) fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    pub(crate) fn set_cookie(&self, value: &str) {
        *self.cookie.lock().unwrap() = Some(value.to_owned());
    }

    /// The proof in the form of the last page.
    pub(crate) fn form_token(&self) -> Option<String> {
        self.token.lock().unwrap().clone()
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        self.send(Method::GET, path, &[], None).await
    }

    /// Sends a form as the page that it got last would.
    pub(crate) async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Got {
        let token = self.form_token().unwrap_or_default();
        let mut all = vec![("form_token", token.as_str())];
        all.extend(fields);
        self.send(Method::POST, path, &[("sec-fetch-site", "same-origin")], Some(&all)).await
    }

    /// Sends anything.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        fields: Option<&[(&str, &str)]>,
    ) -> Got {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        request = request.header("accept", "text/html").header("accept-language", self.language);
        let device = self.device.lock().unwrap().clone();
        for (name, value) in [(COOKIE, self.cookie()), (DEVICE, device)] {
            if let Some(value) = value {
                request = request.header("cookie", format!("other=1; {name}={value}"));
            }
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(fields) = fields {
            request = request.form(fields);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for set in headers.get_all("set-cookie") {
            let (pair, _) = set.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let kept = if name == COOKIE { &self.cookie } else { &self.device };
            assert!([COOKIE, DEVICE].contains(&name), "{name}");
            *kept.lock().unwrap() = (!value.is_empty()).then(|| value.to_owned());
        }
        let text = response.text().await.unwrap();
        if let Some((_, rest)) = text.split_once("name=\"form_token\" value=\"") {
            *self.token.lock().unwrap() = rest.split_once('"').map(|(token, _)| token.to_owned());
        }
        Got { status, headers, text }
    }

    /// Signs in by the pages, and demands that it leads to the account.
    pub(crate) async fn sign_in(&self, email: &str) {
        self.get("/sign-in").await.expect(200);
        self.submit("/sign-in", &[("email", email)]).await.expect(200);
        let target = self.submit("/sign-in", &[("email", email), ("password", PASSWORD)]).await.leads_to();
        assert_eq!(target, "/account");
    }
}

/// A person of the admin's tenant who can sign in.
pub(crate) async fn person(admin: &Actor, email: &str) -> String {
    let body = json!({ "email": email, "password": PASSWORD, "full_name": "Ana Gruber" });
    let user = admin.post("/api/v2/users", body).await.expect(201);
    user["id"].as_str().unwrap().to_owned()
}

/// An application, its admin, and Ana at a browser where she is signed in to the admin's tenant.
pub(crate) async fn ana(app: &TestApp) -> (Actor, Browser) {
    let admin = app.member(app.acme.id, Some(Role::Admin)).await;
    person(&admin, "ana@example.com").await;
    let browser = Browser::open(app);
    browser.sign_in("ana@example.com").await;
    (admin, browser)
}
