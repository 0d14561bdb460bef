//! The parameters of a list without a filter.

use elder_kernel::Limit;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which page of a list.
#[derive(Debug, Deserialize, garde::Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// Most rows of the page. Default: 50.
    #[garde(skip)]
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    pub(crate) limit: Option<Limit>,
    /// Where the page begins: `next_cursor` of the one before.
    #[garde(length(max = 4_096))]
    pub(crate) cursor: Option<String>,
}
