//! How a caller writes a secret into a request. The server is built without it, so that it can show none.

use elder_kernel::Secret;
use serde::{Serialize as _, Serializer};

pub(crate) fn exposed<S: Serializer>(secret: &Secret<String>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.expose().serialize(serializer)
}

#[expect(clippy::ref_option, reason = "serde hands the field over as it is")]
pub(crate) fn exposed_if_there<S: Serializer>(
    secret: &Option<Secret<String>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(Secret::expose).serialize(serializer)
}
