//! What is a statement on rows, and what is not.

use super::*;

#[test]
fn rows_are_read_and_changed_in_any_case_and_after_any_space() {
    for sql in [
        "select 1",
        "\n    SELECT count(*) FROM roles",
        "insert into roles values (1)",
        "update roles set name = 'set'",
        "delete from roles",
        "with a as (select 1) select * from a",
        "select pg_advisory_xact_lock(1)",
        "( (select 1)) union all (select 2)",
    ] {
        assert!(is_on_rows(sql), "{sql}");
    }
}

#[test]
fn t_07_nothing_names_another_tenant_and_t_08_nothing_outlives_the_transaction() {
    for sql in [
        "set local app.current_tenant_id = '2'",
        "SET app.current_tenant_id = '2'",
        "reset app.current_tenant_id",
        "reset all",
        "select set_config('app.current_tenant_id', '2', true)",
        "with a as (select SET_CONFIG ('app.current_tenant_id', '2', false)) select * from a",
        "/* select */ set role elder_platform",
        "savepoint a",
        "rollback to a",
        "commit",
        "begin",
        "do $$ begin perform 1; end $$",
        "call procedure()",
        "create temporary table users (id int)",
        "declare a cursor with hold for select 1",
        "listen a",
        "select pg_advisory_lock(1)",
        "select pg_try_advisory_lock_shared(1)",
        "prepare a as select 1",
        "discard all",
        "(listen a)",
        "selection",
        "",
    ] {
        assert!(!is_on_rows(sql), "{sql}");
    }
}
