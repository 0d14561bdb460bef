//! `/api/v2/mails`.

use actix_web::HttpResponse;
use elder_access::{
    Access,
    markers::{MailsRead, MailsWrite},
};
use elder_http::{ListQuery, Path, Problem, shown};
use elder_kernel::Page;

use super::{Mail, MailId, Mails, service};

/// Lists mails of the last 30 days and those that still wait, without what they say. Dead ones: `filter=status eq "dead"`.
#[utoipa::path(get, path = "/api/v2/mails", tag = "Mails", operation_id = "mails.list", params(ListQuery<Mails>),
    responses((status = 200, description = "A page of mails.", body = Page<Mail>)))]
pub(crate) async fn list(
    access: Access<MailsRead>,
    query: ListQuery<Mails>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Shows a mail, without what it says.
#[utoipa::path(get, path = "/api/v2/mails/{mail_id}", tag = "Mails", operation_id = "mails.get",
    params(("mail_id" = MailId, Path)),
    responses((status = 200, description = "The mail.", body = Mail),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(access: Access<MailsRead>, id: Path<MailId>) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, id.0).await?))
}

/// Puts a dead mail back into the queue, with all its tries before it.
#[utoipa::path(post, path = "/api/v2/mails/{mail_id}/retry", tag = "Mails", operation_id = "mails.retry",
    params(("mail_id" = MailId, Path)),
    responses((status = 200, description = "The mail, which waits again.", body = Mail),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: it is not dead.")))]
pub(crate) async fn retry(access: Access<MailsWrite>, id: Path<MailId>) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (mail, event) = service::retry(&tx, id.0).await?;
    tx.answer(event, shown(&mail)).await
}
