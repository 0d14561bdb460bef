//! SAML 2.0 from the side of the service provider.

mod algorithm;
mod answer;
mod assertion;
mod authn_request;
mod binding;
mod certificate;
mod decryption;
mod document;
mod envelope;
mod error;
mod examine;
mod idp;
mod idp_metadata;
mod logout;
mod message;
mod names;
mod outgoing;
mod scan;
mod service_provider;
mod signature;
mod sp_metadata;
mod status;
mod writing;

pub use answer::{Answer, Attribute, Expected, NameId, SignedIn};
pub use authn_request::{AuthnRequest, Comparison};
pub use certificate::{Certificate, KeyAlgorithm};
pub use error::Fault;
pub use examine::{Topic, examine};
pub use idp::{Binding, Endpoint, Idp, IdpSettings};
pub use logout::{LogoutAnswer, LogoutExpected, LogoutRequest, LogoutResponse, LogoutWish};
pub use message::{Arrived, Field, Form, RelayState, RequestId, Sent};
pub use names::NameIdFormat;
pub use service_provider::{ServiceProvider, SpKey, generate_key};
