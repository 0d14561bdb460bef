//! What can go wrong with second factors.

use elder_access::{DbError, session::RefreshFault};
use elder_api_types::settings::SecondFactor;
use elder_crypto::Unsealable;
use elder_kernel::{Coded, ErrorCode};
use webauthn_rs::prelude::WebauthnError;

use crate::NotOneProof;

/// A fault of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such factor, or none that the caller may know of.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// A kind that the tenant does not take.
    #[error("this tenant takes no second factors of the kind `{}`", .0.name())]
    NotTaken(SecondFactor),
    /// More factors than anybody needs.
    #[error("you have as many second factors as one can have: remove one first")]
    TooMany,
    /// An authenticator that the person, or somebody else of the tenant, has registered.
    #[error("this authenticator is registered already")]
    Registered,
    /// A proof that is not right.
    #[error("the proof is not right: send a newer one")]
    InvalidProof,
    /// No proof, or several.
    #[error(transparent)]
    NotOneProof(#[from] NotOneProof),
    /// A flow that is unknown, over, or not for this.
    #[error("this sign-in is not known, is over, or does not ask for this: sign in again")]
    InvalidFlow,
    /// An installation at an address without a name.
    #[error("passkeys need a name of the server: set `http.public_url` or `webauthn.rp_id`")]
    NoRelyingParty,
    /// A person who has no authenticator.
    #[error("no passkey or security key is registered")]
    NoPasskey,
    /// A secret that the master key does not open.
    #[error(transparent)]
    Unsealable(#[from] Unsealable),
    /// A secret or account that makes no TOTP.
    #[error("the secret cannot be shown to an authenticator application")]
    Totp(#[from] totp_rs::TotpError),
    /// A URI that fits no QR code.
    #[error("the secret cannot be drawn as a QR code")]
    QrCode(#[from] qrcode::types::QrError),
    /// A challenge that cannot be made.
    #[error("no challenge could be made")]
    Webauthn(#[from] WebauthnError),
    /// What is stored of a passkey has another form.
    #[error("a stored passkey cannot be read")]
    Stored(#[from] serde_json::Error),
    /// A session that cannot be raised.
    #[error(transparent)]
    Session(#[from] RefreshFault),
    /// A notice that cannot be written.
    #[error(transparent)]
    Mail(#[from] elder_mail::Error),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::NotTaken(_) | Self::TooMany | Self::NoPasskey => ErrorCode::Conflict,
            Self::Registered => ErrorCode::AlreadyExists,
            Self::InvalidProof => ErrorCode::InvalidProof,
            Self::NotOneProof(error) => error.code(),
            Self::InvalidFlow => ErrorCode::InvalidFlow,
            Self::NoRelyingParty => ErrorCode::NotImplemented,
            Self::Unsealable(_) | Self::Totp(_) | Self::QrCode(_) | Self::Webauthn(_) | Self::Stored(_) => {
                ErrorCode::InternalError
            }
            Self::Session(error) => error.code(),
            Self::Mail(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Database(error) => error.retry_after(),
            Self::Session(error) => error.retry_after(),
            Self::Mail(error) => error.retry_after(),
            _ => None,
        }
    }
}
