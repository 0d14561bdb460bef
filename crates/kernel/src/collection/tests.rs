//! What may be asked of a list, and how what is refused is worded.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::User;

enum People {}

impl Collection for People {
    const NAME: &'static str = "people";
    const FIELDS: &'static [Field] = &[
        Field::id::<User>("id").sortable(),
        Field::folded("email").sortable(),
        Field::word("role", &["admin", "reader"]),
        Field::bool("is_active"),
        Field::integer("age").sortable(),
        Field::time("created_at").sortable(),
        Field::optional_time("seen_at"),
        Field::opaque("settings"),
    ];
}

fn filtered(filter: &str) -> Result<Selection, SelectionError> {
    Selection::read::<People>(&Asked { filter: Some(filter.into()), ..Asked::default() })
}

fn sorted(sort: &str) -> Result<Selection, SelectionError> {
    Selection::read::<People>(&Asked { sort: Some(sort.into()), ..Asked::default() })
}

fn place(filter: &str) -> (usize, String) {
    match filtered(filter).unwrap_err() {
        SelectionError::Condition { position, what } => (position, what),
        other => panic!("{other:?}"),
    }
}

fn ana() -> Map<String, Value> {
    let Value::Object(ana) = json!({
        "id": "usr_01h455vb4pex5vsknk084sn02q", "email": "Ana@Example.com", "role": "admin", "is_active": true,
        "age": 41, "created_at": "2026-11-21T02:20:42Z", "settings": {}
    }) else {
        panic!()
    };
    ana
}

#[test]
fn a_filter_is_typed_by_the_declared_fields() {
    let selection = filtered("email eq \"ANA@example.com\" and not (age lt 18 or role pr)").unwrap();
    let Some(Condition::All(parts)) = selection.condition else { panic!() };
    let email = &People::FIELDS[1];
    assert_eq!(parts[0], Condition::Compare(email, Compare::Equal, Operand::Text("ana@example.com".into())));
}

