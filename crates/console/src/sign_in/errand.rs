//! Why somebody comes to sign in: for their account, or because an application sent them.

use actix_web::web::Query;
use elder_access::{Guest, flows};
use elder_applications::code::{Asking, Authorization, ask};
use elder_http::Problem;
use elder_kernel::{ErrorCode, TenantId};
use elder_tenancy::{Brand, tenant};
use garde::Validate as _;
use serde::de::DeserializeOwned;

use crate::{frame::Frame, place::Place};

/// What the query of the page says of it.
#[derive(Debug, Default)]
pub(super) struct Errand {
    /// Where they must sign in.
    pub(super) tenant: Option<TenantId>,
    /// The application that sent them.
    pub(super) asking: Option<Asking>,
    /// How it looks there.
    pub(super) brand: Option<Brand>,
    /// The page of their own account that they come for.
    pub(super) place: Option<Place>,
}

/// The part of the query that tells one errand from another.
#[derive(Debug, Default, serde::Deserialize)]
struct Named {
    application: Option<String>,
    tenant: Option<String>,
    #[serde(rename = "for")]
    place: Option<String>,
}

impl Errand {
    /// Reads a query: that of `/authorize`, or `tenant`, or `for`, or nothing.
    pub(super) async fn of(guest: &Guest<flows::SignIn>, query: &str) -> Result<Self, Problem> {
        let named: Named = parsed(query)?;
        let asking = match named.application {
            Some(_) => Some(ask(guest, authorization(query)?).await?),
            None => None,
        };
        let tenant = match (&asking, named.tenant) {
            (Some(asking), _) => Some(asking.tenant),
            (None, Some(name)) => tenant::named(&guest.lookup().await?, &name).await?,
            (None, None) => None,
        };
        let brand = Frame::brand(guest, tenant).await?;
        let place = named.place.as_deref().and_then(Place::named);
        Ok(Self { tenant, asking, brand, place })
    }

    /// Where the person goes once they are signed in.
    pub(super) fn leads_to(&self, query: &str) -> String {
        match self.asking {
            Some(_) => format!("/authorize?{query}"),
            None => self.place.unwrap_or_default().path().to_owned(),
        }
    }
}

/// What an application sends people with.
fn authorization(query: &str) -> Result<Authorization, Problem> {
    let authorization: Authorization = parsed(query)?;
    authorization.validate().map_err(|report| invalid(&report))?;
    Ok(authorization)
}

fn parsed<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    Query::from_query(query).map(Query::into_inner).map_err(|error| invalid(&error))
}

fn invalid(what: &impl ToString) -> Problem {
    let what = format!("The query is not valid: {}", what.to_string().trim_end());
    Problem::new(ErrorCode::InvalidParameter, what)
}
