//! One of each resource in a tenant of its own, for guards that walk over every route.

mod audit;
mod entitlements;
mod factors;
mod identity_providers;
mod privacy;

use std::collections::HashMap;

use elder_crypto::{OpaqueToken, TokenKind};
use elder_kernel::{
    ApiKey, Application, Device, Directory, Domain, Id, Invitation, Kind, Mail, Organization, Role,
    RoleMapping, ScimGroup, ScimToken, ServiceAccount, Session, TenantId, User,
};
use serde_json::Value;

use crate::{Endpoint, TestApp, application::insert_user};

/// Of `password`, made by the reference implementation of Argon2.
const PASSWORD_HASH: &str =
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

/// What RFC 7636 shows in its appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Of that verifier.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A tenant with one of each resource. Names are those of the routes' parameters.
pub struct Fixture {
    /// The tenant.
    pub tenant: TenantId,
    /// A token of the tenant's SCIM directory.
    pub scim_token: String,
    /// An access token of the tenant's user, who holds no role.
    pub user_token: String,
    values: HashMap<&'static str, String>,
}

impl Fixture {
    /// Creates the tenant and its resources.
    pub async fn create(app: &TestApp, slug: &str) -> Self {
        let sql = &app.superuser;
        let add = "insert into tenants (name, slug, subscription_tier, settings)
                values ($1, $1, 'enterprise', '{\"support_access\": true}') returning id";
        let tenant = TenantId(sql.query_one(add, &[&slug]).await.unwrap().get(0));
        let mut fixture =
            Self { tenant, scim_token: String::new(), user_token: String::new(), values: HashMap::new() };
        for (name, value) in [
            ("tenant", slug),
            ("system", "system"),
            ("code", "not_found"),
            ("file", "start.js"),
            ("resource_type", "User"),
            ("schema", "urn:ietf:params:scim:schemas:core:2.0:User"),
            ("kind", "invitation"),
            ("locale", "fr"),
        ] {
            fixture.values.insert(name, value.to_owned());
        }
        fixture.platform(app).await;
        fixture.organizations(app).await;
        fixture.people(app).await;
        fixture.roles(app).await;
        fixture.keys(app).await;
        fixture.directory(app).await;
        fixture.entitlements(app).await;
        fixture.mails(app).await;
        fixture.application(app).await;
        fixture.links(app).await;
        fixture.factors(app).await;
        fixture.identity_providers(app).await;
        fixture.privacy(app).await;
        fixture.audit(app).await;
        fixture
    }

