//! SCIM through HTTP: administration of directories, and what a push does.

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod discovery;
#[cfg(test)]
mod entra;
#[cfg(test)]
mod okta;
#[cfg(test)]
mod person;
#[cfg(test)]
mod protocol;
#[cfg(test)]
mod token;
#[cfg(test)]
mod wire;
