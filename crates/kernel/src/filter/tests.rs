//! The grammar, its limits, and that no input whatever brings the parser down.

use proptest::prelude::*;

use super::*;

fn strict(text: &str) -> Result<Filter, FilterError> {
    Filter::parse(text, &Dialect { lenient: false, ..Dialect::SCIM })
}

fn scim(text: &str) -> Filter {
    Filter::parse(text, &Dialect::SCIM).unwrap()
}

fn fault(text: &str) -> (usize, FilterErrorKind) {
    let error = strict(text).unwrap_err();
    (error.position, error.kind)
}

#[test]
fn fil_1_every_comparison_is_read_in_any_case() {
    for (name, compare) in Compare::ALL {
        let Filter::Compare(path, found, literal) = strict(&format!("a {} 1", name.to_uppercase())).unwrap()
        else {
            panic!("{name}");
        };
        assert_eq!((path.to_string().as_str(), found), ("a", compare));
        assert_eq!(literal, Literal::Number("1".into()));
    }
    assert!(matches!(strict("title PR").unwrap(), Filter::Present(_)));
}

#[test]
fn fil_2_not_binds_before_and_and_before_or() {
    assert_eq!(strict("a pr or b pr and not (c pr)"), strict("a pr or (b pr and (not (c pr)))"));
    assert_ne!(strict("a pr or b pr and c pr"), strict("(a pr or b pr) and c pr"));
    assert_eq!(fault("not a pr"), (4, FilterErrorKind::Expected("`(` after `not`")));
}

#[test]
fn fil_3_redundant_parentheses_say_nothing() {
    assert_eq!(strict("((( a pr )))"), strict("a pr"));
}

