//! Puts the application together: routes of every domain behind one envelope and one gate.

use std::sync::Arc;

use actix_web::{
    App, Error,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::from_fn,
    web,
};
use elder_access::{Gatekeeper, RateClass, limited};
use elder_audit::{Tail, Targets};
use elder_crypto::PasswordHasher;
use elder_http::{BodyForms, BodyLimit, ProblemStyles, PublicUrl, RouteTable, TrustedProxies};
use elder_licensing::Licensing;
use elder_metrics::{Health, Metrics, Readiness, ScrapeToken};
use elder_mfa::webauthn::RelyingParty;
use elder_portal_users::risk::Places;
use elder_scim::Activity;
use elder_sso::Providers;
use elder_tenancy::{DomainResolver, platform::health::StartedAt};

/// What the application is made of. One for the process; cheap to clone for each worker.
#[derive(Clone)]
pub struct Application {
    /// The gate.
    pub keeper: Gatekeeper,
    /// The pool that hashes passwords.
    pub hasher: Arc<PasswordHasher>,
    /// Where the world reaches this installation.
    pub public_url: PublicUrl,
    /// Who asks for passkeys.
    pub relying_party: RelyingParty,
    /// Tells where addresses are.
    pub places: Places,
    /// Proxies whose forwarded addresses are believed.
    pub proxies: TrustedProxies,
    /// Bytes that a body may have.
    pub body_limit: usize,
    /// What is counted.
    pub metrics: Metrics,
    /// What was sent to directories.
    pub activity: Activity,
    /// What is told of the audit logs.
    pub tail: Tail,
    /// The ways to what audit logs are carried to.
    pub targets: Targets,
    /// What `/healthz` looks at.
    pub health: Health,
    /// Whether this node takes traffic.
    pub readiness: Readiness,
    /// What a scrape must show.
    pub scrape_token: Option<ScrapeToken>,
    /// Asks the DNS for proofs of domains.
    pub resolver: DomainResolver,
    /// The licence.
    pub licensing: Licensing,
    /// The way to identity providers.
    pub providers: Providers,
    /// When the process started.
    pub started_at: StartedAt,
    /// Whether `/metrics` has an address of its own and is not served here.
    pub metrics_apart: bool,
    /// Whether `/docs` is served.
    pub docs: bool,
}

/// What words its problems in a way of its own.
const PROBLEMS: ProblemStyles = ProblemStyles(&[elder_scim::PROBLEMS, elder_console::PROBLEMS]);

/// Every route of Elder.
pub fn api() -> RouteTable {
    let mut table = always();
    elder_metrics::exposition(&mut table);
    crate::reference::browser(&mut table);
    table
}

/// The routes that no setting takes away.
fn always() -> RouteTable {
    let mut table = RouteTable::default();
    elder_tenancy::routes(&mut table);
    elder_licensing::routes(&mut table);
    elder_portal_users::routes(&mut table);
    elder_api_keys::routes(&mut table);
    elder_entitlements::routes(&mut table);
    elder_audit::routes(&mut table);
    elder_scim::routes(&mut table);
    elder_mfa::routes(&mut table);
    elder_compliance::routes(&mut table);
    elder_mail::routes(&mut table);
    elder_applications::routes(&mut table);
    elder_sso::routes(&mut table);
    elder_privacy::routes(&mut table);
    elder_metrics::probes(&mut table);
    crate::reference::routes(&mut table);
    table
}

impl Application {
    /// Builds one worker's application.
    pub fn app(
        &self,
    ) -> App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody + use<>>,
            Error = Error,
            InitError = (),
        > + use<>,
    > {
        let table = self.table();
        App::new()
            .app_data(PROBLEMS)
            .app_data(web::Data::new(self.public_url.clone()))
            .app_data(web::Data::new(self.relying_party.clone()))
            .app_data(web::Data::new(self.places.clone()))
            .app_data(web::Data::new(self.proxies.clone()))
            .app_data(web::Data::new(self.keeper.seam().clone()))
            .app_data(web::Data::new(BodyLimit(self.body_limit)))
            .app_data(web::Data::new(BodyForms::of(&table)))
            .app_data(web::Data::new(self.resolver.clone()))
            .app_data(web::Data::new(self.providers.clone()))
            .app_data(web::Data::new(self.licensing.clone()))
            .app_data(web::Data::new(self.started_at))
            .app_data(web::Data::from(self.hasher.clone()))
            .app_data(web::Data::new(self.metrics.clone()))
            .app_data(web::Data::new(self.activity.clone()))
            .app_data(web::Data::new(self.tail.clone()))
            .app_data(web::Data::new(self.targets.clone()))
            .app_data(web::Data::new(self.health.clone()))
            .app_data(web::Data::new(self.readiness.clone()))
            .configure(|service| self.install_scrape_token(service))
            .configure(|service| self.keeper.install(service))
            .configure(|service| table.configure(service, limited))
            .default_service(limited(RateClass::Standard.name(), web::to(elder_http::malformed_route)))
            .wrap(from_fn(elder_scim::record))
            .wrap(from_fn(elder_access::authenticate))
            .wrap(from_fn(elder_http::envelope))
            .wrap(from_fn(elder_access::record_call))
            .wrap(from_fn(elder_access::cors))
            .wrap(from_fn(elder_metrics::measure))
            .wrap(from_fn(elder_metrics::part))
            .wrap(from_fn(elder_metrics::trace))
    }

    /// Builds the application that serves `/metrics` alone, on an address of its own.
    pub fn metrics_app(
        &self,
    ) -> App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody + use<>>,
            Error = Error,
            InitError = (),
        > + use<>,
    > {
        let mut table = RouteTable::default();
        elder_metrics::exposition(&mut table);
        App::new()
            .app_data(web::Data::new(self.metrics.clone()))
            .configure(|service| self.install_scrape_token(service))
            .configure(|service| table.configure(service, |_, route| route))
            .default_service(web::to(elder_http::malformed_route))
            .wrap(from_fn(elder_http::envelope))
    }

    /// The routes that this node serves.
    fn table(&self) -> RouteTable {
        let mut table = always();
        // They are for people: no part of the API, nor of its document.
        elder_console::routes(&mut table);
        if !self.metrics_apart {
            elder_metrics::exposition(&mut table);
        }
        if self.docs {
            crate::reference::browser(&mut table);
        }
        table
    }

    fn install_scrape_token(&self, service: &mut web::ServiceConfig) {
        if let Some(token) = &self.scrape_token {
            service.app_data(web::Data::new(token.clone()));
        }
    }
}
