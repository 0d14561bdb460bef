//! Filters on a user, by the checklist of RFC 7644 §3.4.2.2.

use chrono::{TimeZone as _, Utc};
use serde_json::json;

use super::*;
use crate::{
    Options,
    resource::{Meta, normalise_create},
    schema::{GROUP_TYPE, USER_TYPE},
};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn ana() -> Resource {
    let body = json!({
        "schemas": [USER_TYPE.schema.id],
        "userName": "Ana.Müller",
        "externalId": "Ext-1",
        "title": "",
        "active": true,
        "name": {"familyName": "O'Neil"},
        "emails": [
            {"value": "ana@work.example", "type": "work", "primary": true},
            {"value": "ana@home.example", "type": "home"},
        ],
        "x509Certificates": [{"value": "TWFu"}],
        ENTERPRISE: {"employeeNumber": "701984", "manager": {"value": "M-1"}},
    });
    let mut ana = normalise_create(&USER_TYPE, &body, Options::default()).unwrap();
    let time = Utc.with_ymd_and_hms(2024, 5, 13, 4, 42, 34).unwrap();
    let meta = Meta {
        created: time,
        last_modified: time,
        version: "W/\"1\"".into(),
        location: "/Users/usr_1".into(),
    };
    ana.identify("usr_1", &meta);
    ana
}

fn holds(text: &str) -> bool {
    matches(&parse(text, &USER_TYPE).unwrap_or_else(|error| panic!("{text}: {error}")), &ana())
}

fn all_hold(texts: &[&str]) {
    for text in texts {
        assert!(holds(text), "{text}");
    }
}

