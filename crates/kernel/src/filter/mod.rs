//! The SCIM filter grammar (RFC 7644 §3.4.2.2), parsed once for REST and SCIM.
