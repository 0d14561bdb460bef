//! What is used of the installation, day by day.

pub mod routes;
pub mod service;

use std::fmt::Write as _;

use chrono::NaiveDate;
use elder_api_types::license::UsageDay;
use garde::Validate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// How many days are shown if nobody says which.
const USUAL_DAYS: i64 = 30;
/// The most days of one answer.
const MOST_DAYS: i64 = 800;

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// `application/json`.
    Json,
    /// `text/csv` (RFC 4180).
    Csv,
}

/// Which days of the use, and in which form.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UsageQuery {
    /// The first day, in UTC. Without it: 30 days before the last.
    #[garde(skip)]
    pub from: Option<NaiveDate>,
    /// The last day, in UTC. Without it: today.
    #[garde(skip)]
    pub to: Option<NaiveDate>,
    /// The form. Without it: as `Accept` says, else JSON.
    #[garde(skip)]
    #[param(inline)]
    pub format: Option<Format>,
}

/// One line a day, under a line of names (RFC 4180). No value needs quotes: they are numbers, days and names of ours.
pub(crate) fn csv(days: &[UsageDay]) -> String {
    let mut text =
        "day,tenants_active,tenants_licensed,users,entities,api_calls,storage_bytes,features\r\n".to_owned();
    for of in days {
        // Writing into a text cannot fail.
        let _ = write!(
            text,
            "{},{},{},{},{},{},{},{}\r\n",
            of.day,
            of.tenants_active,
            of.tenants_licensed,
            of.users,
            of.entities,
            of.api_calls,
            of.storage_bytes,
            of.features.join(" "),
        );
    }
    text
}
