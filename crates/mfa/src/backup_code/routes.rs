//! The route of one's own backup codes.

use actix_web::HttpResponse;
use elder_access::{Fresh, Myself};
use elder_http::{Problem, shown};

use super::{BackupCodes, service};

/// Makes ten backup codes in the place of those before. They are in this answer and nowhere else.
#[utoipa::path(post, path = "/api/v2/me/mfa/backup-codes", tag = "Own account",
    operation_id = "me.mfa.backup_codes.make",
    responses((status = 200, description = "The codes.", body = BackupCodes),
        (status = 409, description = "`conflict`: the tenant takes no backup codes.")))]
pub(crate) async fn make(myself: Fresh<Myself>) -> Result<HttpResponse, Problem> {
    let tx = myself.write().await?;
    let (codes, event) = service::make(&tx, myself.user()).await?;
    tx.answer(event, shown(&codes)).await
}
