//! The whole application on a database of its own, with two tenants and people in every role.

use std::{
    net::SocketAddr,
    num::NonZeroUsize,
    path::PathBuf,
    sync::{Arc, atomic::AtomicUsize},
};

use chrono::DurationRound as _;
use elder_access::{Asides, Gatekeeper, GlobalRole, Permission, Quotas, Role, Worker};
use elder_crypto::{KeyRing, OpaqueToken, Sealer, StoredKey, TokenKind};
use elder_kernel::{
    Clock, Directory, Id, ManualClock, Organization, Random, Seam, Secret, Session, TenantId, User, fold,
};
use elder_licensing::PublicKey;
use elder_metrics::{Metrics, Readiness};
use elder_outbound::mail::Mailer;
use serde_json::json;
use tokio_postgres::Client;

use crate::{
    Actor, TestDatabase,
    node::{ISSUER, Node, master_key},
};

/// The password of every person in a test.
pub const PASSWORD: &str = "correct horse battery staple";

/// A tenant and the people in it.
pub struct TestTenant {
    /// Its number.
    pub id: TenantId,
    /// Its slug.
    pub slug: &'static str,
    /// An organization at the root.
    pub root: Id<Organization>,
    /// One below it.
    pub child: Id<Organization>,
}

/// A running application. Its clock stands still until it is advanced.
pub struct TestApp {
    /// The server. It is the first field, because it lets go of the database before that is dropped.
    pub node: Node,
    /// The first tenant, `acme`.
    pub acme: TestTenant,
    /// Another tenant, `globex`.
    pub globex: TestTenant,
    /// Moves time.
    pub clock: ManualClock,
    /// Time, ids and randomness of the application.
    pub seam: Seam,
    /// The gate, for what only the composition root may do.
    pub keeper: Gatekeeper,
    /// Makes jobs.
    pub worker: Worker,
    /// The database.
    pub database: TestDatabase,
    /// Where it listens: `http://127.0.0.1:…`.
    pub base: String,
    /// A connection that row-level security does not bind.
    pub superuser: Client,
    /// What the application counts.
    pub metrics: Metrics,
    /// What was sent to directories, and is not written down yet.
    pub activity: elder_scim::Activity,
    /// Whether the application takes traffic.
    pub readiness: Readiness,
    keys: KeyRing,
    client: reqwest::Client,
}

/// What a test wants to be other than usual.
#[derive(Default)]
pub struct Options {
    /// The DNS servers that are asked for proofs of domains. None: one that never answers.
    pub resolvers: Vec<SocketAddr>,
    /// How many passwords may wait to be hashed, by one thread. None: as many as usual, by a thread a core.
    pub waiting_passwords: Option<NonZeroUsize>,
    /// Whether `X-Forwarded-For` is believed of the test itself, as of a proxy.
    pub behind_proxy: bool,
    /// Counts the statements that the application sends to PostgreSQL.
    pub statements: Option<Arc<AtomicUsize>>,
    /// How many requests each caller may send. None: more than any test does.
    pub quotas: Option<Quotas>,
    /// Whether `/docs` is switched off.
    pub without_docs: bool,
    /// Whether answers have the older headers of the rate limits too.
    pub legacy_headers: bool,
    /// The Redis that keeps the rate limits. None: the node does.
    pub redis: Option<Secret<String>>,
    /// The range service that is asked which passwords were stolen.
    pub stolen_passwords: Option<String>,
    /// The files that tell where addresses are.
    pub places: Vec<PathBuf>,
    /// How calls are written to the audit log. By default they are not, so that tests find what a change has left.
    pub asides: Asides,
    /// Sends mails, by the queue's own runner. None: they wait.
    pub mailer: Option<Mailer>,
    /// The keys that sign licences.
    pub license_keys: Vec<PublicKey>,
    /// Whether the server is one that nobody else can reach.
    pub is_loopback: bool,
}

