//! Tenants at the shell, and secrets from files.

use std::{fs, path::Path};

use elder_testkit::TestDatabase;

use crate::process::{command, data_directory, output};

/// Runs `elder tenant …`.
fn tenant(data: &Path, database: &TestDatabase, arguments: &[&str]) -> (bool, String) {
    output(command(data, Some(database)).arg("tenant").args(arguments))
}

async fn count(database: &TestDatabase, sql: &str) -> i64 {
    database.superuser().await.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn the_shell_leads_a_tenant_from_its_creation_to_its_deletion() {
    let (database, data) = (TestDatabase::create().await, data_directory());
    let run = |arguments: &[&str], says: &str| {
        let (success, text) = tenant(data.path(), &database, arguments);
        assert!(success && text.contains(says), "{arguments:?}: {text}");
    };
    run(&["create", "--name", "Initech Inc", "--slug", "initech", "--tier", "enterprise"], "initech");
    run(&["list"], "Initech Inc");
    run(&["list"], "system");
    run(&["show", "initech"], "enterprise");
    run(&["deactivate", "initech"], "no");
    run(&["deactivate", "initech"], "It was so already.");
    run(&["activate", "initech"], "yes");
    run(&["schedule-deletion", "initech", "--days", "3"], "UTC");
    let due = "select count(*) from tenants where slug = 'initech'
        and deletion_scheduled_at between now() + interval '70 hours' and now() + interval '73 hours'";
    assert_eq!(count(&database, due).await, 1);
    run(&["cancel-deletion", "initech"], "-");
    assert_eq!(count(&database, due).await, 0);
    let written = "select count(*) from audit_logs where action like 'tenant.%'
        and tenant_id = (select id from tenants where slug = 'initech')";
    assert_eq!(count(&database, written).await, 5);
}

#[tokio::test]
async fn what_cannot_be_done_to_a_tenant_is_said_and_changes_nothing() {
    let (database, data) = (TestDatabase::create().await, data_directory());
    let before = count(&database, "select count(*) from audit_logs where action like 'tenant.%'").await;
    for (arguments, says) in [
        (vec!["show", "nobody"], "there is no tenant `nobody`"),
        (vec!["activate", "nobody"], "there is no tenant `nobody`"),
        (vec!["deactivate", "system"], "System tenant"),
        (vec!["schedule-deletion", "system"], "System tenant"),
        (vec!["create", "--name", "X", "--slug", "system"], "slug already"),
        (vec!["create", "--name", "X", "--slug", "NO"], "a slug has 2 to 63 characters"),
        (vec!["create", "--name", " X", "--slug", "acme-2"], "no blank at either end"),
        (vec!["schedule-deletion", "system", "--days", "366"], "0..=365"),
    ] {
        let (success, text) = tenant(data.path(), &database, &arguments);
        assert!(!success && text.contains(says), "{arguments:?}: {text}");
    }
    // No command before has installed the development licence here.
    let unlicensed = TestDatabase::create().await;
    let mut create = command(data.path(), Some(&unlicensed));
    create.env_remove("ELDER_LICENSE__FILE").args(["tenant", "create", "--name", "X", "--slug", "xyz"]);
    let (success, text) = output(&mut create);
    assert!(!success && text.contains("licence"), "{text}");
    let after = count(&database, "select count(*) from audit_logs where action like 'tenant.%'").await;
    assert_eq!(after, before);
}

#[tokio::test]
async fn r_27_urls_of_the_database_may_come_from_secret_files() {
    let (database, data) = (TestDatabase::create().await, data_directory());
    let mut migrate = command(data.path(), None);
    for (variable, role) in [
        ("DATABASE_URL_FILE", "elder_app"),
        ("ELDER_DATABASE__PLATFORM_URL_FILE", "elder_platform"),
        ("ELDER_DATABASE__OWNER_URL_FILE", "elder_owner"),
    ] {
        let file = data.path().join(role);
        fs::write(&file, format!("{}\n", database.postgres_url(role))).unwrap();
        migrate.env(variable, file);
    }
    let (success, text) = output(migrate.args(["migrate", "--check"]));
    assert!(success && text.contains("up to date"), "{text}");
    let (success, text) = output(migrate.env("DATABASE_URL", database.postgres_url("elder_app")));
    assert!(!success && text.contains("`DATABASE_URL_FILE`"), "{text}");
}
