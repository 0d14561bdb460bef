//! The parameters of a list: one set for every collection, checked and documented from its declared fields.

use std::{
    fmt::Write as _,
    future::{Ready, ready},
    marker::PhantomData,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use elder_kernel::{
    ErrorCode, Limit,
    collection::{Asked, Collection, Field, Selection},
};
use garde::Validate;
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::{
    IntoParams,
    openapi::{
        ArrayBuilder, KnownFormat, ObjectBuilder, RefOr, Required, Schema, SchemaFormat, Type,
        path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle},
    },
};

use crate::Problem;

/// Parameters that say which page or how it looks: a cursor is the same with others of these.
const OF_THE_PAGE: [&str; 4] = ["limit", "cursor", "fields", "include_total"];

/// What a caller asks of the list of a collection; `M` are the parameters that this list has beside the common ones.
#[derive(Debug)]
pub struct ListQuery<C, M = NoMore> {
    /// What the list is to have.
    pub selection: Selection,
    /// Where the page begins: `next_cursor` of the one before.
    pub cursor: Option<String>,
    /// The list's own parameters.
    pub more: M,
    address: Address,
    collection: PhantomData<fn() -> C>,
}

/// A list without parameters of its own.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct NoMore {}

/// Which list was asked for, in the words of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    path: String,
    query: Vec<(String, String)>,
}

impl Address {
    /// What two pages of one list have in common: path, filter, order.
    pub fn scope(&self) -> String {
        let mut decisive: Vec<_> =
            self.query.iter().filter(|(name, _)| !OF_THE_PAGE.contains(&name.as_str())).collect();
        decisive.sort();
        format!("{}|{decisive:?}", self.path)
    }

    /// The address of the page at `cursor`.
    pub fn at(&self, cursor: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.query.iter().filter(|(name, _)| name != "cursor"));
        query.append_pair("cursor", cursor);
        format!("{}?{}", self.path, query.finish())
    }
}

impl<C, M> ListQuery<C, M> {
    /// Which list was asked for.
    pub fn address(&self) -> &Address {
        &self.address
    }
}

impl<C: Collection, M: DeserializeOwned + Validate<Context = ()>> ListQuery<C, M> {
    fn read(request: &HttpRequest) -> Result<Self, Problem> {
        let query = request.query_string();
        if query.contains("%00") {
            return Err(refused("a parameter may not hold the character U+0000"));
        }
        let query: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let address = Address { path: request.path().to_owned(), query: query.clone() };
        let (mut asked, mut others) = (Asked::default(), Vec::new());
        let mut seen = Vec::new();
        for (name, value) in query {
            if seen.contains(&name) {
                return Err(refused(&format!("`{name}` is given twice")));
            }
            match name.as_str() {
                "limit" => asked.limit = limit(&value)?,
                "include_total" => asked.include_total = truth(&value)?,
                "sort" => asked.sort = Some(value),
                "fields" => asked.fields = Some(value),
                "filter" => asked.filter = Some(value),
                "cursor" => asked.cursor = Some(value),
                _ => others.push((name.clone(), value)),
            }
            seen.push(name);
        }
        let selection = Selection::read::<C>(&asked)?;
        let more = more(&others)?;
        Ok(Self { selection, cursor: asked.cursor, more, address, collection: PhantomData })
    }
}

fn limit(value: &str) -> Result<Limit, Problem> {
    let limit = value.parse().ok().and_then(|limit: u64| Limit::try_from(limit).ok());
    limit.ok_or_else(|| refused(&format!("`limit` is a number from 1 to {}", Limit::MOST)))
}

fn truth(value: &str) -> Result<bool, Problem> {
    value.parse().map_err(|_| refused("`include_total` is `true` or `false`"))
}

fn more<M: DeserializeOwned + Validate<Context = ()>>(others: &[(String, String)]) -> Result<M, Problem> {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(others).finish();
    let more = web::Query::<M>::from_query(&query).map_err(|error| refused(&error.to_string()))?.into_inner();
    more.validate().map_err(|report| refused(report.to_string().trim_end()))?;
    Ok(more)
}

fn refused(what: &str) -> Problem {
    Problem::new(ErrorCode::InvalidParameter, format!("The query is not valid: {what}."))
}

impl<C: Collection, M: DeserializeOwned + Validate<Context = ()>> FromRequest for ListQuery<C, M> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::read(request))
    }
}

impl<C: Collection, M: IntoParams> IntoParams for ListQuery<C, M> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = M::into_params(|| Some(ParameterIn::Query));
        parameters.extend(common(C::FIELDS, C::DEFAULT_SORT));
        parameters
    }
}

fn common(fields: &[Field], default_sort: &str) -> Vec<Parameter> {
    let shown = fields.iter().filter(|field| field.is_shown).map(|field| field.name.to_owned());
    let ways = fields.iter().filter(|field| field.is_sortable());
    let ways = ways.flat_map(|field| [field.name.to_owned(), format!("-{}", field.name)]);
    let mut sort = format!("By what to sort; `-` before a name goes down. Without it: `{default_sort}`.");
    for field in fields.iter().filter(|field| field.has_gaps()) {
        // Writing to a String never fails.
        let _ = write!(sort, " What has no `{}` comes last, both ways.", field.name);
    }
    let mut parameters = vec![
        parameter("limit", "How many at most.", limits()),
        parameter(
            "cursor",
            "Where the page begins: `next_cursor` of the one before.",
            text(4096).pattern(Some("^[A-Za-z0-9_-]+$")),
        ),
        listing("sort", &sort, ways.collect()),
        listing("fields", "Which fields to show; the key always comes.", shown.collect()),
        parameter(
            "include_total",
            "Whether to count the resources of all pages, as `total`. It costs a count.",
            ObjectBuilder::new().schema_type(Type::Boolean),
        ),
    ];
    if fields.iter().any(|field| field.is_filterable) {
        parameters.push(parameter("filter", &filter_words(fields), text(4096)));
    }
    parameters
}

/// What may be filtered by, field by field.
fn filter_words(fields: &[Field]) -> String {
    let mut words =
        "A filter in the grammar of SCIM (RFC 7644 §3.4.2.2), of at most 50 comparisons: `and`, `or`, \
        `not (…)`, parentheses, and `pr` for what has a value. Fields:\n"
            .to_owned();
    for field in fields.iter().filter(|field| field.is_filterable) {
        let comparisons: Vec<_> = field.kind.comparisons().iter().map(ToString::to_string).collect();
        // Writing to a String never fails.
        let _ = write!(words, "\n- `{}`: {} ({})", field.name, field.kind, comparisons.join(" "));
    }
    words
}

fn limits() -> ObjectBuilder {
    let format = SchemaFormat::KnownFormat(KnownFormat::Int32);
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(format))
        .minimum(Some(1))
        .maximum(Some(Limit::MOST))
        .default(Some(Limit::default().get().into()))
}

fn text(most: usize) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(most))
}

fn parameter(name: &str, description: &str, schema: ObjectBuilder) -> Parameter {
    described(name, description).schema(Some(RefOr::T(Schema::Object(schema.build())))).build()
}

/// Several names with commas between.
fn listing(name: &str, description: &str, names: Vec<String>) -> Parameter {
    let item = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names));
    let list = ArrayBuilder::new().items(item).min_items(Some(1)).unique_items(true).build();
    described(name, description)
        .style(Some(ParameterStyle::Form))
        .explode(Some(false))
        .schema(Some(RefOr::T(Schema::Array(list))))
        .build()
}

fn described(name: &str, description: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
}
