//! Whatever is sent as a token or as the answer of an identity provider.

use std::sync::LazyLock;

use elder_kernel::{Clock, Seam};
use elder_oidc::{
    Algorithm, Callback, ClientAuthentication, Connection, Discovered, Keys, OidcError, Preset, RelyingParty,
};
use elder_outbound::http::Outbound;
use futures_util::FutureExt as _;

/// Where nobody may be called, so that a token which is well-formed gets as far as its key and no further.
const NOWHERE: &str = "https://127.0.0.1/";

struct Party {
    outbound: Outbound,
    connection: Connection,
    discovered: Discovered,
}

static PARTY: LazyLock<Option<Party>> = LazyLock::new(|| {
    let connection = Connection {
        preset: Preset::Generic,
        issuer: NOWHERE.to_owned(),
        client_id: "elder".to_owned(),
        authentication: ClientAuthentication::None,
        scopes: Vec::new(),
        redirect_uri: NOWHERE.to_owned(),
        algorithms: Algorithm::ALL.to_vec(),
        directories: Vec::new(),
    };
    let discovered = serde_json::json!({
        "issuer": NOWHERE, "authorization_endpoint": NOWHERE, "token_endpoint": NOWHERE, "jwks_uri": NOWHERE,
    });
    Some(Party {
        outbound: Outbound::new(Vec::new(), None, &Clock::system()).ok()?,
        connection,
        discovered: serde_json::from_value(discovered).ok()?,
    })
});

/// No bytes are believed to be a token, and what is refused is refused for a reason. An answer is read or refused.
pub fn oidc_token(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let _read = Callback::parse(text);
    let Some(Party { outbound, connection, discovered }) = &*PARTY else { return };
    let (keys, seam) = (Keys::default(), Seam::system());
    let party = RelyingParty { outbound, connection, discovered, keys: &keys, seam: &seam };
    let verdict = party.verify_logout(text).now_or_never();
    let is_well_formed = text.split('.').count() == 3;
    let is_refused_rightly = match &verdict {
        Some(Err(OidcError::Refused(refusal))) => refusal.reason().starts_with("jwt_"),
        Some(Err(OidcError::Call { .. })) => is_well_formed,
        // Believed, or somebody was called.
        Some(Ok(_)) | None => false,
    };
    assert!(is_refused_rightly, "{verdict:?}");
}
