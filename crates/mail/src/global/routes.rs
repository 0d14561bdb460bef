//! Routes by which operators see what became of mails.

use actix_web::HttpResponse;
use elder_access::{Operator, markers::PlatformMailsRead};
use elder_http::{ListQuery, Problem};
use elder_kernel::Page;

use super::{GlobalMail, GlobalMails, service};

/// Lists mails of all tenants, without what they say.
#[utoipa::path(get, path = "/api/v2/global/mails", tag = "Global mails", operation_id = "global.mails.list",
    params(ListQuery<GlobalMails>),
    responses((status = 200, description = "A page of mails.", body = Page<GlobalMail>)))]
pub(crate) async fn list(
    operator: Operator<PlatformMailsRead>,
    query: ListQuery<GlobalMails>,
) -> Result<HttpResponse, Problem> {
    let pager = operator.pager(&query)?;
    pager.answer(service::list(&operator.begin().await?, pager.selection()).await?)
}
