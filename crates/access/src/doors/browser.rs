//! Who sits at a browser: from its cookie to a principal, for Elder's own pages alone.

use std::sync::Arc;

use elder_crypto::{OpaqueToken, TokenHash, TokenKind};
use elder_kernel::Id;
use uuid::Uuid;

use super::credential::{SESSION, is_live, look_up, name_of, note_use, read_user};
use crate::{Gatekeeper, database::DbError, principal::Principal};

/// That somebody is still there: the session may lie idle from now on for as long as it might before.
const SEEN: &str = "
    update sessions set last_seen_at = $3::timestamptz,
        idle_expires_at = least($3::timestamptz + (idle_expires_at - last_seen_at), expires_at)
    where tenant_id = $1 and id = $2 and ended_at is null
      and last_seen_at <= $3::timestamptz - interval '1 minute'";

/// Whose cookie it is; none if it is not good.
pub(super) async fn principal(keeper: &Gatekeeper, cookie: &str) -> Result<Option<Arc<Principal>>, DbError> {
    let token = OpaqueToken::parse(cookie).ok().filter(|token| token.kind == TokenKind::BrowserSession);
    let Some(token) = token else { return Ok(None) };
    let credential = name_of(&token.secret_hash);
    if let Some(principal) = keeper.beliefs().principal(token.tenant, credential) {
        return Ok(Some(principal));
    }
    let epoch = keeper.beliefs().epoch(token.tenant);
    let Some(row) = look_up(keeper, token.tenant, SESSION, token.id).await? else { return Ok(None) };
    keeper.people().read_along(token.tenant, &row)?;
    let stored = row.get::<Option<&[u8]>>("browser_hash")?.and_then(|hash| TokenHash::try_from(hash).ok());
    if stored != Some(token.secret_hash) || !is_live(keeper, &row)? {
        return Ok(None);
    }
    note_use(keeper, SEEN, (token.tenant, token.id), Some(row.get("last_seen_at")?));
    let user = Id::from_uuid(row.get::<Uuid>("user_id")?);
    let principal = Arc::new(read_user(&row, token.tenant, (user, Id::from_uuid(token.id)), None)?);
    keeper.beliefs().believe(credential, epoch, principal.clone());
    Ok(Some(principal))
}