impl TestApp {
    /// Starts the application with everything licensed.
    pub async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// Starts the application as a test wants it.
    pub async fn start_with(options: Options) -> Self {
        Self::begin(TestDatabase::create().await, options).await
    }

    /// Runs each statement for both tenants, as its `$1`, and has PostgreSQL look at what is there now.
    pub async fn fill(&self, statements: &[&str]) {
        for tenant in [&self.acme, &self.globex] {
            for statement in statements {
                self.superuser.execute(*statement, &[&tenant.id.0]).await.unwrap();
            }
        }
        self.superuser.batch_execute("analyze").await.unwrap();
    }

    /// The plan that the application's role gets in a tenant, after `before`, for `statement`.
    pub async fn plan(&self, tenant: TenantId, before: &str, statement: &str) -> String {
        let begin = format!(
            "begin; set local role elder_app; set local app.current_tenant_id = '{tenant}'; {before}"
        );
        self.superuser.batch_execute(&begin).await.unwrap();
        let rows = self.superuser.query(&format!("explain {statement}"), &[]).await.unwrap();
        self.superuser.batch_execute("rollback; deallocate all").await.unwrap();
        rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n")
    }

    /// Asserts that acme's generic plan for a statement with these values, `$tenant` among them, goes by indexes; only
    /// the tables that are `small` may be read whole.
    pub async fn expect_indexed(&self, name: &str, sql: &str, values: &str, small: &[&str]) {
        let tenant = self.acme.id;
        let prepare = format!("set local plan_cache_mode = force_generic_plan; prepare asked as {sql}");
        let values = values.replace("$tenant", &tenant.to_string());
        let plan = self.plan(tenant, &prepare, &format!("execute asked({values})")).await;
        let is_small = |line: &str| small.iter().any(|table| line.contains(&format!(" on {table}")));
        assert!(
            !plan.lines().any(|line| line.contains("Seq Scan") && !is_small(line)),
            "{name}: {sql}\n{plan}"
        );
    }

    /// Starts the application on a migrated database.
    pub async fn start_on(database: TestDatabase) -> Self {
        Self::begin(database, Options::default()).await
    }

