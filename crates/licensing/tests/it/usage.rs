//! What is used, day by day.

use chrono::TimeDelta;
use elder_licensing::count_usage;
use serde_json::json;

use crate::world::World;

const USAGE: &str = "/api/v2/global/usage";

#[tokio::test]
async fn the_last_count_of_a_day_stands_and_a_day_has_one() {
    let world = World::start().await;
    world.install(&world.license(&json!({ "tier": "enterprise", "limits": { "max_tenants": 50 } }))).await;
    let count = async || count_usage(&world.app.node.licensing, &world.app.worker).await.unwrap();
    count().await;
    let (_, _) = world.app.directory().await;
    let today = world.app.seam.now().date_naive();
    let used = "insert into usage_days (tenant_id, day, metric, value) values (1, $1, 'api_calls', 40), (2, $1, 'api_calls', 2)";
    world.app.superuser.execute(used, &[&today]).await.unwrap();
    count().await;
    let support = world.app.support().await;
    let days = support.get(USAGE).await.expect(200);
    assert_eq!(days["data"].as_array().unwrap().len(), 1, "{days}");
    let day = &days["data"][0];
    assert_eq!(day["day"], json!(today));
    assert_eq!((&day["tenants_active"], &day["tenants_licensed"]), (&json!(3), &json!(50)));
    assert_eq!((&day["api_calls"], &day["features"]), (&json!(42), &json!(["multi_tenant", "scim"])));
    let users = world.count("select count(*) from portal_users").await;
    assert!(
        day["users"].as_i64().unwrap() <= users && day["entities"].as_i64() > day["users"].as_i64(),
        "{day}"
    );
    assert!(day["storage_bytes"].as_i64().unwrap() > 1_000_000);
    // What a node tells of late belongs to its day.
    world.app.clock.advance(TimeDelta::days(1));
    world
        .app
        .superuser
        .execute("update usage_days set value = value + 1 where tenant_id = 2", &[])
        .await
        .unwrap();
    count().await;
    let days = world.app.support().await.get(USAGE).await.expect(200);
    let calls: Vec<_> =
        days["data"].as_array().unwrap().iter().map(|day| day["api_calls"].as_i64().unwrap()).collect();
    assert_eq!(calls, [43, 0]);
}

#[tokio::test]
async fn the_use_is_given_as_csv_to_who_asks_for_it() {
    let world = World::start().await;
    count_usage(&world.app.node.licensing, &world.app.worker).await.unwrap();
    let support = world.app.support().await;
    let by_format = support.get(&format!("{USAGE}?format=csv")).await;
    let by_header = support.with_header("accept", "text/csv").get(USAGE).await;
    for answer in [&by_format, &by_header] {
        assert_eq!(answer.status, 200);
        assert!(answer.header("content-type").starts_with("text/csv"), "{:?}", answer.headers);
        let lines: Vec<_> = answer.text.split("\r\n").collect();
        assert_eq!(
            lines[0],
            "day,tenants_active,tenants_licensed,users,entities,api_calls,storage_bytes,features"
        );
        let cells: Vec<_> = lines[1].split(',').collect();
        assert_eq!((cells.len(), cells[0]), (8, world.app.seam.now().date_naive().to_string().as_str()));
        assert_eq!((lines.len(), lines[2]), (3, ""));
    }
    let as_json =
        support.with_header("accept", "text/csv").get(&format!("{USAGE}?format=json")).await.expect(200);
    assert_eq!(as_json["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn days_that_make_no_sense_are_refused() {
    let world = World::start().await;
    let support = world.app.support().await;
    for query in [
        "from=2026-02-01&to=2026-01-01",
        "from=2020-01-01&to=2026-01-01",
        "from=yesterday",
        "format=xml",
        "days=3",
    ] {
        support.get(&format!("{USAGE}?{query}")).await.expect_problem(400, "invalid_parameter");
    }
}
