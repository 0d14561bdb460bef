//! What a page of events reads of a log of half a million.

use elder_kernel::{
    Id, User,
    collection::{Asked, Operand, Selection},
};
use elder_testkit::TestApp;
use uuid::Uuid;

use super::*;
use crate::event::AuditEvents;

const MANY: i32 = 500_000;
/// Most of a month: a tenth is of one tenant.
const FILL: &str = "
    insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, actor_user_id, action, category,
        resource_type, resource_id, outcome)
    select case when n % 10 = 0 then $1::int else $2::int end,
        date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' + n * interval '4 seconds',
        gen_random_uuid(), 'r', 'user', lpad(to_hex(n % 2003), 32, '0')::uuid,
        case when n % 5000 < 2 then 'portal_user.deleted' else 'session.created' end,
        case when n % 10 = 0 then 'data_change' else 'api_access' end, 'portal_user',
        'usr_' || n % 3001, 'success'
    from generate_series(1, $3::int) n";

fn selection(filter: Option<&str>) -> Selection {
    let asked = Asked { filter: filter.map(str::to_owned), ..Asked::default() };
    Selection::read::<AuditEvents>(&asked).unwrap()
}

#[tokio::test]
async fn events_by_actor_action_resource_and_time_read_an_index_at_half_a_million() {
    let app = TestApp::start().await;
    let tenant = app.acme.id;
    app.superuser.execute(FILL, &[&tenant.0, &app.globex.id.0, &MANY]).await.unwrap();
    app.superuser.batch_execute("vacuum analyze audit_logs").await.unwrap();
    let begin = app.superuser.query_one("select min(timestamp) from audit_logs", &[]).await.unwrap();
    let day: DateTime<Utc> = begin.get::<_, DateTime<Utc>>(0) + TimeDelta::days(10);
    let range = format!(
        "timestamp ge \"{}\" and timestamp lt \"{}\"",
        day.to_rfc3339(),
        (day + TimeDelta::hours(1)).to_rfc3339()
    );
    let actor = format!("actor_user_id eq \"{}\"", Id::<User>::from_uuid(Uuid::from_u128(77)));
    let (action, resource) = ("action eq \"portal_user.deleted\"", "resource_id eq \"usr_78\"");
    let mut pages = vec![
        (selection(None), "_pkey"),
        (selection(Some(&range)), ""),
        (selection(Some(&actor)), "_actor_user_id_"),
        (selection(Some(action)), "_action_"),
        (selection(Some(resource)), "_resource_id_"),
        (selection(Some(&format!("{actor} and {range}"))), ""),
        (selection(Some(&format!("{action} and {range}"))), ""),
        (selection(Some(&format!("{resource} and outcome eq \"success\""))), "_resource_id_"),
    ];
    let mut far = selection(Some(action));
    assert!(far.continue_behind(vec![Operand::Time(day), Operand::Id(Uuid::nil())]));
    pages.push((far, "_action_"));
    let month = format!("audit_logs_{}", day.format("%Y%m"));
    for (page, index) in pages {
        let sql = EVENTS.spelled_out(&Scope::of("tenant_id = $1", [tenant.into()]), &page);
        let plan = app.plan(tenant, "", &sql).await;
        assert!(!plan.contains(&format!("Seq Scan on {month}")) && plan.contains(index), "{sql}\n{plan}");
        let cost: f64 =
            plan.split("..").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().parse().unwrap();
        assert!(cost < 3000.0, "{sql}\n{plan}");
    }
}

#[tokio::test]
async fn words_read_their_index_at_a_hundred_thousand() {
    let app = TestApp::start().await;
    let tenant = app.acme.id;
    app.superuser.execute(FILL, &[&tenant.0, &app.globex.id.0, &100_000]).await.unwrap();
    app.superuser.batch_execute("vacuum analyze audit_logs").await.unwrap();
    let source = "select prosrc, array_to_string(proconfig[2:], '; set local ') from pg_proc where proname = 'search_audit_logs'";
    let row = app.superuser.query_one(source, &[]).await.unwrap();
    let (body, settings): (String, String) = (row.get(0), row.get(1));
    let body = [("needle", "$1"), ("since", "$2"), ("before", "$3"), ("limit most", "limit $4")]
        .iter()
        .fold(body, |body, (name, place)| body.replace(name, place));
    for mode in ["force_generic_plan", "force_custom_plan"] {
        let before = format!(
            "set local role elder_platform; set local {settings}; set local plan_cache_mode = {mode};
            prepare asked(text, timestamptz, timestamptz, int) as {body}"
        );
        let asked = "execute asked('portal_user.deleted usr_17', '-infinity', 'infinity', 10001)";
        let plan = app.plan(tenant, &before, asked).await;
        assert!(plan.contains("audit_event_words"), "{mode}\n{plan}");
        assert!(
            plan.contains("Bitmap Index Scan on audit_logs_") && !plan.contains("_category_"),
            "{mode}\n{plan}"
        );
    }
    let words = Words { said: "deleted usr_50", period: Period::default(), most: 100 };
    let values = words.values().into_iter();
    let scope = Scope::of(WITH_WORDS, [sea_orm::Value::from(tenant)].into_iter().chain(values));
    let plan = app.plan(tenant, "", &EVENTS.spelled_out(&scope, &selection(None))).await;
    let month = format!("Seq Scan on audit_logs_{}", app.seam.now().format("%Y%m"));
    assert!(plan.contains("search_audit_logs") && !plan.contains(&month), "{plan}");
}

