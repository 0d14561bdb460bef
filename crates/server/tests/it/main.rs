//! Tests of the whole system, and of the binary from the outside.

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod audit_command;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod commit_edges;
#[cfg(test)]
mod commit_road;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod deprecation;
#[cfg(test)]
mod embedded;
#[cfg(test)]
mod erasure;
#[cfg(test)]
mod guards;
#[cfg(test)]
mod guide;
#[cfg(test)]
mod halting_road;
#[cfg(test)]
mod keys_command;
#[cfg(test)]
mod license_command;
mod lifecycle;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod migration;
#[cfg(test)]
mod okta_command;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod process;
#[cfg(test)]
mod races;
#[cfg(test)]
mod redis_drill;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod schemathesis;
#[cfg(test)]
mod scim_command;
#[cfg(test)]
mod script;
#[cfg(test)]
mod second_places;
#[cfg(test)]
mod single_sign_on;
#[cfg(test)]
mod tenant_command;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod traces;
