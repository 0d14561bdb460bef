//! A row of the driver as sea-orm's entities read it.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    DbErr, FromQueryResult, ProxyRow, QueryResult,
    sea_query::{ArrayType, Value},
};
use serde::de::DeserializeOwned;
use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;

use super::DbError;

/// A row, read by column name.
pub struct Row(pub(crate) tokio_postgres::Row);

impl Row {
    /// The value of a column.
    ///
    /// # Errors
    /// [`DbError::Driver`] if there is no such column or it is of another type: a defect of ours.
    pub fn get<'a, T: FromSql<'a>>(&'a self, column: &str) -> Result<T, DbError> {
        self.0.try_get(column).map_err(DbError::from)
    }
}

impl Row {
    /// The JSON value of a setting; its default where it was never set, and so is null.
    ///
    /// # Errors
    /// [`DbError::Driver`] if what is stored has not the form of the setting.
    pub(crate) fn setting<T: DeserializeOwned + Default>(&self, column: &str) -> Result<T, DbError> {
        let stored = self.get::<Option<serde_json::Value>>(column)?;
        let read = |stored| serde_json::from_value(stored).map_err(|error| DbError::Driver(Arc::new(error)));
        stored.map_or_else(|| Ok(T::default()), read)
    }

    /// The whole row, by the names of its columns.
    ///
    /// # Errors
    /// [`DbError::Driver`] if a column is missing or of another type: a defect of ours.
    pub fn read<T: FromQueryResult>(&self) -> Result<T, DbError> {
        Ok(T::from_query_result(&query_result(&self.0)?, "")?)
    }
}

pub(super) fn query_result(row: &tokio_postgres::Row) -> Result<QueryResult, DbErr> {
    let mut values = BTreeMap::new();
    for (index, column) in row.columns().iter().enumerate() {
        values.insert(column.name().to_owned(), value(row, index, column.type_())?);
    }
    Ok(ProxyRow::new(values).into())
}

fn value(row: &tokio_postgres::Row, index: usize, kind: &Type) -> Result<Value, DbErr> {
    fn read<'a, T: FromSql<'a>>(row: &'a tokio_postgres::Row, index: usize) -> Result<Option<T>, DbErr> {
        row.try_get(index).map_err(|error| DbError::from(error).into())
    }
    Ok(match *kind {
        Type::BOOL => Value::Bool(read(row, index)?),
        Type::INT2 => Value::SmallInt(read(row, index)?),
        Type::INT4 => Value::Int(read(row, index)?),
        Type::INT8 => Value::BigInt(read(row, index)?),
        Type::FLOAT8 => Value::Double(read(row, index)?),
        Type::TEXT | Type::VARCHAR | Type::NAME => Value::String(read(row, index)?),
        Type::BYTEA => Value::Bytes(read(row, index)?),
        Type::UUID => Value::Uuid(read(row, index)?),
        Type::TIMESTAMPTZ => Value::ChronoDateTimeUtc(read::<DateTime<Utc>>(row, index)?),
        Type::DATE => Value::ChronoDate(read::<NaiveDate>(row, index)?),
        Type::JSON | Type::JSONB => Value::Json(read::<serde_json::Value>(row, index)?.map(Box::new)),
        Type::TEXT_ARRAY => {
            let texts = read::<Vec<String>>(row, index)?;
            Value::Array(
                ArrayType::String,
                texts.map(|texts| Box::new(texts.into_iter().map(Into::into).collect())),
            )
        }
        Type::UUID_ARRAY => {
            let ids = read::<Vec<Uuid>>(row, index)?;
            Value::Array(ArrayType::Uuid, ids.map(|ids| Box::new(ids.into_iter().map(Into::into).collect())))
        }
        _ => return Err(DbErr::Type(format!("no entity reads columns of the type {kind}"))),
    })
}
