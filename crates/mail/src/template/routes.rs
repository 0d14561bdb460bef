//! `/api/v2/mail-templates`.

use actix_web::HttpResponse;
use elder_access::{
    Access,
    markers::{MailsRead, MailsWrite},
};
use elder_http::{Json, ListQuery, Path, Problem, no_content, shown};
use elder_kernel::Page;

use super::{MailTemplate, MailTemplates, TemplateDraft, TemplateKey, TemplateSource, WrittenMail, service};
use crate::{Language, MailKind};

/// Lists the templates of mails: the tenant's own, and the built-in ones that it has not replaced.
#[utoipa::path(get, path = "/api/v2/mail-templates", tag = "Mail templates", operation_id = "mail_templates.list",
    params(ListQuery<MailTemplates>),
    responses((status = 200, description = "A page of templates.", body = Page<MailTemplate>)))]
pub(crate) async fn list(
    access: Access<MailsRead>,
    query: ListQuery<MailTemplates>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Shows the template of a kind of mail in a language: the tenant's own, or else the built-in one.
#[utoipa::path(get, path = "/api/v2/mail-templates/{kind}/{locale}", tag = "Mail templates",
    operation_id = "mail_templates.get", params(("kind" = MailKind, Path), ("locale" = Language, Path)),
    responses((status = 200, description = "The template.", body = MailTemplate),
        (status = 404, description = "`not_found`: there is none in this language.")))]
pub(crate) async fn get(access: Access<MailsRead>, key: Path<TemplateKey>) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, &key.0).await?))
}

/// Sets the tenant's own template of a kind of mail in a language. It is tried out with example values first.
#[utoipa::path(put, path = "/api/v2/mail-templates/{kind}/{locale}", tag = "Mail templates",
    operation_id = "mail_templates.set", params(("kind" = MailKind, Path), ("locale" = Language, Path)),
    request_body = TemplateSource,
    responses((status = 200, description = "The template.", body = MailTemplate),
        (status = 400, description = "`validation_failed`: a text that cannot be used; `errors` names it and its line.")))]
pub(crate) async fn set(
    access: Access<MailsWrite>,
    key: Path<TemplateKey>,
    body: Json<TemplateSource>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (template, event) = service::set(&tx, key.0, body.0).await?;
    tx.answer(event, shown(&template)).await
}

/// Goes back to the built-in template.
#[utoipa::path(delete, path = "/api/v2/mail-templates/{kind}/{locale}", tag = "Mail templates",
    operation_id = "mail_templates.delete", params(("kind" = MailKind, Path), ("locale" = Language, Path)),
    responses((status = 204, description = "The tenant's own template is gone."),
        (status = 404, description = "`not_found`: the tenant has none of its own here.")))]
pub(crate) async fn delete(
    access: Access<MailsWrite>,
    key: Path<TemplateKey>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, &key.0).await?;
    tx.answer(event, no_content()).await
}

/// Writes a mail with example values, by the stored template or a draft of it. Nothing is stored or sent.
#[utoipa::path(post, path = "/api/v2/mail-templates/{kind}/{locale}/preview", tag = "Mail templates",
    operation_id = "mail_templates.preview", params(("kind" = MailKind, Path), ("locale" = Language, Path)),
    request_body = TemplateDraft,
    responses((status = 200, description = "The mail.", body = WrittenMail),
        (status = 400, description = "`validation_failed`: a text that cannot be used; `errors` names it and its line.")))]
pub(crate) async fn preview(
    access: Access<MailsRead>,
    key: Path<TemplateKey>,
    body: Json<TemplateDraft>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::preview(&tx, &key.0, body.0).await?))
}