#[test]
fn fil_4_brackets_hold_a_filter_over_one_value() {
    let filter = strict(r#"emails[type eq "work" and not (value co "@x.y")] or b pr"#).unwrap();
    let Filter::Or(list) = filter else { panic!() };
    assert!(matches!(&list[0], Filter::ValuePath(path, _) if path.name == "emails"));
    assert_eq!(fault("a[b[c pr]]").1, FilterErrorKind::NestedValueFilter);
}

#[test]
fn fil_7_a_urn_with_dots_and_colons_is_told_from_the_attribute() {
    let text = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value pr";
    let Filter::Present(path) = strict(text).unwrap() else { panic!() };
    assert_eq!(path.schema.as_deref(), Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"));
    assert_eq!((path.name.as_str(), path.sub.as_deref()), ("manager", Some("value")));
}

#[test]
fn fil_9_literals_are_those_of_json() {
    let literal = |text: &str| match strict(&format!("a eq {text}")).unwrap() {
        Filter::Compare(_, _, literal) => literal,
        other => panic!("{other}"),
    };
    assert_eq!(literal("null"), Literal::Null);
    assert_eq!(literal("false"), Literal::Bool(false));
    assert_eq!(literal("-1.50e3"), Literal::Number("-1.50e3".into()));
    assert_eq!(literal(r#""a\"b\\ \u00e9 \ud83d\ude00]) or""#), Literal::Text("a\"b\\ é 😀]) or".into()));
    assert_eq!(fault(r#"a eq "\ud83d""#), (5, FilterErrorKind::InvalidText));
    assert_eq!(fault("a eq \"\0\""), (5, FilterErrorKind::InvalidText));
    assert_eq!(fault(r#"a eq "x\""#), (9, FilterErrorKind::Expected("a closing quote")));
}

#[test]
fn fil_12_what_is_no_filter_is_refused_with_the_place() {
    for (text, position) in [
        ("", 0),
        ("   ", 3),
        ("a", 1),
        ("a eq", 4),
        ("a xx 1", 2),
        ("a eq 1 b", 7),
        ("a eq 1 and", 10),
        ("(a pr", 5),
        ("a pr)", 4),
        ("a.b.c pr", 0),
        ("1a pr", 0),
        ("a eq tru", 5),
        ("a eq 01", 5),
        ("a eqx 1", 2),
        ("a prx", 2),
        ("a pr andy pr", 5),
        ("emails[type eq \"work\"", 21),
        ("emails[type eq \"work\"].value pr", 22),
        ("userName eq 'x'", 12),
    ] {
        let error = strict(text).unwrap_err();
        assert_eq!(error.position, position, "{text}: {error}");
        assert!(error.to_string().ends_with(&format!("at byte {position}")), "{error}");
    }
}

#[test]
fn fil_21_entra_and_authentik_forms_are_read_where_the_dialect_is_lenient() {
    assert_eq!(scim("externalId eq jyoung@x.y"), scim(r#"externalId eq "jyoung@x.y""#));
    assert_eq!(scim("(a eq b)"), scim(r#"a eq "b""#));
    assert_eq!(
        scim(r#"emails[type eq "work"].value eq "x""#),
        scim(r#"emails[(type eq "work") and value eq "x"]"#)
    );
    assert_eq!(fault("externalId eq jyoung").0, 14);
}

#[test]
fn fil_23_limits_end_in_a_clean_error() {
    let limits = Limits { terms: 2, depth: 2, bytes: 40 };
    let parse = |text: &str| Filter::parse(text, &Dialect { limits, lenient: false }).map_err(|e| e.kind);
    assert!(parse("a pr and b pr").is_ok());
    assert_eq!(parse("a pr and b pr or c pr"), Err(FilterErrorKind::TooManyTerms(2)));
    assert!(parse("not ((a pr))").is_ok());
    assert_eq!(parse("(((a pr)))"), Err(FilterErrorKind::TooDeep(2)));
    assert_eq!(parse(&" ".repeat(41)), Err(FilterErrorKind::TooLong(40)));
}

#[test]
fn sec_4_ten_thousand_parentheses_are_a_clean_error() {
    let limits = Limits { bytes: 100_000, ..Dialect::SCIM.limits };
    for open in ["(", "not (", "a["] {
        let error = Filter::parse(&open.repeat(10_000), &Dialect { limits, lenient: true }).unwrap_err();
        assert!(matches!(error.kind, FilterErrorKind::TooDeep(16) | FilterErrorKind::NestedValueFilter));
    }
}

#[test]
fn pat_3_a_path_is_an_attribute_a_value_filter_or_both_with_a_sub_attribute() {
    for text in [
        "members",
        "name.familyName",
        "$ref",
        "addresses[type eq \"work\"]",
        "members[value eq \"1\" and type pr].displayName",
        "urn:x:2.0:User:manager",
        "urn:x:2.0:User:emails[type eq \"work\"].value",
    ] {
        assert_eq!(Path::parse(text, &Dialect::SCIM).unwrap().to_string(), text);
    }
    let path = Path::parse("emails[type eq \"work\"].value", &Dialect::SCIM).unwrap();
    assert_eq!((path.attribute.name.as_str(), path.attribute.sub.as_deref()), ("emails", Some("value")));
    assert!(path.filter.is_some());
}

#[test]
fn pat_16_pointers_and_indexes_are_no_paths() {
    for text in [
        "",
        "/emails/0",
        "emails[0]",
        "emails[]",
        "emails[type pr].",
        "emails[type pr].a.b",
        "emails.0",
        ":a",
    ] {
        assert!(Path::parse(text, &Dialect::SCIM).is_err(), "{text}");
    }
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z$][a-zA-Z0-9_-]{0,8}".prop_filter("a keyword of the grammar", |name| name != "not")
}

fn attribute() -> impl Strategy<Value = AttributePath> {
    (proptest::option::of("urn(:[a-z0-9.]{1,5}){1,3}"), name(), proptest::option::of(name()))
        .prop_map(|(schema, name, sub)| AttributePath { schema, name, sub, place: Place::default() })
        .prop_filter("a keyword of the grammar", |path| !path.to_string().eq_ignore_ascii_case("not"))
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        any::<i64>().prop_map(|number| Literal::Number(number.to_string())),
        any::<String>().prop_map(Literal::Text),
    ]
}

fn filter(brackets: bool) -> BoxedStrategy<Filter> {
    let compare = proptest::sample::select(Compare::ALL.map(|(_, compare)| compare).to_vec());
    let leaf = prop_oneof![
        (attribute(), compare, literal())
            .prop_map(|(path, compare, value)| Filter::Compare(path, compare, value)),
        attribute().prop_map(Filter::Present),
    ];
    leaf.prop_recursive(4, 12, 3, move |inner| {
        let several = proptest::collection::vec(inner.clone(), 2..4);
        let group = prop_oneof![
            several.clone().prop_map(Filter::And),
            several.prop_map(Filter::Or),
            inner.prop_map(|inner| Filter::Not(Box::new(inner))),
        ];
        if brackets {
            let value = (attribute(), filter(false))
                .prop_map(|(path, inner)| Filter::ValuePath(path, Box::new(inner)));
            prop_oneof![3 => group, 1 => value].boxed()
        } else {
            group.boxed()
        }
    })
    .boxed()
}

const WIDE: Dialect = Dialect { limits: Limits { terms: 1000, depth: 64, bytes: 1 << 20 }, lenient: false };

proptest! {
    #[test]
    fn a_filter_that_is_written_reads_the_same(filter in filter(true)) {
        let text = filter.to_string();
        for lenient in [false, true] {
            let read = Filter::parse(&text, &Dialect { lenient, ..WIDE });
            prop_assert_eq!(read, Ok(filter.clone()), "{}", text);
        }
    }

    #[test]
    fn a_path_that_is_written_reads_the_same(
        attribute in attribute(),
        filter in proptest::option::of(filter(false)),
    ) {
        let path = Path { attribute, filter };
        prop_assert_eq!(Path::parse(&path.to_string(), &WIDE), Ok(path));
    }

    #[test]
    fn no_text_brings_the_parser_down(text in any::<String>()) {
        for dialect in [Dialect::REST, Dialect::SCIM] {
            let _ = Filter::parse(&text, &dialect);
            let _ = Path::parse(&text, &dialect);
        }
    }

    #[test]
    fn no_mix_of_tokens_brings_the_parser_down(
        tokens in proptest::collection::vec(
            proptest::sample::select(vec![
                "(", ")", "[", "]", "not", "and", "or", "eq", "pr", "a", "a.b", ".", ":", "\"", "\\", "\"x\"", "1",
                "null", " ", "\0", "é", "urn:a:b",
            ]),
            0..60,
        ),
    ) {
        let text = tokens.concat();
        if let Ok(filter) = Filter::parse(&text, &Dialect::SCIM) {
            prop_assert_eq!(Filter::parse(&filter.to_string(), &WIDE), Ok(filter), "{}", text);
        }
        if let Err(error) = Path::parse(&text, &Dialect::SCIM) {
            prop_assert!(error.position <= text.len());
        }
    }
}
