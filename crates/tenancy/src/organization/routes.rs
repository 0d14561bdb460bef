//! The routes of organizations.

use actix_web::HttpResponse;
use elder_access::{
    Access, BatchAnswer, BatchRequest, Operations,
    markers::{OrganizationsRead, OrganizationsWrite},
};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::Page;

use super::{
    Ancestors, Move, NewOrganization, Organization, OrganizationId, OrganizationPatch, Organizations, Parent,
    Subtree, batch::OrganizationBatch, service,
};

/// Lists organizations: one level of the tree, or all of it from there on.
#[utoipa::path(get, path = "/api/v2/organizations", tag = "Organizations", operation_id = "organizations.list",
    params(ListQuery<Organizations, Parent>),
    responses((status = 200, description = "A page of organizations.", body = Page<Organization>),
        (status = 404, description = "`not_found`: no such parent.")))]
pub(crate) async fn list(
    access: Access<OrganizationsRead>,
    query: ListQuery<Organizations, Parent>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    let tx = access.begin().await?;
    let Parent { parent_id, scope } = query.more;
    pager.answer(service::list(&tx, parent_id, scope, pager.selection()).await?)
}

/// Creates an organization.
#[utoipa::path(post, path = "/api/v2/organizations", tag = "Organizations", operation_id = "organizations.create",
    request_body = NewOrganization,
    responses((status = 201, description = "The organization.", body = Organization),
        (status = 404, description = "`not_found`: no such parent."),
        (status = 409, description = "`already_exists`: a sibling has the name. `organization_depth`: too many levels.")))]
pub(crate) async fn create(
    access: Access<OrganizationsWrite>,
    body: Json<NewOrganization>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (organization, event) = service::create(&tx, body.0).await?;
    tx.answer(event, created(&format!("/api/v2/organizations/{}", organization.id), &organization)).await
}

type BatchBody = BatchRequest<OrganizationId, NewOrganization, OrganizationPatch>;

/// Creates, changes and deletes up to 1,000 organizations: all or none, or each on its own.
#[utoipa::path(post, path = "/api/v2/organizations/batch", tag = "Organizations", operation_id = "organizations.batch",
    request_body = BatchBody,
    responses((status = 200, description = "What became of each operation.", body = BatchAnswer),
        (status = 400, description = "`validation_failed`: the form of some operations is wrong."),
        (status = 413, description = "`payload_too_large`: past 10 MiB."),
        (status = 422, description = "`batch_failed`: an operation of an atomic batch; `index` and `error` say more."),
        (status = 429, description = "`rate_limited`: each operation costs one unit.")))]
pub(crate) async fn batch(
    access: Access<OrganizationsWrite>,
    operations: Operations<OrganizationBatch>,
) -> Result<HttpResponse, Problem> {
    access.batch(&OrganizationBatch, operations).await
}

/// Shows an organization.
#[utoipa::path(get, path = "/api/v2/organizations/{org_id}", tag = "Organizations", operation_id = "organizations.get",
    params(("org_id" = OrganizationId, Path, description = "The organization.")),
    responses((status = 200, description = "The organization.", body = Organization)))]
pub(crate) async fn get(
    access: Access<OrganizationsRead>,
    id: Path<OrganizationId>,
) -> Result<HttpResponse, Problem> {
    let organization = service::get(&access.begin().await?, id.0).await?;
    Ok(shown(&organization))
}

/// Changes an organization.
#[utoipa::path(patch, path = "/api/v2/organizations/{org_id}", tag = "Organizations", operation_id = "organizations.update",
    params(("org_id" = OrganizationId, Path, description = "The organization.")), request_body = OrganizationPatch,
    responses((status = 200, description = "The organization.", body = Organization),
        (status = 409, description = "`already_exists`: a sibling has the name.")))]
pub(crate) async fn update(
    access: Access<OrganizationsWrite>,
    id: Path<OrganizationId>,
    body: Json<OrganizationPatch>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (organization, event) = service::update(&tx, id.0, body.0).await?;
    tx.answer(event, shown(&organization)).await
}

/// Deletes an organization and the roles that people have in it.
#[utoipa::path(delete, path = "/api/v2/organizations/{org_id}", tag = "Organizations", operation_id = "organizations.delete",
    params(("org_id" = OrganizationId, Path, description = "The organization.")),
    responses((status = 204, description = "It is deleted."),
        (status = 409, description = "`conflict`: others lie below it. `legal_hold`: it must be kept.")))]
pub(crate) async fn delete(
    access: Access<OrganizationsWrite>,
    id: Path<OrganizationId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, id.0).await?;
    tx.answer(event, no_content()).await
}

/// Moves an organization with all below it.
#[utoipa::path(post, path = "/api/v2/organizations/{org_id}/move", tag = "Organizations", operation_id = "organizations.move",
    params(("org_id" = OrganizationId, Path, description = "The organization.")), request_body = Move,
    responses((status = 200, description = "The organization in its new place.", body = Organization),
        (status = 403, description = "`grant_exceeds_own`: in the new place the caller would hold more over it."),
        (status = 409, description = "`organization_cycle`: the target lies below it. `organization_depth`: too many \
            levels. `already_exists`: a new sibling has the name.")))]
pub(crate) async fn relocate(
    access: Access<OrganizationsWrite>,
    id: Path<OrganizationId>,
    body: Json<Move>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (organization, event) = service::relocate(&tx, access.grants(), id.0, body.0.parent_id).await?;
    tx.answer(event, shown(&organization)).await
}

/// Shows an organization with everything below it.
#[utoipa::path(get, path = "/api/v2/organizations/{org_id}/subtree", tag = "Organizations", operation_id = "organizations.subtree",
    params(("org_id" = OrganizationId, Path, description = "The organization.")),
    responses((status = 200, description = "The whole subtree.", body = Subtree)))]
pub(crate) async fn subtree(
    access: Access<OrganizationsRead>,
    id: Path<OrganizationId>,
) -> Result<HttpResponse, Problem> {
    let data = service::subtree(&access.begin().await?, id.0).await?;
    Ok(shown(&Subtree { data }))
}

/// Shows what lies above an organization.
#[utoipa::path(get, path = "/api/v2/organizations/{org_id}/ancestors", tag = "Organizations", operation_id = "organizations.ancestors",
    params(("org_id" = OrganizationId, Path, description = "The organization.")),
    responses((status = 200, description = "From the parent upwards.", body = Ancestors)))]
pub(crate) async fn ancestors(
    access: Access<OrganizationsRead>,
    id: Path<OrganizationId>,
) -> Result<HttpResponse, Problem> {
    let data = service::ancestors(&access.begin().await?, id.0).await?;
    Ok(shown(&Ancestors { data }))
}
