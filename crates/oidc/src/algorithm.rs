//! The algorithms by which a token may be signed: asymmetric ones alone.

use std::fmt;

use openidconnect::core::CoreJwsSigningAlgorithm as Core;
use serde::{Deserialize, Serialize};

macro_rules! algorithms {
    ($($name:ident => $core:ident, $jsonwebtoken:ident;)*) => {
        /// An algorithm of RFC 7518 §3 or RFC 8037. `none` and those with a shared secret have no place here: who can verify
        /// by them can also sign.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Algorithm { $(#[doc = stringify!($name)] $name,)* }

        impl Algorithm {
            /// Every algorithm.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name in a header.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            pub(crate) fn of_name(name: &str) -> Option<Self> {
                match name { $(stringify!($name) => Some(Self::$name),)* _ => None }
            }

            pub(crate) const fn core(self) -> Core {
                match self { $(Self::$name => Core::$core,)* }
            }

            pub(crate) const fn signing(self) -> jsonwebtoken::Algorithm {
                match self { $(Self::$name => jsonwebtoken::Algorithm::$jsonwebtoken,)* }
            }
        }
    };
}

algorithms! {
    RS256 => RsaSsaPkcs1V15Sha256, RS256;
    RS384 => RsaSsaPkcs1V15Sha384, RS384;
    RS512 => RsaSsaPkcs1V15Sha512, RS512;
    PS256 => RsaSsaPssSha256, PS256;
    PS384 => RsaSsaPssSha384, PS384;
    PS512 => RsaSsaPssSha512, PS512;
    ES256 => EcdsaP256Sha256, ES256;
    ES384 => EcdsaP384Sha384, ES384;
    EdDSA => EdDsa, EdDSA;
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
