//! No event tells of people in the clear, and every column that sounds like a person says how an erasure reaches it.

use std::collections::BTreeSet;

use elder_testkit::{Fixture, TestApp};
use serde_json::Value;

use super::support::{call, endpoints, rightful};

/// Fields of events that are personal wherever they stand.
const PERSONAL: [&str; 8] =
    ["email", "full_name", "user_name", "external_id", "locale", "time_zone", "ip", "subject"];

/// Columns of people: they go with the account, or the erasure names them (`elder-privacy`, `erasure/repository.rs`).
const ERASED: &str = "
    portal_users.email portal_users.email_folded portal_users.full_name portal_users.full_name_folded
    portal_users.search_text portal_users.locale portal_users.time_zone portal_users.external_id
    devices.name devices.user_agent devices.ip sessions.ip sessions.user_agent sessions.actor_reason
    one_time_tokens.email_folded invitations.email invitations.email_folded mfa_factors.name
    api_keys.name api_keys.ip_allowlist sso_identities.subject sso_sessions.subject
    scim_users.user_name scim_users.user_name_folded scim_users.external_id scim_users.resource
    scim_group_members.display mails.locale mails.recipient mails.recipient_folded mails.subject
    privacy_requests.reason privacy_requests.reject_reason";
/// Columns of the log, sealed under the key of the person as far as they tell of one.
const SEALED: &str = "
    audit_logs.actor_ip audit_logs.actor_user_agent audit_restored_events.actor_ip
    audit_restored_events.actor_user_agent";
/// Columns that sound like it and tell of no person, or of none but by what somebody chose to write.
const NOBODYS: &str = "
    tenants.name organizations.name organizations.name_folded roles.name roles.name_folded sessions.end_reason
    service_accounts.name service_accounts.name_folded applications.name applications.name_folded
    idp_configurations.name idp_configurations.name_folded scim_configurations.name scim_configurations.name_folded
    scim_tokens.name scim_groups.display_name scim_groups.display_name_folded scim_groups.external_id
    scim_groups.resource entitlements.display entitlements.display_folded entitlement_conflicts.name
    entitlement_conflicts.name_folded mail_templates.locale mail_templates.subject audit_logs.reason
    audit_streams.name audit_streams.name_folded audit_searches.name audit_searches.name_folded audit_alerts.name
    audit_alerts.name_folded compliance_templates.name compliance_templates.name_folded compliance_schedules.name
    compliance_schedules.name_folded compliance_schedules.time_zone license_places.resource legal_holds.subject legal_holds.reason legal_holds.release_reason
    audit_restored_events.reason outbox.subject platform_settings.name feature_flags.name";

#[tokio::test]
async fn every_column_that_sounds_like_a_person_says_how_an_erasure_reaches_it() {
    let app = TestApp::start().await;
    let ask = "select c.relname || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
          and a.attnum > 0 and not a.attisdropped and a.atttypid in ('text'::regtype, 'jsonb'::regtype)
          and c.relname <> 'refinery_schema_history'
          and a.attname ~ '(email|name|phone|^ip|_ip$|user_agent|address|recipient|locale|time_zone|external_id|subject|display|reason|resource$|search)'";
    let rows = app.superuser.query(ask, &[]).await.unwrap();
    let there: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    let said = [ERASED, SEALED, NOBODYS].iter().flat_map(|names| names.split_whitespace()).map(str::to_owned);
    let said: BTreeSet<String> = said.collect();
    let forgotten: Vec<_> = there.difference(&said).collect();
    assert!(forgotten.is_empty(), "say in this file how an erasure reaches {forgotten:?}");
    let gone: Vec<_> = said.difference(&there).collect();
    assert!(gone.is_empty(), "these columns are there no more: {gone:?}");
}

#[tokio::test]
async fn no_event_of_any_route_tells_of_people_in_the_clear() {
    let app = TestApp::start().await;
    let mut called = 0;
    for (number, (route, endpoint)) in endpoints().iter().enumerate() {
        if endpoint.own_test.is_some() || (endpoint.method == "GET" && !endpoint.discloses) {
            continue;
        }
        let ids = Fixture::create(&app, &format!("tenant-{number}")).await;
        call(&rightful(&app, route, &ids).await, endpoint, &ids).await;
        called += 1;
    }
    assert!(called > 100, "{called}");
    let ask = "select action, changes, metadata from audit_logs
        union all select type, data -> 'changes', '{}' from outbox";
    let mut open = BTreeSet::new();
    for row in app.superuser.query(ask, &[]).await.unwrap() {
        let action: &str = row.get(0);
        for said in [row.get::<_, Value>(1), row.get(2)] {
            look(action, "", &said, &mut open);
        }
    }
    assert!(open.is_empty(), "personal data in the clear:\n{open:#?}");
    let sealed =
        "select count(*) from audit_logs where changes::text like '%sealed:%' and actor_ip like 'sealed:%'";
    let sealed: i64 = app.superuser.query_one(sealed, &[]).await.unwrap().get(0);
    assert!(sealed > 0);
}

/// Names what stands open: an address anywhere, anything at all in a field that is personal.
fn look(action: &str, field: &str, said: &Value, open: &mut BTreeSet<String>) {
    match said {
        Value::String(text) => {
            let is_sealed = text.starts_with("sealed:") || text == elder_access::ERASED;
            // Of a template it is the subject of mails to anybody.
            let is_personal =
                PERSONAL.contains(&field) && !(field == "subject" && action.contains("mail_template"));
            // Where a tenant wants its alerts is nobody's account, as the guide says.
            let is_channel = field == "to" && action.contains("audit_alert");
            if !is_sealed && !is_channel && (is_personal || is_address(text)) {
                open.insert(format!("{action}: {field}: {text}"));
            }
        }
        Value::Array(items) => {
            for item in items {
                look(action, field, item, open);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let side = ["before", "after"].contains(&name.as_str());
                look(action, if side { field } else { name }, value, open);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(_, domain)| domain.contains('.') && !domain.contains(' '))
}
