//! What ends with a provider: a session is as good as the word that it rests on.

use elder_access::{
    TenantTx,
    session::{self as gate, EndReason},
};

use super::repository::sign_ins;
use crate::{
    Error,
    idp::{IdentityProviderId, SetsUpIdps},
};

/// Ends all sessions that rest on sign-ins by a provider, and says how many. Where a sign-in waits for a second factor or for
/// its session to begin, none begins. The caller has locked the provider against sign-ins.
///
/// # Errors
/// [`Error::Database`].
pub(super) async fn end_sessions<A: SetsUpIdps>(
    tx: &TenantTx<A>,
    id: IdentityProviderId,
) -> Result<u64, Error> {
    let of_idp = sign_ins::lock(tx, tx.tenant(), id).await?;
    let ended = gate::end_of_sign_ins(tx, &of_idp, EndReason::ProviderGone).await?;
    sign_ins::remove(tx, tx.tenant(), id).await?;
    Ok(ended)
}