#[tokio::test]
async fn events_of_some_actions_are_read_by_the_index_whatever_else_the_time_is_full_of() {
    let app = TestApp::start().await;
    let tenant = app.acme.id;
    app.superuser.execute(FILL, &[&tenant.0, &app.globex.id.0, &MANY]).await.unwrap();
    app.superuser.batch_execute("vacuum analyze audit_logs").await.unwrap();
    let values = [
        tenant.to_string(),
        "'{portal_user.deleted,role.created}'".to_owned(),
        "'-infinity'".to_owned(),
        format!("'{}'", Uuid::nil()),
        "'infinity'".to_owned(),
        "true".to_owned(),
        "'{}'".to_owned(),
        "'{}'".to_owned(),
        "'{}'".to_owned(),
        Wanted::PAGE.to_string(),
    ];
    // The longer numbers first: `$1` is the beginning of `$10`.
    let numbered = values.iter().enumerate().rev();
    let sql =
        numbered.fold(OF_ACTIONS.to_owned(), |sql, (at, value)| sql.replace(&format!("${}", at + 1), value));
    let plan = app.plan(tenant, "", &sql).await;
    assert!(plan.contains("_action_") && !plan.contains("Seq Scan on audit_logs"), "{plan}");
    let all = Wanted {
        actions: vec!["portal_user.deleted"],
        about: None,
        after: (DateTime::UNIX_EPOCH, Uuid::nil()),
        to: app.seam.now() + TimeDelta::days(3650),
    };
    let tx = app.worker.job::<elder_access::work::Housekeeping>().begin(tenant).await.unwrap();
    let mut wanted = all.clone();
    let mut count = 0;
    loop {
        let found = of_actions(&tx, tenant, &wanted).await.unwrap();
        let Some((_, last)) = found.last() else { break };
        assert!(found.windows(2).all(|pair| pair[0].1.timestamp <= pair[1].1.timestamp));
        wanted.go_on_behind(last);
        count += found.len();
    }
    let counted = "select count(*) from audit_logs where tenant_id = $1 and action = 'portal_user.deleted'";
    let expected: i64 = app.superuser.query_one(counted, &[&tenant.0]).await.unwrap().get(0);
    assert_eq!(count, usize::try_from(expected).unwrap());
}

#[tokio::test]
async fn whom_events_name_is_looked_for_by_the_index_of_categories() {
    let app = TestApp::start().await;
    let tenant = app.acme.id;
    app.superuser.execute(FILL, &[&tenant.0, &app.globex.id.0, &100_000]).await.unwrap();
    app.superuser.batch_execute("vacuum analyze audit_logs").await.unwrap();
    let values = [
        tenant.to_string(),
        "'data_change'".to_owned(),
        "'-infinity'".to_owned(),
        format!("'{}'", Uuid::nil()),
        format!("'{}'", Uuid::from_u128(70)),
        "'usr_70'".to_owned(),
        "'sealed:(0):|usr_70'".to_owned(),
    ];
    let numbered = values.iter().enumerate();
    let sql =
        numbered.fold(NAMING.to_owned(), |sql, (at, value)| sql.replace(&format!("${}", at + 1), value));
    let plan = app.plan(tenant, "", &sql).await;
    let month = format!("Seq Scan on audit_logs_{}", app.seam.now().format("%Y%m"));
    assert!(plan.contains("_category_") && !plan.contains(&month), "{plan}");
    // Every part is looked through once, and what it names nobody in is passed.
    let (user, tx) = (
        Id::from_uuid(Uuid::from_u128(70)),
        app.worker.job::<elder_access::work::Housekeeping>().begin(tenant).await.unwrap(),
    );
    let (mut parts, mut behind) = (0, (DateTime::UNIX_EPOCH, Uuid::nil()));
    while let Some(looked) =
        naming(&tx, tenant, (user, &BTreeSet::new()), "data_change", behind).await.unwrap()
    {
        assert!(looked.events.is_empty() && (looked.behind.0, looked.behind.1.uuid()) > behind);
        (parts, behind) = (parts + 1, (looked.behind.0, looked.behind.1.uuid()));
    }
    assert!(parts >= 2, "{parts}");
}
