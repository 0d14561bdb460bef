//! One of each resource in a tenant of its own, for guards that walk over every route.

use std::collections::HashMap;

use elder_crypto::{OpaqueToken, TokenKind};
use elder_kernel::{Directory, Domain, Id, Kind, Organization, Role, ScimToken, Session, TenantId, User};
use serde_json::Value;

use crate::{TestApp, application::insert_user};

/// A tenant with one of each resource. Names are those of the routes' parameters.
pub struct Fixture {
    /// The tenant.
    pub tenant: TenantId,
    /// A token of the tenant's SCIM directory.
    pub scim_token: String,
    values: HashMap<&'static str, String>,
}

impl Fixture {
    /// Creates the tenant and its resources.
    pub async fn create(app: &TestApp, slug: &str) -> Self {
        let sql = &app.superuser;
        let add =
            "insert into tenants (name, slug, subscription_tier) values ($1, $1, 'enterprise') returning id";
        let tenant = TenantId(sql.query_one(add, &[&slug]).await.unwrap().get(0));
        let mut fixture = Self { tenant, scim_token: String::new(), values: HashMap::new() };
        fixture.values.insert("tenant", slug.to_owned());
        fixture.organizations(app).await;
        fixture.people(app).await;
        fixture.roles(app).await;
        fixture.directory(app).await;
        fixture
    }

    /// The value of a parameter.
    #[track_caller]
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).unwrap_or_else(|| panic!("the fixture has no value for `{{{name}}}`"))
    }

    /// A path with its parameters filled in.
    pub fn path(&self, pattern: &str) -> String {
        let scim = pattern.starts_with("/scim/");
        fill(pattern, '{', '}', |name| match name {
            "id" if scim => self.value("scim_user_id").to_owned(),
            "id" => self.value("domain_id").to_owned(),
            name => self.value(name).to_owned(),
        })
    }

    /// A body with its `$names` filled in.
    pub fn body(&self, template: &Value) -> Value {
        match template {
            Value::String(text) => match text.strip_prefix('$') {
                Some(name) => Value::String(self.value(name).to_owned()),
                None => template.clone(),
            },
            Value::Array(items) => items.iter().map(|item| self.body(item)).collect(),
            Value::Object(fields) => {
                Value::Object(fields.iter().map(|(name, value)| (name.clone(), self.body(value))).collect())
            }
            _ => template.clone(),
        }
    }

    fn new_id<K: Kind>(&mut self, app: &TestApp, name: &'static str) -> Id<K> {
        let id = app.seam.id::<K>();
        self.values.insert(name, id.to_string());
        id
    }

    async fn organizations(&mut self, app: &TestApp) {
        let add = "insert into organizations (tenant_id, id, parent_id, name, name_folded) values ($1, $2, $3, $4, $4)";
        let none: Option<uuid::Uuid> = None;
        let root = self.new_id::<Organization>(app, "root_id").uuid();
        app.superuser.execute(add, &[&self.tenant.0, &root, &none, &"root"]).await.unwrap();
        for (parameter, name) in [("org_id", "leaf"), ("other_org_id", "other")] {
            let id = self.new_id::<Organization>(app, parameter).uuid();
            app.superuser.execute(add, &[&self.tenant.0, &id, &Some(root), &name]).await.unwrap();
        }
    }

    async fn people(&mut self, app: &TestApp) {
        let user = self.new_id::<User>(app, "user_id");
        insert_user(app, self.tenant, user, None, None).await;
        app.session_of(self.tenant, user).await;
        let find = "select id from sessions where tenant_id = $1 and user_id = $2";
        let row = app.superuser.query_one(find, &[&self.tenant.0, &user.uuid()]).await.unwrap();
        self.values.insert("session_id", Id::<Session>::from_uuid(row.get(0)).to_string());
        let member = self.new_id::<User>(app, "member_id");
        insert_user(app, self.tenant, member, None, None).await;
        let domain = self.new_id::<Domain>(app, "domain_id").uuid();
        let add = "insert into tenant_domains (tenant_id, id, domain, verification_token) values ($1, $2, $3, 'proof')";
        let name = format!("{}.example", self.value("tenant"));
        app.superuser.execute(add, &[&self.tenant.0, &domain, &name]).await.unwrap();
    }

    async fn roles(&mut self, app: &TestApp) {
        let add = "insert into roles (tenant_id, id, name, name_folded, tier, permissions) values ($1, $2, $3, $3, $4, $5)";
        for (parameter, tier, permission) in
            [("role_id", "tenant", "users:read"), ("org_role_id", "organization", "members:read")]
        {
            let id = self.new_id::<Role>(app, parameter).uuid();
            let permissions = vec![permission.to_owned()];
            app.superuser.execute(add, &[&self.tenant.0, &id, &tier, &tier, &permissions]).await.unwrap();
        }
    }

    async fn directory(&mut self, app: &TestApp) {
        let directory = self.new_id::<Directory>(app, "dir_id");
        let add = "insert into scim_configurations (tenant_id, id, name, name_folded) values ($1, $2, 'dir', 'dir')";
        app.superuser.execute(add, &[&self.tenant.0, &directory.uuid()]).await.unwrap();
        let token = self.new_id::<ScimToken>(app, "token_id");
        let (text, hash) =
            OpaqueToken::mint(TokenKind::ScimToken, self.tenant, token.uuid(), &app.seam.random);
        let add = "insert into scim_tokens (tenant_id, id, configuration_id, name, secret_hash)
            values ($1, $2, $3, 'token', $4)";
        let hash = hash.as_bytes().to_vec();
        app.superuser.execute(add, &[&self.tenant.0, &token.uuid(), &directory.uuid(), &hash]).await.unwrap();
        text.expose().clone_into(&mut self.scim_token);
        let user = self.new_id::<User>(app, "scim_user_id");
        insert_user(app, self.tenant, user, None, Some(directory)).await;
        let name = format!("{user}@example.com");
        let resource = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "active": true,
        });
        let add = "insert into scim_users (tenant_id, configuration_id, user_id, user_name, user_name_folded,
            is_active, resource, created_at, updated_at) values ($1, $2, $3, $4, $4, true, $5, now(), now())";
        let keys: (_, _) = (directory.uuid(), user.uuid());
        app.superuser.execute(add, &[&self.tenant.0, &keys.0, &keys.1, &name, &resource]).await.unwrap();
    }
}

/// Replaces every `{name}` by what `value` gives.
fn fill(pattern: &str, open: char, close: char, value: impl Fn(&str) -> String) -> String {
    let mut filled = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once(open) {
        let (name, after) = after.split_once(close).expect("a parameter is closed");
        filled.push_str(before);
        filled.push_str(&value(name));
        rest = after;
    }
    filled + rest
}
