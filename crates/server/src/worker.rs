//! What Elder does by itself while it runs.

use std::{path::PathBuf, time::Duration};

use chrono::TimeDelta;
use elder_access::{Worker, forget_answers, signing_keys};
use elder_audit::{
    Copies, Targets,
    archive::{self, Store},
    forget_exports,
};
use elder_kernel::TenantId;
use elder_licensing::Licensing;
use elder_mail::forget_mails;
use elder_metrics::Metrics;
use elder_mfa::flow::service::forget_flows;
use elder_portal_users::{forget_ended, forget_one_time_tokens};
use elder_privacy::forget_copies;
use elder_scim::{Activity, forget_activity, keep_activity};
use elder_sso::{Providers, forget_requests, forget_sso_sessions, read_metadata_again, tell_of_certificates};
use elder_tenancy::platform::{UsageDelta, ensure_partitions, fold_usage, remove_due_tenants};
use elder_tenancy::{DomainResolver, domain::check_domains_again};

use crate::failure::in_full;

/// How often gauges are counted and API calls are folded.
const OFTEN: Duration = Duration::from_secs(15);
/// How many of those rounds make an hour.
const ROUNDS_AN_HOUR: u32 = 240;

/// Runs until the process ends. A round that fails is logged, and the next one tries again.
///
/// A signing key is replaced at the age of `key_age`, if keys are replaced at all.
pub(crate) async fn run(worker: Worker, metrics: Metrics, activity: Activity, key_age: Option<TimeDelta>) {
    let mut round = 0u32;
    let mut ticks = tokio::time::interval(OFTEN);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = elder_metrics::refresh(&worker, &metrics).await {
            tracing::warn!(%error, "the gauges were not counted");
        }
        match elder_audit::lag(&worker).await {
            Ok(lag) => metrics.show_seal_lag(lag),
            Err(error) => tracing::warn!(%error, "it was not seen how far the audit logs are sealed"),
        }
        fold(&worker, &metrics).await;
        if let Err(error) = keep_activity(&worker, &activity).await {
            tracing::warn!(%error, "what was sent to directories was not written down");
        }
        if let Err(error) = forget_answers(&worker).await {
            tracing::warn!(%error, "old answers to requests with an idempotency key were not deleted");
        }
        if let Err(error) = forget_flows(&worker).await {
            tracing::warn!(%error, "sign-ins that were not brought to their end were not deleted");
        }
        if let Err(error) = forget_requests(&worker).await {
            tracing::warn!(%error, "sign-ins that did not come back from a provider were not deleted");
        }
        if round.is_multiple_of(ROUNDS_AN_HOUR) {
            hourly(&worker, key_age).await;
        }
        round = round.wrapping_add(1);
    }
}

/// Takes over what others do to the signing keys, until the process ends. Beside the rounds, of which one may take long: a
/// key that is revoked must not wait for it.
pub(crate) async fn follow_keys(worker: Worker) {
    let mut ticks = tokio::time::interval(OFTEN);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = signing_keys::refresh(&worker).await {
            tracing::warn!(%error, "the signing keys were not read again");
        }
    }
}

/// Keeps what identity providers say of themselves, until the process ends. Beside the rounds, because providers may be
/// slow.
pub(crate) async fn follow_providers(worker: Worker, providers: Providers) {
    let mut ticks = tokio::time::interval(OFTEN * ROUNDS_AN_HOUR);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = read_metadata_again(&worker, &providers).await {
            tracing::warn!(%error, "the metadata of identity providers was not read anew");
        }
        if let Err(error) = tell_of_certificates(&worker).await {
            tracing::warn!(%error, "certificates of identity providers that end soon were not told of");
        }
    }
}

/// Counts each hour what is used of the installation, until the process ends.
pub(crate) async fn count_usage(licensing: Licensing, worker: Worker) {
    let mut ticks = tokio::time::interval(OFTEN * ROUNDS_AN_HOUR);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = elder_licensing::count_usage(&licensing, &worker).await {
            tracing::warn!(%error, "what is used of the installation was not counted");
        }
    }
}

/// Looks up again what proves domains, until the process ends. Beside the rounds, because name servers may be slow.
pub(crate) async fn follow_domains(worker: Worker, resolver: DomainResolver) {
    let mut ticks = tokio::time::interval(OFTEN * ROUNDS_AN_HOUR);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = check_domains_again(&worker, &resolver).await {
            tracing::warn!(%error, "what proves domains was not looked up again");
        }
    }
}

/// Sends checkpoints of the audit logs to their second places, if there are any, until the process ends.
pub(crate) async fn copy_checkpoints(worker: Worker, mut copies: Copies, metrics: Metrics) {
    let mut ticks = tokio::time::interval(OFTEN);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        for error in copies.send(&worker).await.err().unwrap_or_default() {
            let error = in_full(&error, ": ");
            tracing::error!(error, "checkpoints of the audit logs did not arrive in a second place");
        }
        if let Err(error) = metrics.show_copies_missed(copies.missed()) {
            tracing::warn!(%error, "it is not shown what second places have missed");
        }
    }
}

/// Keeps the register of erasures, if there is one, until the process ends.
pub(crate) async fn keep_register(worker: Worker, register: Option<PathBuf>) {
    let Some(register) = register else { return std::future::pending().await };
    let mut ticks = tokio::time::interval(OFTEN);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = elder_privacy::keep_register(&worker, &register).await {
            tracing::error!(%error, "erasures are not in their register: a restored backup would not know of them");
        }
    }
}

