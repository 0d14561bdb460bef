//! A database that was restored to a moment before an erasure: the register repeats it.

use elder_privacy::Done;

use crate::support::Case;

const TABLES: [&str; 4] = ["portal_users", "person_keys", "mails", "privacy_requests"];

/// Keeps what a backup would have.
async fn back_up(case: &Case) {
    for table in TABLES {
        let keep = format!("create table backup_{table} as select * from {table}");
        case.app.superuser.batch_execute(&keep).await.unwrap();
    }
}

/// Puts the backup in the place of what is there.
async fn restore(case: &Case) {
    let sql = &case.app.superuser;
    sql.batch_execute("set session_replication_role = replica").await.unwrap();
    for table in TABLES {
        let ask = "select string_agg(quote_ident(column_name), ', ') from information_schema.columns
            where table_schema = 'public' and table_name = $1 and is_generated = 'NEVER'";
        let columns: String = sql.query_one(ask, &[&table]).await.unwrap().get(0);
        let put = format!(
            "delete from {table}; insert into {table} ({columns}) select {columns} from backup_{table};
             drop table backup_{table}"
        );
        sql.batch_execute(&put).await.unwrap();
    }
    sql.batch_execute("set session_replication_role = origin").await.unwrap();
}

#[tokio::test]
async fn r_21_whom_the_register_names_is_erased_again_once() {
    let case = Case::of_a_person().await;
    let folder = tempfile::tempdir().unwrap();
    let register = folder.path().join("erasures.ndjson");
    let id = case.asks("erasure").await;
    back_up(&case).await;
    assert_eq!(case.done(&id).await, Done::Completed);
    let worker = &case.app.worker;
    assert_eq!(elder_privacy::keep_register(worker, &register).await.unwrap(), 1);
    assert_eq!(elder_privacy::keep_register(worker, &register).await.unwrap(), 0);
    let text = std::fs::read_to_string(&register).unwrap();
    assert!(text.contains(&case.ada.to_string()) && !text.contains("canary"), "{text}");
    assert_eq!(elder_privacy::erase_again(worker, &register).await.unwrap(), 0);
    restore(&case).await;
    assert!(!case.found().await.is_empty());
    assert_eq!(elder_privacy::erase_again(worker, &register).await.unwrap(), 1);
    assert_eq!(case.found().await, Vec::<String>::new());
    assert_eq!(elder_privacy::erase_again(worker, &register).await.unwrap(), 0);
    assert_eq!(case.shown(&id).await["state"], "completed");
    assert!(case.is_log_good().await);
}

#[tokio::test]
async fn without_a_register_nobody_is_erased_again() {
    let case = Case::of_a_person().await;
    let nowhere = std::path::Path::new("/nowhere/erasures.ndjson");
    assert_eq!(elder_privacy::erase_again(&case.app.worker, nowhere).await.unwrap(), 0);
}