fn none_holds(texts: &[&str]) {
    for text in texts {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn fil_1_each_comparison_does_what_it_says() {
    all_hold(&[
        r#"name.familyName eq "o'neil""#,
        r#"name.familyName ne "x""#,
        r#"name.familyName co "NEI""#,
        r#"name.familyName sw "O'""#,
        r#"name.familyName ew "il""#,
        r#"userName gt "ana""#,
        r#"userName ge "ana.müller""#,
        r#"userName lt "b""#,
        r#"userName le "ana.müller""#,
        "active eq true",
        "active ne false",
    ]);
    none_holds(&[
        r#"name.familyName eq "neil""#,
        r#"name.familyName ne "O'NEIL""#,
        r#"name.familyName co "x""#,
        r#"name.familyName sw "il""#,
        r#"name.familyName ew "O'""#,
        r#"userName gt "ana.müller""#,
        r#"userName lt "ana.müller""#,
        "active eq false",
    ]);
}

#[test]
fn fil_4_brackets_test_one_value_and_no_mix() {
    all_hold(&[
        r#"emails[type eq "work" and value co "work"]"#,
        r#"emails[type eq "x" or not (value co "work")]"#,
        r#"emails.type eq "work" and emails.value co "home""#,
    ]);
    none_holds(&[r#"emails[type eq "work" and value co "home"]"#, r#"emails[nothing eq "x"]"#]);
}

#[test]
fn fil_5_names_are_found_in_any_case() {
    all_hold(&[r#"USERNAME EQ "ana.müller""#, r#"Emails[TYPE Eq "work"]"#]);
}

#[test]
fn fil_6_the_schema_says_whether_case_counts() {
    all_hold(&[r#"userName eq "ANA.MÜLLER""#, r#"externalId eq "Ext-1""#, r#"emails eq "ANA@work.example""#]);
    none_holds(&[r#"externalId eq "ext-1""#, r#"id eq "USR_1""#, r#"x509Certificates.value eq "twfu""#]);
}

#[test]
fn fil_7_names_may_carry_the_urn() {
    all_hold(&[
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ana.müller""#,
        &format!(r#"{ENTERPRISE}:manager.value eq "M-1""#),
        &format!(r#"{}:employeeNumber eq "701984""#, ENTERPRISE.to_uppercase()),
    ]);
    none_holds(&["urn:x:y:userName pr"]);
}

#[test]
fn fil_8_a_list_matches_if_any_value_does_and_its_bare_name_means_value() {
    all_hold(&[
        r#"emails ew "@home.example""#,
        r#"emails.type eq "home""#,
        r#"emails ne "ana@work.example""#,
    ]);
    none_holds(&[r#"name eq "O'Neil""#]);
}

#[test]
fn fil_10_booleans_and_bytes_have_no_order() {
    for text in ["active gt false", "emails[primary ge true]", r#"x509Certificates.value lt "a""#] {
        assert_eq!(parse(text, &USER_TYPE).unwrap_err().scim_type, Some(ScimType::InvalidFilter), "{text}");
    }
}

#[test]
fn fil_11_fil_16_times_compare_as_times() {
    all_hold(&[
        r#"meta.created eq "2024-05-13T06:42:34+02:00""#,
        r#"meta.lastModified gt "0001-01-01T00:00:00Z""#,
        r#"meta.lastModified lt "2024-05-13T04:42:34.0000001Z""#,
        r#"meta.created sw "2024-05""#,
        r#"meta.resourceType eq "User""#,
    ]);
    none_holds(&[r#"meta.created eq "someday""#, "meta.created gt 5"]);
}

#[test]
fn fil_12_no_filter_is_an_error_and_not_everybody() {
    for text in ["", "userName", "userName eq", "userName eq \"a\" or", "(userName pr"] {
        assert_eq!(parse(text, &USER_TYPE).unwrap_err().scim_type, Some(ScimType::InvalidFilter), "{text}");
    }
}

#[test]
fn fil_14_an_unknown_attribute_matches_nobody() {
    none_holds(&[
        r#"shoeSize eq "40""#,
        r#"shoeSize ne "40""#,
        "shoeSize pr",
        "shoeSize[a pr]",
        "emails.x pr",
    ]);
}

#[test]
fn fil_15_schemas_are_filtered_by() {
    all_hold(&[&format!("schemas eq \"{ENTERPRISE}\""), "schemas pr"]);
    none_holds(&[r#"schemas eq "urn:x""#]);
}

#[test]
fn fil_17_present_means_that_there_is_something() {
    all_hold(&["userName pr", "name pr", "emails pr", "emails.type pr", "emails[primary pr]"]);
    none_holds(&["title pr", "nickName pr", "addresses pr", "name.givenName pr", "emails[display pr]"]);
}

#[test]
fn fil_20_passwords_are_not_filtered_by() {
    for text in ["password pr", r#"title pr or not (password sw "a")"#] {
        assert_eq!(parse(text, &USER_TYPE).unwrap_err().scim_type, Some(ScimType::InvalidFilter), "{text}");
    }
}

#[test]
fn fil_21_forms_of_entra_and_authentik_are_understood() {
    all_hold(&[
        "userName eq ana.müller",
        "employeeNumber eq 701984",
        r#"emails[type eq "work"].value eq "ana@work.example""#,
        r#"id eq "usr_1" and manager eq "M-1""#,
        r#"emails[primary eq "True"]"#,
        r#"active eq "True""#,
    ]);
    none_holds(&[r#"emails[type eq "home"].value eq "ana@work.example""#, r#"active eq "yes""#]);
}

#[test]
fn fil_22_null_stands_for_no_value() {
    all_hold(&["nickName eq null", "userName ne null", "shoeSize eq null"]);
    none_holds(&["nickName ne null", "userName eq null", "userName gt null"]);
}

#[test]
fn a_filter_that_an_index_answers_is_recognised() {
    let found = |text: &str| lookup(&parse(text, &USER_TYPE).unwrap(), &USER_TYPE);
    assert_eq!(found(r#"USERNAME eq "Ana""#), Some(Lookup::Name("Ana".into())));
    assert_eq!(found("externalId eq 1.10"), Some(Lookup::ExternalId("1.10".into())));
    assert_eq!(
        found(r#"manager eq "x" and urn:ietf:params:scim:schemas:core:2.0:User:id eq "u""#),
        Some(Lookup::Id("u".into()))
    );
    for text in [
        r#"userName ne "a""#,
        r#"userName eq "a" or id eq "b""#,
        r#"not (userName eq "a")"#,
        "userName eq null",
        r#"emails eq "a""#,
    ] {
        assert_eq!(found(text), None, "{text}");
    }
}

#[test]
fn fil_21_membership_is_answered_from_an_index_and_asks_for_no_other_member() {
    let parsed = |text: &str| parse(text, &GROUP_TYPE).unwrap();
    let key = |key: &str| Some(Lookup::Listed(key.to_owned()));
    for text in [r#"members eq "u""#, r#"members[value eq "u"]"#, r#"MEMBERS.value eq "u""#, "members eq u"] {
        assert_eq!(lookup(&parsed(text), &GROUP_TYPE), key("u"), "{text}");
    }
    assert_eq!(lookup(&parsed(r#"displayName eq "A""#), &GROUP_TYPE), Some(Lookup::Name("A".into())));
    assert_eq!(lookup(&parsed(r#"members.display eq "u""#), &GROUP_TYPE), None);
    let asked = |text: &str| Asked::of(&parsed(text), &GROUP_TYPE, "members");
    let keys = |keys: &[&str]| Asked::Keys(keys.iter().map(|&key| key.to_owned()).collect());
    for (text, expected) in [
        (r#"displayName eq "a" and externalId pr"#, Asked::Nothing),
        (r#"id eq "g" and members eq "u""#, keys(&["u"])),
        (r#"not (members eq "u") or members[value eq "v" or value eq "w"]"#, keys(&["u", "v", "w"])),
        ("members pr", Asked::Everything),
        (r#"members ne "u""#, Asked::Everything),
        (r#"members[value eq "u" and type eq "User"]"#, Asked::Everything),
        (r#"members.type eq "Group""#, Asked::Everything),
    ] {
        assert_eq!(asked(text), expected, "{text}");
    }
}
