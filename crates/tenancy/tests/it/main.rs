//! Tenancy as its clients see it.

#[cfg(test)]
mod access_check;
#[cfg(test)]
mod dns;
#[cfg(test)]
mod domain;
#[cfg(test)]
mod feature;
#[cfg(test)]
mod grant;
#[cfg(test)]
mod isolation;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod managed_tenant;
#[cfg(test)]
mod member;
#[cfg(test)]
mod organization;
#[cfg(test)]
mod platform;
#[cfg(test)]
mod role;
#[cfg(test)]
mod tenant;
#[cfg(test)]
mod tenant_context;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod upkeep;
