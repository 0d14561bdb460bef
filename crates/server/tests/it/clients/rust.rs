//! A Rust program that shares the types of the API with the server, and takes the tour of the README.

use std::{error::Error, fs};

use elder_api_types::{
    Asked, ErrorCode, Limit, Page, ProblemDocument, UserId,
    api_key::{IssuedKey, NewApiKey},
    batch::{BatchAnswer, BatchOperation, BatchRequest},
    email::Email,
    me::Me,
    permission::PermissionName,
    role::Role,
    service_account::{NewServiceAccount, ServiceAccount},
    sign_in::{Login, SignedIn},
    tenant::Tenant,
    user::{Account, NewUser, UserPatch},
};
use elder_testkit::TestDatabase;
use reqwest::{Client, RequestBuilder};
use serde::{Deserialize, de::DeserializeOwned};

use super::GUIDE;
use crate::process::{Process, data_directory};

type Outcome = Result<(), Box<dyn Error>>;
type UserBatch = BatchRequest<UserId, NewUser, UserPatch>;

#[derive(Deserialize)]
struct Demo {
    url: String,
    tenants: [DemoTenant; 2],
}

#[derive(Deserialize)]
struct DemoTenant {
    admin: Person,
}

#[derive(Deserialize)]
struct Person {
    email: String,
    password: String,
}

/// What is answered, or the problem that says why not.
async fn call<T: DeserializeOwned>(request: RequestBuilder) -> reqwest::Result<Result<T, ProblemDocument>> {
    let response = request.send().await?;
    if response.status().is_success() {
        Ok(Ok(response.json().await?))
    } else {
        Ok(Err(response.json().await?))
    }
}

/// Demands that a call is refused with this code.
#[track_caller]
fn refused<T>(answer: Result<T, ProblemDocument>, code: ErrorCode) {
    let problem = answer.err().unwrap();
    assert_eq!((problem.known_code(), problem.status), (Some(code), code.status()), "{problem}");
}

/// Somebody who is signed in.
struct Caller {
    http: Client,
    url: String,
    token: String,
}

impl Caller {
    async fn sign_in(url: &str, person: &Person) -> Result<(Self, Account), Box<dyn Error>> {
        let (http, url) = (Client::new(), url.to_owned());
        let (email, password) = (person.email.clone(), person.password.clone());
        let login =
            Login { email, password: password.into(), new_password: None, device_token: None, tenant: None };
        let session: SignedIn = call(http.post(format!("{url}/api/v2/auth/login")).json(&login)).await??;
        Ok((Self { http, url, token: session.tokens.access_token }, session.user))
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.url)).bearer_auth(&self.token)
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.url)).bearer_auth(&self.token)
    }

    fn patch(&self, path: &str) -> RequestBuilder {
        self.http.patch(format!("{}{path}", self.url)).bearer_auth(&self.token)
    }
}

#[tokio::test]
async fn a_rust_caller_takes_the_tour() -> Outcome {
    let (database, data) = (TestDatabase::create().await, data_directory());
    let _server = Process::demo(data.path(), &database);
    let demo: Demo = serde_json::from_str(&fs::read_to_string(data.path().join("demo.json"))?)?;
    let [acme, globex] = demo.tenants;
    let (admin, who) = Caller::sign_in(&demo.url, &acme.admin).await?;
    assert_eq!((who.email.typed(), who.tenant_role), (acme.admin.email.as_str(), Some(Role::Admin)));
    own_account(&admin, &who).await?;
    pages(&admin).await?;
    let zoe = one_user(&admin).await?;
    let (other, _) = Caller::sign_in(&demo.url, &globex.admin).await?;
    let path = format!("/api/v2/users/{}", zoe.id);
    refused(call::<Account>(other.get(&path)).await?, ErrorCode::NotFound);
    many_changes(&admin, &zoe).await?;
    a_program(&admin, &path).await?;
    admin.post("/api/v2/auth/logout").send().await?.error_for_status()?;
    refused(call::<Page<Account>>(admin.get("/api/v2/users")).await?, ErrorCode::Unauthenticated);
    Ok(())
}

/// Who is signed in, and where: with all the settings of the tenant.
async fn own_account(admin: &Caller, who: &Account) -> Outcome {
    let me: Me = call(admin.get("/api/v2/me")).await??;
    assert!(me.user.id == who.id && me.permissions.iter().any(|name| name == "users:write"), "{me:?}");
    let tenant: Tenant = call(admin.get("/api/v2/tenant")).await??;
    assert_eq!((tenant.id, tenant.settings.password.min_length), (me.tenant.id, 15));
    Ok(())
}

/// A list, page by page, and a filter.
async fn pages(admin: &Caller) -> Outcome {
    let mut emails = Vec::new();
    let sort = Some("email".to_owned());
    let mut asked = Asked { limit: Limit::try_from(2)?, sort, include_total: true, ..Asked::default() };
    loop {
        let page: Page<Account> = call(admin.get("/api/v2/users").query(&asked)).await??;
        assert!(page.data.len() <= 2 && page.total > Some(2), "{page:?}");
        emails.extend(page.data.into_iter().map(|user| user.email.folded().to_owned()));
        asked.cursor = page.next_cursor;
        if asked.cursor.is_none() {
            break;
        }
    }
    assert!(emails.len() > 2 && emails.is_sorted(), "{emails:?}");
    let wrong = Asked { filter: Some("colour eq 1".to_owned()), ..Asked::default() };
    let wrong = call::<Page<Account>>(admin.get("/api/v2/users").query(&wrong)).await?;
    refused(wrong, ErrorCode::InvalidFilter);
    Ok(())
}