    /// The value of a parameter.
    #[track_caller]
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).unwrap_or_else(|| panic!("the fixture has no value for `{{{name}}}`"))
    }

    /// The path and query of an endpoint, with the parameters filled in.
    pub fn path(&self, endpoint: &Endpoint) -> String {
        let scim = endpoint.path.starts_with("/scim/");
        fill(&format!("{}{}", endpoint.path, endpoint.query), |name| {
            let swap = endpoint.swaps.iter().find(|(parameter, _)| *parameter == name);
            self.value(match (swap, name) {
                (Some((_, other)), _) => other,
                (None, "id") if scim => "scim_user_id",
                (None, "id") => "domain_id",
                (None, name) => name,
            })
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

    /// What lies outside of the tenant: another one that is closed, a colleague of the operators, a feature flag.
    async fn platform(&mut self, app: &TestApp) {
        let closed = format!("{}-closed", self.value("tenant"));
        let add = "insert into tenants (name, slug, is_active, deletion_scheduled_at)
            values ($1, $1, false, now() + interval '9 days')";
        app.superuser.execute(add, &[&closed]).await.unwrap();
        self.values.insert("closed_tenant", closed);
        let flag = format!("flag-{}", self.value("tenant"));
        app.superuser.execute("insert into feature_flags (name) values ($1)", &[&flag]).await.unwrap();
        self.values.insert("name", flag);
        let colleague = self.new_id::<User>(app, "system_user_id");
        insert_user(app, TenantId::SYSTEM, colleague, None, None).await;
    }

    fn uuid<K: Kind>(&self, name: &str) -> uuid::Uuid {
        self.value(name).parse::<Id<K>>().unwrap().uuid()
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
        self.user_token = app.session_of(self.tenant, user).await;
        let find = "select id from sessions where tenant_id = $1 and user_id = $2";
        let row = app.superuser.query_one(find, &[&self.tenant.0, &user.uuid()]).await.unwrap();
        let session = Id::<Session>::from_uuid(row.get(0));
        self.values.insert("session_id", session.to_string());
        self.credentials(app, user, session).await;
        let device = self.new_id::<Device>(app, "device_id").uuid();
        let add =
            "insert into devices (tenant_id, id, user_id, secret_hash, name, first_seen_at, last_seen_at)
            values ($1, $2, $3, '', 'curl', now(), now())";
        app.superuser.execute(add, &[&self.tenant.0, &device, &user.uuid()]).await.unwrap();
        let inactive = self.new_id::<User>(app, "inactive_user_id");
        insert_user(app, self.tenant, inactive, None, None).await;
        let end = "update portal_users set is_active = false where tenant_id = $1 and id = $2";
        app.superuser.execute(end, &[&self.tenant.0, &inactive.uuid()]).await.unwrap();
        let domain = self.new_id::<Domain>(app, "domain_id").uuid();
        let add = "insert into tenant_domains (tenant_id, id, domain, verification_token) values ($1, $2, $3, 'proof')";
        let name = format!("{}.example", self.value("tenant"));
        app.superuser.execute(add, &[&self.tenant.0, &domain, &name]).await.unwrap();
    }

    /// What the user signs in and stays signed in with.
    async fn credentials(&mut self, app: &TestApp, user: Id<User>, session: Id<Session>) {
        let give =
            "update portal_users set password_hash = $3 where tenant_id = $1 and id = $2 returning email";
        let row =
            app.superuser.query_one(give, &[&self.tenant.0, &user.uuid(), &PASSWORD_HASH]).await.unwrap();
        self.values.insert("email", row.get(0));
        let (token, hash) =
            OpaqueToken::mint(TokenKind::RefreshToken, self.tenant, session.uuid(), &app.seam.random);
        self.values.insert("refresh_token", token.expose().clone());
        let hash = hash.as_bytes().to_vec();
        let give = "update sessions set refresh_hash = $3 where tenant_id = $1 and id = $2";
        app.superuser.execute(give, &[&self.tenant.0, &session.uuid(), &hash]).await.unwrap();
    }

    /// Roles that hold nothing, so that anybody may give them and take them.
    async fn roles(&mut self, app: &TestApp) {
        let add = "insert into roles (tenant_id, id, name, name_folded, tier, permissions) values ($1, $2, $3, $3, $4, '{}')";
        for (parameter, tier) in [
            ("role_id", "tenant"),
            ("mapped_role_id", "tenant"),
            ("org_role_id", "organization"),
            ("other_org_role_id", "organization"),
        ] {
            let id = self.new_id::<Role>(app, parameter).uuid();
            app.superuser.execute(add, &[&self.tenant.0, &id, &parameter, &tier]).await.unwrap();
        }
        let give = "insert into portal_user_org_assignments (tenant_id, user_id, organization_id, role_id)
            values ($1, $2, $3, $4)";
        let uuids = [
            self.uuid::<User>("user_id"),
            self.uuid::<Organization>("org_id"),
            self.uuid::<Role>("org_role_id"),
        ];
        app.superuser.execute(give, &[&self.tenant.0, &uuids[0], &uuids[1], &uuids[2]]).await.unwrap();
    }

    /// Service accounts that hold nothing, so that anybody may make keys of them, and a key of each kind.
    async fn keys(&mut self, app: &TestApp) {
        let add = "insert into service_accounts (tenant_id, id, name, name_folded, permissions, is_active)
            values ($1, $2, $3, $3, '{}', $4)";
        for (parameter, is_active) in [("service_account_id", true), ("inactive_service_account_id", false)] {
            let id = self.new_id::<ServiceAccount>(app, parameter).uuid();
            app.superuser.execute(add, &[&self.tenant.0, &id, &parameter, &is_active]).await.unwrap();
        }
        let add =
            "insert into api_keys (tenant_id, id, user_id, service_account_id, name, secret_hash, expires_at)
            values ($1, $2, $3, $4, 'key', '', $5)";
        let (user, account) =
            (self.uuid::<User>("user_id"), self.uuid::<ServiceAccount>("service_account_id"));
        for (parameter, user, account) in
            [("key_id", Some(user), None), ("account_key_id", None, Some(account))]
        {
            let id = self.new_id::<ApiKey>(app, parameter).uuid();
            let end = app.seam.now() + chrono::Duration::days(30);
            app.superuser.execute(add, &[&self.tenant.0, &id, &user, &account, &end]).await.unwrap();
        }
    }

    /// A mail that was given up, and a template of the tenant's own.
    async fn mails(&mut self, app: &TestApp) {
        let mail = self.new_id::<Mail>(app, "mail_id").uuid();
        let add = "insert into mails (tenant_id, id, kind, locale, recipient, recipient_folded, sender, subject,
                sealed_bodies, status, created_at, updated_at)
            values ($1, $2, 'invitation', 'en', 'a@example.com', 'a@example.com', 's', 's', '', 'dead', now(), now())";
        app.superuser.execute(add, &[&self.tenant.0, &mail]).await.unwrap();
        let add = "insert into mail_templates (tenant_id, kind, locale, subject, text, html, created_at, updated_at)
            values ($1, 'invitation', 'fr', 's', '{{ link }}', '{{ link }}', now(), now())";
        app.superuser.execute(add, &[&self.tenant.0]).await.unwrap();
    }

    /// An application, and a code with which the user came back to it.
    async fn application(&mut self, app: &TestApp) {
        const URI: &str = "https://app.example/signed-in";
        let application = self.new_id::<Application>(app, "application_id").uuid();
        let add =
            "insert into applications (tenant_id, id, name, name_folded, redirect_uris, allowed_origins)
            values ($1, $2, 'application', 'application', array[$3], '{}')";
        app.superuser.execute(add, &[&self.tenant.0, &application, &URI]).await.unwrap();
        let browser = app.seam.uuid();
        let add = "insert into sessions (tenant_id, id, user_id, browser_hash, rotated_at, amr, auth_time, created_at,
                last_seen_at, idle_expires_at, expires_at)
            values ($1, $2, $3, '', $4, '{pwd}', $4, $4, $4, $5, $5)";
        let (now, end) = (app.seam.now(), app.seam.now() + chrono::Duration::minutes(1));
        let user = self.uuid::<User>("user_id");
        app.superuser.execute(add, &[&self.tenant.0, &browser, &user, &now, &end]).await.unwrap();
        let id = app.seam.uuid();
        let (code, hash) = OpaqueToken::mint(TokenKind::AuthorizationCode, self.tenant, id, &app.seam.random);
        let add =
            "insert into authorization_codes (tenant_id, id, application_id, browser_session_id, secret_hash,
                redirect_uri, code_challenge, created_at, expires_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let hash = hash.as_bytes().to_vec();
        let tenant = self.tenant.0;
        app.superuser
            .execute(add, &[&tenant, &id, &application, &browser, &hash, &URI, &CHALLENGE, &now, &end])
            .await
            .unwrap();
        self.values.insert("code_token", code.expose().clone());
        self.values.insert("code_verifier", VERIFIER.to_owned());
        self.values.insert("redirect_uri", URI.to_owned());
    }

    /// Mailed links to the user, and to somebody who is invited.
    async fn links(&mut self, app: &TestApp) {
        let invitation = self.new_id::<Invitation>(app, "invitation_id");
        let add = "insert into invitations (tenant_id, id, email, email_folded, offer, days, expires_at, created_at,
                updated_at)
            values ($1, $2, 'invited@example.com', 'invited@example.com', '{}', 7, $3, $4, $4)";
        let (now, end) = (app.seam.now(), app.seam.now() + chrono::Duration::days(7));
        app.superuser.execute(add, &[&self.tenant.0, &invitation.uuid(), &end, &now]).await.unwrap();
        let user = Some(self.uuid::<User>("user_id"));
        let email = elder_kernel::fold(self.value("email"));
        let data = serde_json::json!({ "invitation": invitation });
        for (parameter, kind, purpose, user, email) in [
            ("email_token", TokenKind::EmailProof, "email_verification", user, email.as_str()),
            ("reset_token", TokenKind::PasswordReset, "password_reset", user, &email),
            ("invitation_token", TokenKind::Invitation, "invitation", None, "invited@example.com"),
        ] {
            let id = app.seam.uuid();
            let (token, hash) = OpaqueToken::mint(kind, self.tenant, id, &app.seam.random);
            self.values.insert(parameter, token.expose().clone());
            let add = "insert into one_time_tokens (tenant_id, id, user_id, purpose, email_folded, secret_hash, data,
                    expires_at, created_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
            let hash = hash.as_bytes().to_vec();
            app.superuser
                .execute(add, &[&self.tenant.0, &id, &user, &purpose, &email, &hash, &data, &end, &now])
                .await
                .unwrap();
        }
    }

    async fn directory(&mut self, app: &TestApp) {
        let directory = self.new_id::<Directory>(app, "dir_id");
        let add = "insert into scim_configurations (tenant_id, id, name, name_folded) values ($1, $2, 'dir', 'dir')";
        app.superuser.execute(add, &[&self.tenant.0, &directory.uuid()]).await.unwrap();
        let paused = self.new_id::<Directory>(app, "paused_dir_id").uuid();
        let add = "insert into scim_configurations (tenant_id, id, name, name_folded, is_active)
            values ($1, $2, 'paused', 'paused', false)";
        app.superuser.execute(add, &[&self.tenant.0, &paused]).await.unwrap();
        let mapping = self.new_id::<RoleMapping>(app, "mapping_id").uuid();
        let role = self.uuid::<Role>("mapped_role_id");
        let add = "insert into scim_role_mappings (tenant_id, id, configuration_id, source, value, value_folded, role_id,
            created_at) values ($1, $2, $3, 'group', 'Nobody', 'nobody', $4, now())";
        app.superuser.execute(add, &[&self.tenant.0, &mapping, &directory.uuid(), &role]).await.unwrap();
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
        let group = self.new_id::<ScimGroup>(app, "scim_group_id").uuid();
        let resource = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Everybody",
        });
        let add = "insert into scim_groups (tenant_id, configuration_id, id, display_name, display_name_folded,
            resource, created_at, updated_at) values ($1, $2, $3, 'Everybody', 'everybody', $4, now(), now())";
        app.superuser.execute(add, &[&self.tenant.0, &keys.0, &group, &resource]).await.unwrap();
        let add = "insert into scim_group_members (tenant_id, configuration_id, group_id, user_id)
            values ($1, $2, $3, $4)";
        app.superuser.execute(add, &[&self.tenant.0, &keys.0, &group, &keys.1]).await.unwrap();
    }
}

/// Replaces every `{name}` by what `value` gives.
fn fill<'a>(pattern: &str, value: impl Fn(&str) -> &'a str) -> String {
    let mut filled = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').expect("a parameter is closed");
        filled.push_str(before);
        filled.push_str(value(name));
        rest = after;
    }
    filled + rest
}
