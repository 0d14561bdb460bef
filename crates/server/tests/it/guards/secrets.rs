//! What no answer holds.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose};
use elder_testkit::{Fixture, TestApp};

use super::support::{call, endpoints, is_guarded, rightful};

/// What the fixture was given out once, and nobody is shown again.
const GIVEN_OUT: [&str; 4] = ["refresh_token", "flow", "enrolment_flow", "backup_code"];

/// Everything that is stored of secrets, as an answer could spell it.
async fn stored(app: &TestApp) -> Vec<String> {
    let columns = "select c.table_name::text, c.column_name::text from information_schema.columns c
        join information_schema.tables t using (table_schema, table_name)
        where c.table_schema = 'public' and t.table_type = 'BASE TABLE'
          and (c.data_type = 'bytea' or c.column_name = 'password_hash')
          -- What proves the audit log is there to be shown.
          and (c.table_name, c.column_name) not in (('audit_leaves', 'hash'), ('audit_nodes', 'hash'),
              ('audit_checkpoints', 'root'), ('audit_trees', 'edge'), ('audit_signing_keys', 'public_key'))";
    let mut spelt = Vec::new();
    for row in app.superuser.query(columns, &[]).await.unwrap() {
        let (table, column): (&str, &str) = (row.get(0), row.get(1));
        let cast = if column == "password_hash" { "convert_to" } else { "" };
        let value = if cast.is_empty() { column.to_owned() } else { format!("{cast}({column}, 'utf8')") };
        let values = format!("select {value} from {table} where length({column}) >= 16");
        for row in app.superuser.query(&values, &[]).await.unwrap() {
            let bytes: Vec<u8> = row.get(0);
            spelt.push(bytes.iter().fold(String::new(), |mut hex, byte| {
                write!(hex, "{byte:02x}").unwrap();
                hex
            }));
            spelt.push(general_purpose::STANDARD_NO_PAD.encode(&bytes));
            spelt.push(general_purpose::URL_SAFE_NO_PAD.encode(&bytes));
            spelt.extend(String::from_utf8(bytes));
        }
    }
    spelt
}

#[tokio::test]
async fn p_18_nothing_that_is_read_holds_a_code_a_token_or_what_is_stored_of_them() {
    let app = TestApp::start().await;
    let ids = Fixture::create(&app, "initech").await;
    let mut secrets = stored(&app).await;
    assert!(secrets.len() > 20, "{}", secrets.len());
    // What comes behind the last line of a token is its secret; before it stands an id that may be shown.
    let given_out = GIVEN_OUT.map(|name| ids.value(name)).into_iter().chain([ids.scim_token.as_str()]);
    secrets.extend(given_out.map(|token| token.rsplit('_').next().unwrap().to_owned()));
    let mut read = 0;
    for (route, endpoint) in &endpoints() {
        if endpoint.method != "GET" || !is_guarded(route) || endpoint.own_test.is_some() {
            continue;
        }
        let answer = call(&rightful(&app, route, &ids).await, endpoint, &ids).await;
        let found = secrets.iter().find(|secret| answer.text.contains(secret.as_str()));
        assert!(found.is_none(), "{} shows {found:?}", answer.asked);
        read += 1;
    }
    assert!(read > 20, "{read}");
}
