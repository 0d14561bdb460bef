//! The calendar of schedules, where clocks are set and months are short.

use elder_access::work::Reporting;
use elder_testkit::TestApp;

use super::*;

async fn run(
    app: &TestApp,
    frequency: ReportFrequency,
    (day, hour): (Option<i32>, i32),
    zone: &str,
    now: &str,
) -> String {
    let tx = app.worker.job::<Reporting>().begin(app.acme.id).await.unwrap();
    let when = When { frequency, day, hour, time_zone: zone };
    let at = next_run(&tx, &when, now.parse().unwrap()).await.unwrap();
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[tokio::test]
async fn a_run_is_at_its_hour_by_the_clocks_of_its_zone_also_when_they_are_set() {
    let app = TestApp::start().await;
    let daily = async |hour, now| run(&app, ReportFrequency::Daily, (None, hour), "Europe/Vienna", now).await;
    assert_eq!(daily(6, "2026-01-10T04:59:59Z").await, "2026-01-10T05:00:00Z");
    assert_eq!(daily(6, "2026-01-10T05:00:00Z").await, "2026-01-11T05:00:00Z");
    assert_eq!(daily(6, "2026-07-10T05:00:00Z").await, "2026-07-11T04:00:00Z");
    // On 29 March 2026 the hour from 2 to 3 is left out there, and on 25 October it comes twice.
    assert_eq!(daily(2, "2026-03-28T12:00:00Z").await, "2026-03-29T01:00:00Z");
    assert_eq!(daily(2, "2026-10-24T12:00:00Z").await, "2026-10-25T01:00:00Z");
    assert_eq!(daily(2, "2026-10-25T01:00:00Z").await, "2026-10-26T01:00:00Z");
}

#[tokio::test]
async fn a_week_begins_on_monday_and_a_short_month_ends_on_its_last_day() {
    let app = TestApp::start().await;
    let weekly = async |day, now| run(&app, ReportFrequency::Weekly, (day, 0), "UTC", now).await;
    // 22 November 2026 is a Sunday.
    assert_eq!(weekly(None, "2026-11-22T10:00:00Z").await, "2026-11-23T00:00:00Z");
    assert_eq!(weekly(Some(7), "2026-11-22T10:00:00Z").await, "2026-11-29T00:00:00Z");
    let monthly = async |day, now| run(&app, ReportFrequency::Monthly, (day, 3), "UTC", now).await;
    assert_eq!(monthly(None, "2026-11-22T10:00:00Z").await, "2026-12-01T03:00:00Z");
    assert_eq!(monthly(Some(31), "2027-02-01T00:00:00Z").await, "2027-02-28T03:00:00Z");
    assert_eq!(monthly(Some(31), "2027-02-28T03:00:00Z").await, "2027-03-31T03:00:00Z");
    assert_eq!(monthly(Some(29), "2028-02-01T00:00:00Z").await, "2028-02-29T03:00:00Z");
}

#[tokio::test]
async fn a_zone_that_nobody_knows_is_told_from_a_fault_of_the_database() {
    let app = TestApp::start().await;
    let tx = app.worker.job::<Reporting>().begin(app.acme.id).await.unwrap();
    let when = When { frequency: ReportFrequency::Daily, day: None, hour: 0, time_zone: "Mars/Olympus" };
    assert!(matches!(next_run(&tx, &when, app.seam.now()).await, Err(DbError::Value(_))));
}