#[test]
fn a_list_and_a_look_up_by_address_are_worth_a_prepared_statement_and_no_other_filter_is() {
    assert!(filtered(r#"email eq "a@example.com""#).unwrap().is_plain());
    for other in [r#"email sw "a""#, r#"email ne "a""#, "email eq null", "age eq 1", r#"not (email eq "a")"#]
    {
        assert!(!filtered(other).unwrap().is_plain(), "{other}");
    }
    assert!(sorted("age").unwrap().is_plain() && !sorted("age,email").unwrap().is_plain());
}

#[test]
fn what_the_fields_do_not_have_is_refused_with_its_place() {
    let all = "id, email, role, is_active, age, created_at, seen_at";
    assert_eq!(
        place("age gt 1 and phone eq \"1\""),
        (13, format!("no field `phone` can be filtered by, but {all}"))
    );
    assert_eq!(place("age eq \"x\"").1, "`age` is a whole number, not \"x\"");
    assert_eq!(place("role eq \"boss\"").1, "`role` is one of \"admin\", \"reader\", not \"boss\"");
    assert_eq!(place("is_active gt true").1, "`is_active` takes eq ne pr, not gt");
    assert_eq!(place("age gt null").1, "`age` is a whole number, not null");
    for refused in [
        "settings pr",
        "id eq \"org_01h455vb4pex5vsknk084sn02q\"",
        "created_at gt \"yesterday\"",
        "email[type eq \"work\"]",
        "email.value eq \"x\"",
        "urn:x:email eq \"x\"",
    ] {
        assert_eq!(place(refused).0, 0, "{refused}");
    }
    assert!(matches!(filtered("age gt"), Err(SelectionError::Filter(_))));
}

#[test]
fn an_order_ends_with_the_key_and_goes_its_last_way() {
    let keys = |sort| {
        let selection = sorted(sort).unwrap();
        selection.order.keys().iter().map(|key| (key.field.name, key.descends)).collect::<Vec<_>>()
    };
    assert_eq!(keys("id"), [("id", false)]);
    assert_eq!(keys("-created_at, email"), [("created_at", true), ("email", false), ("id", false)]);
    assert_eq!(keys("-age"), [("age", true), ("id", true)]);
    assert_eq!(keys("-id,email"), [("id", true)]);
}

#[test]
fn an_order_or_a_choice_that_cannot_be_is_refused_with_what_can() {
    let sort = |sort| sorted(sort).unwrap_err().to_string();
    assert_eq!(
        sort("role"),
        "The query is not valid: a list cannot be sorted by `role`, but by id, email, age, created_at, seen_at."
    );
    assert!(sort("age,-age").contains("twice"));
    assert!(sort("").contains("sorted by ``"));
    let fields = Asked { fields: Some("email,password".into()), ..Asked::default() };
    assert!(
        Selection::read::<People>(&fields).unwrap_err().to_string().contains("`fields` has no `password`")
    );
}

#[test]
fn the_key_always_comes() {
    let fields = Asked { fields: Some("email, age".into()), ..Asked::default() };
    assert_eq!(Selection::read::<People>(&fields).unwrap().fields, Some(vec!["email", "age", "id"]));
}

#[test]
fn a_filter_holds_for_a_row_in_memory_as_it_reads() {
    let holds = |filter: &str| !filtered(filter).unwrap().pick(vec![()], |()| ana()).rows.is_empty();
    for good in [
        "email sw \"ana@\"",
        "email ew \"EXAMPLE.com\"",
        "email co \"a@e\"",
        "role ne \"reader\"",
        "age ge 41 and age le 41",
        "created_at gt \"2026-11-21T03:20:41+01:00\"",
        "id eq \"usr_01h455vb4pex5vsknk084sn02q\"",
        "not (age gt 41)",
    ] {
        assert!(holds(good), "{good}");
    }
    for bad in ["email eq \"bob@example.com\"", "age lt 41", "is_active eq false", "role eq null"] {
        assert!(!holds(bad), "{bad}");
    }
}

proptest! {
    #[test]
    fn whatever_is_asked_is_answered_without_a_panic(sort: String, fields: String, filter: String) {
        let asked = Asked { sort: Some(sort), fields: Some(fields), filter: Some(filter), ..Asked::default() };
        let _ = Selection::read::<People>(&asked);
    }

    #[test]
    fn pages_one_after_the_other_give_each_row_once_and_in_order(ages in proptest::collection::vec(0_i64..5, 0..40), limit in 1_usize..7, down: bool) {
        let rows: Vec<_> = ages.iter().enumerate().map(|(index, age)| {
            (index, json!({ "id": nth(index), "age": age }).as_object().cloned().unwrap())
        }).collect();
        let mut expected: Vec<_> = (0..ages.len()).collect();
        expected.sort_by_key(|&index| (ages[index], index));
        if down { expected.reverse(); }
        prop_assert_eq!(paged(if down { "-age" } else { "age" }, &rows, limit), expected);
    }

    #[test]
    fn what_lacks_the_moment_of_an_order_comes_last_both_ways(
        seconds in proptest::collection::vec(proptest::option::of(0_i64..5), 0..40),
        limit in 1_usize..7,
        down: bool,
    ) {
        let moment = |second: i64| chrono::DateTime::from_timestamp(second, 0).unwrap();
        let rows: Vec<_> = seconds.iter().enumerate().map(|(index, second)| {
            let row = json!({ "id": nth(index), "seen_at": second.map(moment) });
            (index, row.as_object().cloned().unwrap())
        }).collect();
        let mut expected: Vec<_> = (0..seconds.len()).collect();
        expected.sort_by_key(|&index| (seconds[index], index));
        if down { expected.reverse(); }
        expected.sort_by_key(|&index| seconds[index].is_none());
        prop_assert_eq!(paged(if down { "-seen_at" } else { "seen_at" }, &rows, limit), expected);
    }
}

fn nth(index: usize) -> crate::Id<User> {
    crate::Id::from_uuid(uuid::Uuid::from_u128(index as u128))
}

/// All pages of a list one after the other, each continued by the place of the last row of the one before.
fn paged(sort: &str, rows: &[(usize, Map<String, Value>)], limit: usize) -> Vec<usize> {
    let mut selection = sorted(sort).unwrap();
    selection.limit = Limit::try_from(limit as u64).unwrap();
    let mut seen = Vec::new();
    loop {
        let mut page = selection.pick(rows.to_vec(), |(_, json)| json.clone()).rows;
        let more = page.len() > limit;
        page.truncate(limit);
        let place = page.last().map(|(_, json)| selection.place(json));
        assert!(place.is_none_or(|place| selection.continue_behind(place)));
        seen.extend(page.into_iter().map(|(index, _)| index));
        if !more {
            return seen;
        }
    }
}
