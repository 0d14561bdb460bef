//! Alerts: who is told when the log shows something too often.
//!
//! An alert looks at each sealed event once, in the order of the log. Events that it counts wait until there are as many as
//! it takes within its window: then it fires. What follows within the window is added to the firing. Its channel is told of
//! all that has fired, at most once a window.

mod count;
mod notice;
pub(crate) mod routes;
pub(crate) mod service;

use elder_kernel::{
    AuditAlert as Kind, AuditAlertFiring as FiringKind, AuditSearch, User,
    collection::{Collection, Field},
};

pub use elder_api_types::{
    AuditAlertFiringId, AuditAlertId,
    audit_alert::{
        AuditAlert, AuditAlertChannel, AuditAlertFiring, AuditAlertGroup, AuditAlertHealth, AuditAlertPatch,
        AuditAlertTest, NewAuditAlert,
    },
};
pub use service::watch::{Watched, forget_firings, watch_alerts};

/// The alerts of a tenant, as they are listed.
#[derive(Debug)]
pub(crate) enum AuditAlerts {}

impl Collection for AuditAlerts {
    const NAME: &'static str = "audit_alerts";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::folded("name").sortable(),
        Field::id::<AuditSearch>("search_id"),
        Field::text("filter"),
        Field::integer("threshold"),
        Field::integer("window_minutes"),
        Field::word("group_by", AuditAlertGroup::NAMES),
        Field::opaque("channel"),
        Field::bool("is_active"),
        Field::opaque("health"),
        Field::integer("cursor"),
        Field::opaque("lag"),
        Field::integer("missing"),
        Field::integer("failures"),
        Field::text("last_error").unfiltered(),
        Field::time("notified_at"),
        Field::integer("version").unfiltered(),
        Field::time("created_at").sortable(),
        Field::id::<User>("created_by"),
        Field::time("updated_at").sortable(),
    ];
}

/// When an alert has fired, as it is listed: the newest first.
#[derive(Debug)]
pub(crate) enum AuditAlertFirings {}

impl Collection for AuditAlertFirings {
    const NAME: &'static str = "audit_alert_firings";
    const FIELDS: &'static [Field] = &[
        Field::id::<FiringKind>("id").sortable(),
        Field::text("group").unfiltered(),
        Field::integer("events"),
        Field::opaque("event_ids"),
        Field::time("first_at"),
        Field::time("fired_at").sortable(),
        Field::time("last_at"),
        Field::time("notified_at"),
    ];
    const DEFAULT_SORT: &'static str = "-fired_at";
}
