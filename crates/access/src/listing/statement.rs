//! The statement of a list. Every value travels as a parameter; names of columns are ours.
//!
//! Under row-level security only leakproof operators use an index: comparisons of texts, numbers, times and ids are,
//! `LIKE` is not. A prefix therefore becomes a range.

use elder_kernel::{
    collection::{Condition, Field, Kind, Operand, Order, Selection},
    filter::Compare,
};
use sea_orm::sea_query::{
    Alias, Condition as Where, Expr, ExprTrait as _, JoinType, Order as Direction, PostgresQueryBuilder,
    Query, SelectStatement, Value,
};

use super::{Scope, Source, Stored};

/// The name under which a row gives its value of an order's key.
pub(super) fn key_name(index: usize) -> String {
    format!("list_key_{index}")
}

/// Reads one page, and a row more.
pub(super) fn page(source: &Source, scope: &Scope, selection: &Selection) -> (String, Vec<Value>) {
    let (sql, values) = select(source, scope, selection).build(PostgresQueryBuilder);
    let mut values = values.0;
    values.push(rows(selection).into());
    (format!("{sql} LIMIT ${}", values.len()), values)
}

/// The same with every value in it, as `EXPLAIN` takes it.
pub(super) fn spelled_out(source: &Source, scope: &Scope, selection: &Selection) -> String {
    let sql = select(source, scope, selection).to_string(PostgresQueryBuilder);
    format!("{sql} LIMIT {}", rows(selection))
}

fn rows(selection: &Selection) -> i64 {
    i64::try_from(selection.limit.get() + 1).unwrap_or(i64::MAX)
}

fn select(source: &Source, scope: &Scope, selection: &Selection) -> SelectStatement {
    let mut select = from(source, scope);
    select.expr(Expr::cust(source.columns));
    for (index, key) in selection.order.keys().iter().enumerate() {
        let column = as_read(key.field.kind, key_column(source, key));
        select.expr_as(column, Alias::new(key_name(index)));
        select.order_by_expr(ordered(source, key), direction(*key));
    }
    restrict(&mut select, source, selection);
    if let Some(after) = &selection.after {
        select.cond_where(behind(source, selection, after));
    }
    select
}

/// Counts all rows that fulfil the condition.
pub(super) fn count(source: &Source, scope: &Scope, selection: &Selection) -> (String, Vec<Value>) {
    let mut select = from(source, scope);
    select.expr_as(Expr::cust("count(*)"), Alias::new("total"));
    restrict(&mut select, source, selection);
    let (sql, values) = select.build(PostgresQueryBuilder);
    (sql, values.0)
}

fn from(source: &Source, scope: &Scope) -> SelectStatement {
    let mut select = Query::select();
    select.from(Alias::new(source.table));
    for join in source.joins {
        let kind = if join.is_optional { JoinType::LeftJoin } else { JoinType::InnerJoin };
        select.join(kind, Alias::new(join.table), Expr::cust(join.on));
    }
    select.and_where(custom(scope.sql, scope.values.iter().cloned().map(Expr::val)));
    select
}

fn restrict(select: &mut SelectStatement, source: &Source, selection: &Selection) {
    if let Some(condition) = &selection.condition {
        select.cond_where(wanted(source, condition));
    }
}

fn wanted(source: &Source, condition: &Condition) -> Where {
    let all = |mut whole: Where, parts: &[Condition]| {
        for part in parts {
            whole = whole.add(wanted(source, part));
        }
        whole
    };
    match condition {
        Condition::All(parts) => all(Where::all(), parts),
        Condition::Any(parts) => all(Where::any(), parts),
        // A comparison with null is null, which is not true: so `not` finds what has no value.
        Condition::Not(inner) => {
            let inner = Expr::from(wanted(source, inner));
            Where::all().add(custom("(($1) IS NOT TRUE)", [inner]))
        }
        Condition::Present(field) => Where::all().add(present(source, field)),
        Condition::Compare(field, how, operand) => Where::all().add(compared(source, field, *how, operand)),
    }
}

fn present(source: &Source, field: &Field) -> Expr {
    match stored(source, field) {
        Stored::As(column) => custom("($1 IS NOT NULL)", [Expr::cust(column)]),
        Stored::Among { rows, .. } => Expr::cust(format!("EXISTS (SELECT FROM {rows})")),
    }
}

fn compared(source: &Source, field: &Field, how: Compare, operand: &Operand) -> Expr {
    if *operand == Operand::Null {
        let present = present(source, field);
        return if how == Compare::Equal { present.not() } else { present };
    }
    match (stored(source, field), how) {
        (Stored::As(column), how) => leaf(field.kind, &Expr::cust(column), how, operand),
        (Stored::Among { rows, column }, Compare::NotEqual) => {
            let equal = leaf(field.kind, &Expr::cust(column), Compare::Equal, operand);
            custom(format!("(NOT EXISTS (SELECT FROM {rows} AND $1))"), [equal])
        }
        (Stored::Among { rows, column }, how) => {
            let holds = leaf(field.kind, &Expr::cust(column), how, operand);
            custom(format!("EXISTS (SELECT FROM {rows} AND $1)"), [holds])
        }
    }
}

