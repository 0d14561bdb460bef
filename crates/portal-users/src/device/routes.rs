//! Routes of one's own devices.

use actix_web::HttpResponse;
use elder_access::{Action, Event, Myself, OwnRead};
use elder_http::{Json, ListQuery, Path, Problem, no_content, shown};
use elder_kernel::Page;

use super::{Device, DeviceId, DevicePatch, Devices, service};

/// Lists the devices with which one has signed in.
#[utoipa::path(get, path = "/api/v2/me/devices", tag = "Own account", operation_id = "me.devices.list",
    params(ListQuery<Devices>),
    responses((status = 200, description = "A page of devices.", body = Page<Device>)))]
pub(crate) async fn list(
    myself: Myself<OwnRead>,
    query: ListQuery<Devices>,
) -> Result<HttpResponse, Problem> {
    let pager = myself.pager(&query)?;
    let current = myself.principal().session;
    let tx = myself.read().await?;
    pager.answer(service::list(&tx, myself.user(), current, pager.selection()).await?)
}

/// Shows one of the own devices.
#[utoipa::path(get, path = "/api/v2/me/devices/{device_id}", tag = "Own account", operation_id = "me.devices.get",
    params(("device_id" = DeviceId, Path)),
    responses((status = 200, description = "The device.", body = Device),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(myself: Myself<OwnRead>, path: Path<DeviceId>) -> Result<HttpResponse, Problem> {
    let current = myself.principal().session;
    let tx = myself.read().await?;
    Ok(shown(&service::get(&tx, myself.user(), current, path.0).await?))
}

/// Gives one of the own devices another name.
#[utoipa::path(patch, path = "/api/v2/me/devices/{device_id}", tag = "Own account",
    operation_id = "me.devices.update", params(("device_id" = DeviceId, Path)), request_body = DevicePatch,
    responses((status = 200, description = "The device.", body = Device),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn update(
    myself: Myself,
    path: Path<DeviceId>,
    body: Json<DevicePatch>,
) -> Result<HttpResponse, Problem> {
    let current = myself.principal().session;
    let tx = myself.write().await?;
    let (device, changes) = service::update(&tx, myself.user(), current, path.0, body.0).await?;
    let event = (!changes.is_empty()).then(|| Event::on(Action::DeviceUpdated, path.0).changed(changes));
    tx.answer(event, shown(&device)).await
}

/// Withdraws one of the own devices: its sessions end, and its next sign-in is that of a new one.
#[utoipa::path(delete, path = "/api/v2/me/devices/{device_id}", tag = "Own account",
    operation_id = "me.devices.delete", params(("device_id" = DeviceId, Path)),
    responses((status = 204, description = "The device is withdrawn."),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn delete(myself: Myself, path: Path<DeviceId>) -> Result<HttpResponse, Problem> {
    let current = myself.principal().session;
    let tx = myself.write().await?;
    let ended = service::delete(&tx, myself.user(), current, path.0).await?;
    tx.answer(Event::on(Action::DeviceDeleted, path.0).with("ended_sessions", ended), no_content()).await
}