    async fn begin(database: TestDatabase, options: Options) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the partitions of the database are around the real present"
        )]
        let now = chrono::Utc::now().duration_trunc(chrono::Duration::seconds(1)).unwrap();
        let clock = ManualClock::new(now);
        let seam = Seam { clock: Clock::new(clock.clone()), random: Random::system() };
        let node = Node::start(&database, &seam, options).await;
        let superuser = database.superuser().await;
        let keys = signing_keys(&superuser, &Sealer::new(&master_key(), Random::system())).await;
        let acme = tenant(&superuser, &seam, "acme").await;
        let globex = tenant(&superuser, &seam, "globex").await;
        let client = reqwest::Client::new();
        Self {
            acme,
            globex,
            clock,
            seam,
            keeper: node.keeper.clone(),
            worker: node.worker.clone(),
            database,
            base: node.base.clone(),
            superuser,
            metrics: node.metrics.clone(),
            activity: node.activity.clone(),
            readiness: node.readiness.clone(),
            keys,
            client,
            node,
        }
    }

    /// Starts a second application over the same database, which knows nothing of the first.
    pub async fn another_node(&self) -> Node {
        self.another_node_with(Options::default()).await
    }

    /// Starts a second application over the same database, as a test wants it.
    pub async fn another_node_with(&self, options: Options) -> Node {
        Node::start(&self.database, &self.seam, options).await
    }

    /// Somebody who is not signed in.
    pub fn guest(&self) -> Actor {
        Actor::new(self.client.clone(), self.base.clone(), self.acme.id)
    }

    /// An admin of acme.
    pub async fn tenant_admin(&self) -> Actor {
        self.member(self.acme.id, Some(Role::Admin)).await
    }

    /// An admin of globex.
    pub async fn other_tenant(&self) -> Actor {
        self.member(self.globex.id, Some(Role::Admin)).await
    }

    /// A member of a tenant with a built-in role, or none.
    pub async fn member(&self, tenant: TenantId, role: Option<Role>) -> Actor {
        self.person(tenant, role, None).await
    }

    /// A member of acme who holds `P` and nothing else, through a custom role.
    pub async fn member_with<P: Permission>(&self) -> Actor {
        self.member_holding(self.acme.id, P::NAME).await
    }

    /// A member of any tenant who holds the permission of this name and nothing else.
    pub async fn member_holding(&self, tenant: TenantId, permission: &str) -> Actor {
        let actor = self.member(tenant, None).await;
        let role = self.seam.uuid();
        let add = "insert into roles (tenant_id, id, name, name_folded, tier, permissions)
            values ($1, $2, $3, $3, 'tenant', array[$4])";
        self.superuser.execute(add, &[&tenant.0, &role, &role.to_string(), &permission]).await.unwrap();
        let give = "insert into portal_user_roles (tenant_id, user_id, role_id) values ($1, $2, $3)";
        self.superuser.execute(give, &[&tenant.0, &actor.user.unwrap().uuid(), &role]).await.unwrap();
        actor
    }

    /// A member of acme with a built-in role in one organization.
    pub async fn organization_member(&self, organization: Id<Organization>, role: Role) -> Actor {
        let actor = self.member(self.acme.id, None).await;
        let give = "insert into portal_user_org_assignments (tenant_id, user_id, organization_id, role)
            values ($1, $2, $3, $4)";
        let user = actor.user.unwrap().uuid();
        self.superuser
            .execute(give, &[&self.acme.id.0, &user, &organization.uuid(), &role.name()])
            .await
            .unwrap();
        actor
    }

    /// A global admin.
    pub async fn operator(&self) -> Actor {
        self.person(TenantId::SYSTEM, None, Some(GlobalRole::Admin)).await
    }

    /// A member of support.
    pub async fn support(&self) -> Actor {
        self.person(TenantId::SYSTEM, None, Some(GlobalRole::Support)).await
    }

    /// A new person with a session and without a password.
    pub async fn person(&self, tenant: TenantId, role: Option<Role>, global: Option<GlobalRole>) -> Actor {
        let user = self.seam.id::<User>();
        insert_user(self, tenant, user, Some((role, global)), None).await;
        let token = self.session_of(tenant, user).await;
        Actor::new(self.client.clone(), self.base.clone(), tenant).as_user(user).with_token(token)
    }

    /// A new SCIM directory of acme, and the provider that pushes into it.
    pub async fn directory(&self) -> (Id<Directory>, Actor) {
        self.directory_of(self.acme.id, "generic").await
    }

    /// A new SCIM directory of a tenant, and the provider that pushes into it.
    pub async fn directory_of(&self, tenant: TenantId, provider: &str) -> (Id<Directory>, Actor) {
        let directory = self.seam.id::<Directory>();
        let add = "insert into scim_configurations (tenant_id, id, name, name_folded, provider)
            values ($1, $2, $3, $3, $4)";
        let name = directory.to_string();
        self.superuser.execute(add, &[&tenant.0, &directory.uuid(), &name, &provider]).await.unwrap();
        let id = self.seam.uuid();
        let (token, hash) = OpaqueToken::mint(TokenKind::ScimToken, tenant, id, &self.seam.random);
        let add = "insert into scim_tokens (tenant_id, id, configuration_id, name, secret_hash)
            values ($1, $2, $3, 'provisioning', $4)";
        let hash = hash.as_bytes().as_slice();
        self.superuser.execute(add, &[&tenant.0, &id, &directory.uuid(), &hash]).await.unwrap();
        let actor = Actor::new(self.client.clone(), self.base.clone(), tenant);
        (directory, actor.with_token(token.expose()))
    }

    /// A new session of a user, and its access token.
    pub async fn session_of(&self, tenant: TenantId, user: Id<User>) -> String {
        let session = self.seam.id::<Session>();
        let now = self.seam.now();
        let add = "insert into sessions (tenant_id, id, user_id, refresh_hash, rotated_at, amr, auth_time, created_at,
            last_seen_at, idle_expires_at, expires_at)
            values ($1, $2, $3, $4, $5, '{pwd}', $5, $5, $5, $5::timestamptz + interval '1 day',
            $5 + interval '30 days')";
        let hash = session.uuid().as_bytes().repeat(2);
        self.superuser.execute(add, &[&tenant.0, &session.uuid(), &user.uuid(), &hash, &now]).await.unwrap();
        self.sign("at+jwt", &self.claims(tenant, user, session))
    }

    /// The claims of a good access token, to be bent by attacks.
    pub fn claims(&self, tenant: TenantId, user: Id<User>, session: Id<Session>) -> serde_json::Value {
        let now = self.seam.now().timestamp();
        json!({
            "iss": ISSUER, "aud": "elder", "sub": user, "tenant_id": tenant, "sid": session,
            "jti": self.seam.uuid(), "iat": now, "exp": now + 600, "auth_time": now, "amr": ["pwd"],
            "global_role": null, "tenant_role": null,
        })
    }

    /// Signs any claims with the application's own key.
    pub fn sign(&self, typ: &str, claims: &impl serde::Serialize) -> String {
        self.keys.sign(typ, claims, self.seam.now()).unwrap()
    }

    /// Waits until an audit event that is written beside its request (a denial) is there; gives how many there are.
    pub async fn audit_count(&self, action: &str) -> i64 {
        let count = "select count(*) from audit_logs where action = $1";
        self.superuser.query_one(count, &[&action]).await.unwrap().get(0)
    }
}