fn leaf(kind: Kind, column: &Expr, how: Compare, operand: &Operand) -> Expr {
    let both = |sql: &'static str| custom(sql, [column.clone(), parameter(operand)]);
    match how {
        Compare::Equal => both("($1 = $2)"),
        Compare::NotEqual => both("($1 IS DISTINCT FROM $2)"),
        Compare::Contains => both("(strpos($1, $2) > 0)"),
        Compare::StartsWith => prefix(kind, column, operand),
        Compare::EndsWith => both("(right($1, length($2)) = $2)"),
        Compare::Greater => both("($1 > $2)"),
        Compare::GreaterOrEqual => both("($1 >= $2)"),
        Compare::Less => both("($1 < $2)"),
        Compare::LessOrEqual => both("($1 <= $2)"),
    }
}

/// A folded column is `COLLATE "C"`, where a prefix is a range that an index serves.
fn prefix(kind: Kind, column: &Expr, operand: &Operand) -> Expr {
    match (kind, operand) {
        (Kind::Folded, Operand::Text(prefix)) => match after_prefix(prefix) {
            Some(end) => {
                custom("($1 >= $2 AND $1 < $3)", [column.clone(), Expr::val(prefix.as_str()), Expr::val(end)])
            }
            None => custom("($1 >= $2)", [column.clone(), Expr::val(prefix.as_str())]),
        },
        _ => custom("starts_with($1, $2)", [column.clone(), parameter(operand)]),
    }
}

/// The least text that is greater than all with this prefix, by code points; none if there is no such text.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // The range of `char` steps over the surrogates.
        if let Some(next) = (last..=char::MAX).nth(1) {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

/// The rows that come after `place` in the order of the list.
fn behind(source: &Source, selection: &Selection, place: &[Operand]) -> Where {
    let keys: Vec<_> = selection
        .order
        .keys()
        .iter()
        .zip(place)
        .map(|(key, operand)| (ordered(source, key), place_of(key, operand), key.descends))
        .collect();
    if selection.order.is_uniform() {
        let descends = keys.first().is_some_and(|(_, _, descends)| *descends);
        let (columns, values): (Vec<_>, Vec<_>) =
            keys.into_iter().map(|(column, value, _)| (column, value)).unzip();
        let (columns, values) = (Expr::tuple(columns), Expr::tuple(values));
        let sql = if descends { "($1 < $2)" } else { "($1 > $2)" };
        return Where::all().add(custom(sql, [columns, values]));
    }
    // Of mixed directions: equal in the keys before, and beyond in this one.
    let mut any = Where::any();
    for (index, (column, value, descends)) in keys.iter().enumerate() {
        let mut all = Where::all();
        for (column, value, _) in keys.iter().take(index) {
            all = all.add(custom("($1 = $2)", [column.clone(), value.clone()]));
        }
        let sql = if *descends { "($1 < $2)" } else { "($1 > $2)" };
        any = any.add(all.add(custom(sql, [column.clone(), value.clone()])));
    }
    // The first key alone already bounds what an index has to give.
    match keys.first() {
        Some((column, value, descends)) => {
            let sql = if *descends { "($1 <= $2)" } else { "($1 >= $2)" };
            Where::all().add(custom(sql, [column.clone(), value.clone()])).add(any)
        }
        None => any,
    }
}

fn stored(source: &Source, field: &Field) -> Stored {
    let own = source.stored.iter().find(|(name, _)| *name == field.name).map(|(_, stored)| *stored);
    own.unwrap_or(Stored::As(field.name))
}

fn key_column(source: &Source, key: &Order) -> Expr {
    match stored(source, key.field) {
        Stored::As(column) | Stored::Among { column, .. } => Expr::cust(column),
    }
}

/// What the order goes by. An absent moment is put beyond all others on the way of the order: so it comes last, and yet
/// a place in the list is one range of an index. PostgreSQL takes `coalesce` for leaky, `case` it does not.
fn ordered(source: &Source, key: &Order) -> Expr {
    let column = key_column(source, key);
    if !key.field.has_gaps() {
        return column;
    }
    custom("(case when $1 is null then $2 else $1 end)", [column, beyond_all(key)])
}

fn place_of(key: &Order, operand: &Operand) -> Expr {
    if key.field.has_gaps() && *operand == Operand::Null { beyond_all(key) } else { parameter(operand) }
}

fn beyond_all(key: &Order) -> Expr {
    Expr::cust(if key.descends { "timestamptz '-infinity'" } else { "timestamptz 'infinity'" })
}

/// Numbers are read as `bigint`, whatever the column's width.
fn as_read(kind: Kind, column: Expr) -> Expr {
    if matches!(kind, Kind::Integer) { custom("($1)::bigint", [column]) } else { column }
}

fn direction(key: Order) -> Direction {
    if key.descends { Direction::Desc } else { Direction::Asc }
}

fn parameter(operand: &Operand) -> Expr {
    match operand {
        Operand::Null => Expr::cust("NULL"),
        Operand::Bool(truth) => Expr::val(*truth),
        Operand::Integer(number) => Expr::val(*number),
        Operand::Text(text) => Expr::val(text.as_str()),
        // The driver sends a moment as a timestamp without zone; compared across types, no index would serve.
        Operand::Time(time) => custom("($1)::timestamptz", [Expr::val(*time)]),
        Operand::Id(id) => Expr::val(*id),
    }
}

fn custom(sql: impl Into<std::borrow::Cow<'static, str>>, parts: impl IntoIterator<Item = Expr>) -> Expr {
    Expr::cust_with_exprs(sql, parts)
}