/// Carries what was sealed of the audit logs to where their streams lead, until the process ends.
pub(crate) async fn carry_audit(worker: Worker, targets: Targets) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = elder_audit::deliver_streams(&worker, &targets).await {
            tracing::warn!(%error, "audit logs could not be carried on");
        }
    }
}

/// Looks at what was sealed for the alerts of the audit logs, and tells what has fired, until the process ends.
pub(crate) async fn watch_audit(worker: Worker, targets: Targets) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = elder_audit::watch_alerts(&worker, &targets).await {
            tracing::warn!(%error, "audit logs could not be watched");
        }
    }
}

/// Has reports for auditors made on schedule, and tells those for whom they are, until the process ends. Beside the rounds: who
/// is told may be slow.
pub(crate) async fn report(worker: Worker, targets: Targets, public_url: String) {
    let mut ticks = tokio::time::interval(OFTEN);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = elder_compliance::have_reports_made(&worker).await {
            tracing::warn!(%error, "reports that were due were not made");
        }
        if let Err(error) = elder_compliance::tell_of_reports(&worker, &targets, &public_url).await {
            tracing::warn!(%error, "nobody was told of reports that are done");
        }
    }
}

/// Moves months of the audit logs into archives, and deletes archives whose time has ended, each hour until the process ends.
/// Beside the rounds: a month may be large.
pub(crate) async fn archive_audit(worker: Worker, store: Option<Store>) {
    let Some(store) = store else { return std::future::pending().await };
    let mut ticks = tokio::time::interval(OFTEN * ROUNDS_AN_HOUR);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        for (what, done) in [
            ("archived", archive::archive(&worker, &store).await),
            ("forgotten", archive::forget(&worker, &store).await),
        ] {
            match done {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "archives of audit logs were {what}"),
                Err(error) => {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::error!(%error, cause, "archives of audit logs were not {what}");
                }
            }
        }
    }
}

/// Seals the audit logs each second, until the process ends. Beside the rounds: a checkpoint must not wait for them.
pub(crate) async fn seal_audit(worker: Worker, origin: String) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut fails = false;
    loop {
        ticks.tick().await;
        match elder_audit::seal(&worker, &origin).await {
            Ok(_) => fails = false,
            // Once, and not each second: it is tried again as long as it takes.
            Err(error) if !fails => {
                fails = true;
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(%error, cause, "the audit logs were not sealed");
            }
            Err(_) => {}
        }
    }
}

/// Adds the API calls of this node to the day's sums; what cannot be written now is kept for the next round.
pub(crate) async fn fold(worker: &Worker, metrics: &Metrics) {
    let calls = metrics.take_api_calls();
    if calls.is_empty() {
        return;
    }
    let today = worker.seam().now().date_naive();
    let delta = |(tenant, calls): &(TenantId, u64)| {
        (*tenant, today, "api_calls", i64::try_from(*calls).unwrap_or(i64::MAX))
    };
    let deltas: Vec<UsageDelta> = calls.iter().map(delta).collect();
    if let Err(error) = fold_usage(worker, &deltas).await {
        tracing::warn!(%error, "API calls were not folded");
        for (tenant, calls) in calls {
            metrics.add_api_calls(tenant, calls);
        }
    }
}

async fn hourly(worker: &Worker, key_age: Option<TimeDelta>) {
    if let Err(error) = ensure_partitions(worker).await {
        tracing::error!(%error, "the partitions of the coming months were not made");
    }
    // Before the events that they belong to.
    match elder_audit::forget_bodies(worker).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "deleted bodies of calls whose days had ended"),
        Err(error) => tracing::error!(%error, "bodies of calls whose days have ended are still there"),
    }
    match elder_audit::expire(worker).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "took events out of audit logs whose time had ended"),
        Err(error) => tracing::error!(%error, "events whose time has ended are still in audit logs"),
    }
    if let Err(error) = forget_mails(worker).await {
        tracing::warn!(%error, "old mails were not deleted");
    }
    if let Err(error) = forget_exports(worker).await {
        tracing::warn!(%error, "expired exports of audit logs were not deleted");
    }
    if let Err(error) = elder_audit::forget_firings(worker).await {
        tracing::warn!(%error, "what alerts of audit logs have fired long ago was not deleted");
    }
    if let Err(error) = forget_copies(worker).await {
        tracing::warn!(%error, "copies of people's data whose time is over were not deleted");
    }
    if let Err(error) = elder_compliance::forget_reports(worker).await {
        tracing::warn!(%error, "expired reports were not deleted");
    }
    if let Some(age) = key_age {
        match signing_keys::rotate_if_older(worker, age).await {
            Ok(None) => {}
            Ok(Some(kid)) => tracing::info!(kid, "made the next signing key"),
            Err(error) => tracing::error!(%error, "the signing key was not replaced"),
        }
    }
    if let Err(error) = forget_activity(worker).await {
        tracing::warn!(%error, "what was sent to directories long ago was not deleted");
    }
    if let Err(error) = forget_one_time_tokens(worker).await {
        tracing::warn!(%error, "old one-time tokens were not deleted");
    }
    if let Err(error) = forget_ended(worker).await {
        tracing::warn!(%error, "sessions that ended long ago were not deleted");
    }
    if let Err(error) = forget_sso_sessions(worker).await {
        tracing::warn!(%error, "sign-ins by providers on which no session rests were not deleted");
    }
    match remove_due_tenants(worker).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "removed tenants whose time had come"),
        Err(error) => tracing::error!(%error, "tenants whose time had come were not removed"),
    }
}