/// Puts a person into the database.
pub(crate) async fn insert_user(
    app: &TestApp,
    tenant: TenantId,
    user: Id<User>,
    roles: Option<(Option<Role>, Option<GlobalRole>)>,
    managed_by: Option<Id<Directory>>,
) {
    let email = format!("{user}@example.com");
    let (role, global) = roles.unwrap_or_default();
    let (role, global) = (role.map(Role::name), global.map(GlobalRole::name));
    let add = "insert into portal_users
        (tenant_id, id, email, email_folded, full_name, full_name_folded, tenant_role, global_role, managed_by)
        values ($1, $2, $3, $4, 'A Person', 'a person', $5, $6, $7)";
    let managed_by = managed_by.map(Id::uuid);
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 7] =
        [&tenant.0, &user.uuid(), &email, &fold(&email), &role, &global, &managed_by];
    app.superuser.execute(add, &values).await.unwrap();
}

async fn signing_keys(superuser: &Client, sealer: &Sealer) -> KeyRing {
    let rows = superuser
        .query("select kid, algorithm, sealed_private, signs_from from signing_keys", &[])
        .await
        .unwrap();
    let stored = rows.iter().map(|row| {
        let place = format!("signing_keys/sealed_private/{}", row.get::<_, String>(0));
        StoredKey {
            algorithm: row.get::<_, &str>(1).parse().unwrap(),
            private_pkcs8: Secret::new(sealer.open(&place, row.get(2)).unwrap()),
            signs_from: row.get(3),
            ends_at: None,
        }
    });
    KeyRing::new(stored.collect()).unwrap()
}

async fn tenant(superuser: &Client, seam: &Seam, slug: &'static str) -> TestTenant {
    let add =
        "insert into tenants (name, slug, subscription_tier) values ($1, $1, 'enterprise') returning id";
    let id = TenantId(superuser.query_one(add, &[&slug]).await.unwrap().get(0));
    let (root, child) = (seam.id::<Organization>(), seam.id::<Organization>());
    let add =
        "insert into organizations (tenant_id, id, parent_id, name, name_folded) values ($1, $2, $3, $4, $4)";
    let none: Option<uuid::Uuid> = None;
    superuser.execute(add, &[&id.0, &root.uuid(), &none, &"root"]).await.unwrap();
    superuser.execute(add, &[&id.0, &child.uuid(), &Some(root.uuid()), &"child"]).await.unwrap();
    TestTenant { id, slug, root, child }
}
