//! SCIM 2.0: directories, tokens and provisioned users.
