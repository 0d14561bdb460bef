//! Finds identity providers for who is not signed in.

mod repository;

use elder_access::{Guest, flows};
use elder_kernel::TenantId;
use elder_portal_users::account::Email;
use elder_tenancy::domain::DomainName;

use super::KnownIdp;
use crate::{Error, idp::service::feature};

/// The active provider of the tenant that has verified the domain of an address; the platform's own where that is System.
/// It is the same statement whatever the address is, and looks at no account. None by a protocol that is not licensed: people
/// then sign in with a password, which they may set by mail.
///
/// # Errors
/// [`Error::Database`].
pub async fn by_email(guest: &Guest<flows::SignIn>, email: &str) -> Result<Option<KnownIdp>, Error> {
    let email = email.parse::<Email>().ok();
    // A domain that no tenant could own has no ASCII form to be found by.
    let domain = email.and_then(|email| email.domain().parse::<DomainName>().ok());
    let domain = domain.as_ref().map_or("", DomainName::as_str);
    let known = repository::by_domain(&*guest.lookup().await?, domain).await?;
    Ok(known.filter(|idp| guest.covers(feature(idp.idp_type))))
}

/// The active providers of a tenant, in the order of their names.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_tenant(guest: &Guest<flows::SignIn>, tenant: TenantId) -> Result<Vec<KnownIdp>, Error> {
    let mut known = repository::of_tenant(&*guest.begin(tenant).await?, tenant).await?;
    known.retain(|idp| guest.covers(feature(idp.idp_type)));
    Ok(known)
}