/// A user is made once under one key, and changed as it was read.
async fn one_user(admin: &Caller) -> Result<Account, Box<dyn Error>> {
    let email: Email = "zoe.rs@acme.example".parse()?;
    let new = NewUser { tenant_role: Some(Role::Reader), ..NewUser::at(email) };
    let create = || admin.post("/api/v2/users").header("Idempotency-Key", "tour-rs").json(&new);
    let zoe: Account = call(create()).await??;
    assert_eq!(call::<Account>(create()).await??, zoe);
    refused(call::<Account>(admin.post("/api/v2/users").json(&new)).await?, ErrorCode::AlreadyExists);

    let path = format!("/api/v2/users/{}", zoe.id);
    let read = admin.get(&path).send().await?.error_for_status()?;
    let tag = read.headers()["etag"].clone();
    let patch = UserPatch { full_name: Some("Zoe Zander".to_owned()), ..UserPatch::default() };
    let change = || admin.patch(&path).header("If-Match", &tag).json(&patch);
    let changed: Account = call(change()).await??;
    assert_eq!((changed.full_name.as_str(), &changed.email), ("Zoe Zander", &zoe.email));
    let locale = UserPatch { locale: Some("de".parse()?).into(), ..UserPatch::default() };
    let stale = admin.patch(&path).header("If-Match", &tag).json(&locale);
    refused(call::<Account>(stale).await?, ErrorCode::VersionMismatch);
    let known: Account = call(admin.patch(&path).json(&locale)).await??;
    assert_eq!(known.locale, Some("de".parse()?));
    Ok(known)
}

/// What can be done is done, and the rest is told; or nothing is done.
async fn many_changes(admin: &Caller, zoe: &Account) -> Outcome {
    let patch = UserPatch { full_name: Some("Zoe".to_owned()), ..UserPatch::default() };
    let bob = NewUser {
        password: Some("bob likes long walks at night".to_owned().into()),
        ..NewUser::at("bob.rs@acme.example".parse()?)
    };
    let operations = vec![
        BatchOperation::Create { data: bob },
        BatchOperation::Update { id: zoe.id, if_match: None, data: patch },
        BatchOperation::Create { data: NewUser::at(zoe.email.clone()) },
    ];
    let batch = UserBatch { atomic: false, operations };
    let BatchAnswer { results } = call(admin.post("/api/v2/users/batch").json(&batch)).await??;
    let [bob, changed, taken] = results.as_slice() else { panic!("{results:?}") };
    assert_eq!([bob.status, changed.status, taken.status], [201, 200, 409]);
    assert!(taken.error.as_ref().is_some_and(|error| error.code == "already_exists"), "{taken:?}");

    let id = bob.id.as_deref().unwrap_or_default().parse()?;
    let bob: Account = call(admin.get(&format!("/api/v2/users/{id}"))).await??;
    assert!(bob.has_password, "{bob:?}");
    let operations = vec![BatchOperation::Delete { id, if_match: Some(r#""none""#.to_owned()) }];
    let batch = UserBatch { atomic: true, operations };
    let all = call::<BatchAnswer>(admin.post("/api/v2/users/batch").json(&batch)).await?;
    refused(all, ErrorCode::BatchFailed);
    Ok(())
}

/// A program with a key that may read users, and nothing else.
async fn a_program(admin: &Caller, zoe: &str) -> Outcome {
    let new = NewServiceAccount {
        name: "Tour in Rust".parse()?,
        description: None,
        permissions: vec![PermissionName::UsersRead],
        organizations: None,
    };
    let account: ServiceAccount = call(admin.post("/api/v2/service-accounts").json(&new)).await??;
    assert_eq!(account.permissions, ["users:read"]);
    let keys = format!("/api/v2/service-accounts/{}/api-keys", account.id);
    let issued: IssuedKey = call(admin.post(&keys).json(&NewApiKey::named("tour".parse()?))).await??;
    let program = Caller { http: Client::new(), url: admin.url.clone(), token: issued.key };
    assert_eq!(call::<Account>(program.get(zoe)).await??.full_name, "Zoe");
    let patch = UserPatch::default();
    refused(call::<Account>(program.patch(zoe).json(&patch)).await?, ErrorCode::PermissionDenied);
    Ok(())
}

/// What the guide shows stands here, but for blanks, so that it has been run.
#[test]
fn the_guide_shows_parts_of_this_tour() {
    let words = |text: &str| text.split_whitespace().collect::<String>();
    let tour = words(include_str!("rust.rs"));
    let shown: Vec<_> =
        GUIDE.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!shown.is_empty());
    for part in shown.iter().flat_map(|block| block.split("…\n")) {
        assert!(tour.contains(&words(part)), "the tour has not:\n{part}");
    }
}
