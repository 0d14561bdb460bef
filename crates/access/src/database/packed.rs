//! Many rows of values as one parameter.

use chrono::SecondsFormat;
use sea_orm::{Value, sea_query::sea_value_to_json_value};

/// Rows of values as one JSON array of arrays, for a statement that takes them apart again by
/// `jsonb_array_elements($1::jsonb)`: it writes a thousand rows in the time of twenty statements that write one.
///
/// Texts, numbers, truth values, ids, moments and JSON; not bytes, which JSON has no form for.
pub fn packed<R: IntoIterator<Item = Value>>(rows: impl IntoIterator<Item = R>) -> Value {
    rows.into_iter().map(packed_row).collect::<serde_json::Value>().into()
}

/// One of these rows.
pub(crate) fn packed_row(row: impl IntoIterator<Item = Value>) -> serde_json::Value {
    row.into_iter().map(json).collect()
}

fn json(value: Value) -> serde_json::Value {
    match value {
        Value::Json(Some(json)) => *json,
        Value::String(Some(text)) => text.into(),
        Value::ChronoDateTimeUtc(Some(moment)) => moment.to_rfc3339_opts(SecondsFormat::Micros, true).into(),
        other => sea_value_to_json_value(&other),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_value_stands_in_its_row_as_postgresql_reads_it_back() {
        let moment = DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap();
        let row = vec![7.into(), "it's".into(), moment.into(), Uuid::nil().into(), Value::String(None)];
        let expected = serde_json::json!([
            [7, "it's", "2023-11-14T22:13:20.123456Z", Uuid::nil().to_string(), null],
            [serde_json::json!({ "a": [1] })],
        ]);
        assert_eq!(packed([row, vec![serde_json::json!({ "a": [1] }).into()]]), expected.into());
    }
}
