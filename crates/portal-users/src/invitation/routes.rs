//! `/api/v2/invitations`.

use actix_web::{HttpResponse, web::Data};
use elder_access::{
    Access, BatchAnswer, BatchRequest, Operations, Unoffered,
    markers::{InvitationsRead, InvitationsWrite},
};
use elder_http::{Json, ListQuery, Path, Problem, PublicUrl, created, no_content, shown};
use elder_kernel::Page;

use super::{Invitation, InvitationId, Invitations, NewInvitation, batch::InvitationBatch, service};

/// Lists invitations: those that wait, those that are too old, and those that were accepted.
#[utoipa::path(get, path = "/api/v2/invitations", tag = "Invitations", operation_id = "invitations.list",
    params(ListQuery<Invitations>),
    responses((status = 200, description = "A page of invitations.", body = Page<Invitation>)))]
pub(crate) async fn list(
    access: Access<InvitationsRead>,
    query: ListQuery<Invitations>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Invites somebody by mail, with roles no higher than the caller's own.
#[utoipa::path(post, path = "/api/v2/invitations", tag = "Invitations", operation_id = "invitations.create",
    request_body = NewInvitation,
    responses((status = 201, description = "The invitation.", body = Invitation),
        (status = 400, description = "`validation_failed`: the tenant takes no address there, or nobody can be written to."),
        (status = 403, description = "`grant_exceeds_own`: the roles go beyond the caller's own."),
        (status = 404, description = "`not_found`: a role or an organization."),
        (status = 409, description = "`already_exists`: a user has the address, or an invitation waits; `conflict`: nobody is taken by invitation."),
        (status = 429, description = "`rate_limited`: the address has got enough such mails.")))]
pub(crate) async fn create(
    access: Access<InvitationsWrite>,
    public: Data<PublicUrl>,
    body: Json<NewInvitation>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (invitation, event) = service::create(&tx, &public, body.0).await?;
    tx.answer(event, created(&format!("/api/v2/invitations/{}", invitation.id), &invitation)).await
}

type BatchBody = BatchRequest<InvitationId, NewInvitation, Unoffered>;

/// Makes and withdraws up to 1,000 invitations: all or none, or each on its own.
#[utoipa::path(post, path = "/api/v2/invitations/batch", tag = "Invitations", operation_id = "invitations.batch",
    request_body = BatchBody,
    responses((status = 200, description = "What became of each operation.", body = BatchAnswer),
        (status = 400, description = "`validation_failed`: the form of some operations is wrong."),
        (status = 413, description = "`payload_too_large`: past 10 MiB."),
        (status = 422, description = "`batch_failed`: an operation of an atomic batch; `index` and `error` say more."),
        (status = 429, description = "`rate_limited`: each operation costs one unit.")))]
pub(crate) async fn batch(
    access: Access<InvitationsWrite>,
    public: Data<PublicUrl>,
    operations: Operations<InvitationBatch>,
) -> Result<HttpResponse, Problem> {
    access.batch(&InvitationBatch(public.into_inner()), operations).await
}

/// Shows an invitation, never its link.
#[utoipa::path(get, path = "/api/v2/invitations/{invitation_id}", tag = "Invitations",
    operation_id = "invitations.get", params(("invitation_id" = InvitationId, Path)),
    responses((status = 200, description = "The invitation.", body = Invitation),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(
    access: Access<InvitationsRead>,
    id: Path<InvitationId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, id.0).await?))
}

/// Withdraws an invitation: its link is good no more.
#[utoipa::path(delete, path = "/api/v2/invitations/{invitation_id}", tag = "Invitations",
    operation_id = "invitations.delete", params(("invitation_id" = InvitationId, Path)),
    responses((status = 204, description = "It is gone."),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: it was accepted.")))]
pub(crate) async fn delete(
    access: Access<InvitationsWrite>,
    id: Path<InvitationId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::withdraw(&tx, id.0).await?;
    tx.answer(event, no_content()).await
}

/// Sends an invitation again, as the caller's own, with another link that is good as long; the one before is good no more.
#[utoipa::path(post, path = "/api/v2/invitations/{invitation_id}/resend", tag = "Invitations",
    operation_id = "invitations.resend", params(("invitation_id" = InvitationId, Path)),
    responses((status = 200, description = "The invitation.", body = Invitation),
        (status = 403, description = "`grant_exceeds_own`: the roles go beyond the caller's own."),
        (status = 404, description = "`not_found`: the invitation, a role or an organization of it."),
        (status = 409, description = "`conflict`: it was accepted, or nobody is taken by invitation."),
        (status = 429, description = "`rate_limited`: the address has got enough such mails.")))]
pub(crate) async fn resend(
    access: Access<InvitationsWrite>,
    id: Path<InvitationId>,
    public: Data<PublicUrl>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (invitation, event) = service::resend(&tx, &public, id.0).await?;
    tx.answer(event, shown(&invitation)).await
}
