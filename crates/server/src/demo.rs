//! The demonstration data, loaded through the front door: every line of it is a request that anyone could send.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use elder_access::Worker;
use elder_crypto::PasswordHasher;
use elder_kernel::{Random, Secret};
use reqwest::{Client, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{failure::Failure, startup::Opening};

/// What `demo.json` tells.
#[derive(Debug, Serialize, Deserialize)]
struct Demo {
    url: String,
    operator: SignIn,
    tenants: Vec<Tenant>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SignIn {
    email: String,
    password: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Tenant {
    id: i64,
    slug: String,
    admin: SignIn,
    reader: SignIn,
    scim_token: String,
    api_key: String,
}

/// A signed-in caller of this server.
struct Caller {
    client: Client,
    url: String,
    token: String,
    tenant: String,
}

/// Loads the data into an empty platform, once, and says how to try it.
pub(crate) async fn load(
    opening: &Opening,
    worker: &Worker,
    hasher: &PasswordHasher,
) -> Result<String, Failure> {
    let file = opening.data.join("demo.json");
    let demo = match fs::read_to_string(&file) {
        Ok(text) => Demo { url: opening.url.clone(), ..serde_json::from_str(&text)? },
        Err(_) => create(opening, worker, hasher, &file).await?,
    };
    write(&file, &demo)?;
    Ok(tour(&demo, &file))
}

async fn create(
    opening: &Opening,
    worker: &Worker,
    hasher: &PasswordHasher,
    file: &Path,
) -> Result<Demo, Failure> {
    let random = Random::system();
    // Kept beside the result, so that a start that was killed half-way goes on with the same passwords.
    let draft = file.with_extension("draft");
    let seed = if let Ok(seed) = fs::read_to_string(&draft) {
        seed
    } else {
        let seed = random.bytes::<8>().map(|byte| format!("{byte:02x}")).concat();
        private_file(&draft)?.write_all(seed.as_bytes())?;
        seed
    };
    let sign_in =
        |email: &str| SignIn { email: email.to_owned(), password: format!("for-a-look-around-{seed}") };
    let operator = sign_in("operator@elder.example");
    let password = Secret::new(operator.password.clone());
    elder_portal_users::bootstrap_owner(worker, hasher, &operator.email, password).await?;
    let mut caller = Caller {
        client: Client::new(),
        url: opening.url.clone(),
        token: String::new(),
        tenant: "system".to_owned(),
    };
    caller.token = caller.sign_in(&operator).await?;
    let mut tenants = Vec::new();
    for (slug, name) in [("acme", "Acme Ltd"), ("globex", "Globex Corporation")] {
        let people = (sign_in(&format!("admin@{slug}.example")), sign_in(&format!("reader@{slug}.example")));
        tenants.push(tenant(&mut caller, slug, name, people).await?);
    }
    fs::remove_file(&draft)?;
    Ok(Demo { url: opening.url.clone(), operator, tenants })
}

async fn tenant(
    caller: &mut Caller,
    slug: &str,
    name: &str,
    (admin, reader): (SignIn, SignIn),
) -> Result<Tenant, Failure> {
    "system".clone_into(&mut caller.tenant);
    caller.post("/api/v2/global/tenants", json!({ "name": name, "slug": slug })).await?;
    let made = caller.get(&format!("/api/v2/global/tenants/{slug}")).await?;
    slug.clone_into(&mut caller.tenant);
    for (person, full_name, role) in [(&admin, "Ada Admin", "admin"), (&reader, "Rita Reader", "reader")] {
        let user = json!({
            "email": person.email, "full_name": full_name, "password": person.password, "tenant_role": role,
        });
        caller.post("/api/v2/users", user).await?;
    }
    for (number, full_name) in ["Bo Berg", "Cleo Costa", "Dan Dahl"].into_iter().enumerate() {
        let email = format!("user{}@{slug}.example", number + 1);
        caller.post("/api/v2/users", json!({ "email": email, "full_name": full_name })).await?;
    }
    let engineering = caller.post("/api/v2/organizations", json!({ "name": "Engineering" })).await?;
    if let Some(parent) = engineering.get("id") {
        for name in ["Platform", "Research"] {
            caller.post("/api/v2/organizations", json!({ "name": name, "parent_id": parent })).await?;
        }
    }
    Ok(Tenant {
        id: made.get("id").and_then(Value::as_i64).unwrap_or_default(),
        slug: slug.to_owned(),
        admin,
        reader,
        scim_token: scim_token(caller).await?,
        api_key: api_key(caller).await?,
    })
}

async fn scim_token(caller: &Caller) -> Result<String, Failure> {
    let name = json!({ "name": "Demo directory", "provider": "generic" });
    let mut directory = caller.post("/api/v2/directories", name).await?;
    if directory.is_null() {
        let list = caller.get("/api/v2/directories").await?;
        directory = list.pointer("/data/0").cloned().unwrap_or_default();
    }
    let id = directory.get("id").and_then(Value::as_str).ok_or("the demo directory has no id")?;
    let token = caller.post(&format!("/api/v2/directories/{id}/tokens"), json!({ "name": "demo" })).await?;
    Ok(token.get("token").and_then(Value::as_str).ok_or("the SCIM token was not shown")?.to_owned())
}

/// A key of a service account that reads users and organizations.
async fn api_key(caller: &Caller) -> Result<String, Failure> {
    let program = json!({ "name": "Demo program", "permissions": ["users:read", "organizations:read"] });
    let mut account = caller.post("/api/v2/service-accounts", program).await?;
    if account.is_null() {
        let list = caller.get("/api/v2/service-accounts").await?;
        account = list.pointer("/data/0").cloned().unwrap_or_default();
    }
    let id = account.get("id").and_then(Value::as_str).ok_or("the demo program has no id")?;
    let path = format!("/api/v2/service-accounts/{id}/api-keys");
    let issued = caller.post(&path, json!({ "name": "demo", "expires_in_days": 366 })).await?;
    Ok(issued.get("key").and_then(Value::as_str).ok_or("the API key was not shown")?.to_owned())
}

impl Caller {
    async fn sign_in(&self, who: &SignIn) -> Result<String, Failure> {
        let answer =
            self.post("/api/v2/auth/login", json!({ "email": who.email, "password": who.password })).await?;
        Ok(answer.get("access_token").and_then(Value::as_str).ok_or("signing in gave no token")?.to_owned())
    }

    /// Creates something; null if it was there already.
    async fn post(&self, path: &str, body: Value) -> Result<Value, Failure> {
        let request = self.client.post(format!("{}{path}", self.url)).json(&body);
        let request = if self.token.is_empty() { request } else { request.bearer_auth(&self.token) };
        let response = request.header("Elder-Tenant", &self.tenant).send().await?;
        let status = response.status();
        let answer: Value = response.json().await?;
        match status {
            StatusCode::CONFLICT => Ok(Value::Null),
            status if status.is_success() => Ok(answer),
            status => Err(format!("POST {path} was answered with {status}: {answer}").into()),
        }
    }

    async fn get(&self, path: &str) -> Result<Value, Failure> {
        let request = self.client.get(format!("{}{path}", self.url)).bearer_auth(&self.token);
        Ok(request.header("Elder-Tenant", &self.tenant).send().await?.error_for_status()?.json().await?)
    }
}

fn write(file: &Path, demo: &Demo) -> Result<(), Failure> {
    let draft = file.with_extension("new");
    private_file(&draft)?.write_all(serde_json::to_string_pretty(demo)?.as_bytes())?;
    Ok(fs::rename(draft, file)?)
}

/// Its passwords are for the owner of the machine alone.
fn private_file(path: &Path) -> std::io::Result<fs::File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

fn tour(demo: &Demo, file: &Path) -> String {
    let mut lines = vec![format!("\nDemo data (also in {}):", file.display())];
    lines.push(format!("  operator      {}  {}", demo.operator.email, demo.operator.password));
    for tenant in &demo.tenants {
        lines.push(format!("  {:<7} admin  {}  {}", tenant.slug, tenant.admin.email, tenant.admin.password));
        lines
            .push(format!("  {:<7} reader {}  {}", tenant.slug, tenant.reader.email, tenant.reader.password));
        lines.push(format!("  {:<7} SCIM   {}", tenant.slug, tenant.scim_token));
        lines.push(format!("  {:<7} key    {}", tenant.slug, tenant.api_key));
    }
    if let Some(tenant) = demo.tenants.first() {
        let (url, admin) = (&demo.url, &tenant.admin);
        lines.push("\nTry it:".to_owned());
        lines.push(format!(
            "  TOKEN=$(curl -s {url}/api/v2/auth/login -H 'Content-Type: application/json' -d \
             '{{\"email\":\"{}\",\"password\":\"{}\"}}' | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')",
            admin.email, admin.password
        ));
        lines.push(format!("  curl -s {url}/api/v2/users -H \"Authorization: Bearer $TOKEN\""));
        lines.push(format!(
            "  curl -s {url}/scim/v2/Users -H 'Authorization: Bearer {}' -H 'Content-Type: application/scim+json' -d \
             '{{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"eve@{}.example\"}}'",
            tenant.scim_token, tenant.slug
        ));
    }
    lines.push("\nCtrl-C stops Elder and its database.".to_owned());
    lines.join("\n")
}
