//! The rules of passwords.

use super::*;

/// Nothing but the length is asked for.
fn lenient() -> PasswordSettings {
    PasswordSettings { refuse_common: false, min_score: 0, ..PasswordSettings::default() }
}

fn broken_of(policy: &PasswordSettings, password: &str) -> Vec<Weakness> {
    let names = Names::default()
        .and_address("ana.gruber@example.com")
        .and_words("Ana Maria Gruber")
        .and_words("Acme GmbH");
    check(password, &names, policy).err().map(|weaknesses| weaknesses.broken).unwrap_or_default()
}

fn broken(password: &str) -> Vec<Weakness> {
    broken_of(&PasswordSettings::default(), password)
}

#[test]
fn p_01_the_length_is_counted_in_code_points() {
    let broken = |password: String| broken_of(&lenient(), &password);
    assert_eq!(broken("x".repeat(14)), [Weakness::TooShort(15)]);
    assert_eq!(broken("x".repeat(15)), []);
    assert_eq!(broken("🦀".repeat(14)), [Weakness::TooShort(15)]);
    assert_eq!(broken("🦀".repeat(256)), []);
    assert_eq!(broken("x".repeat(257)), [Weakness::TooLong]);
}

#[test]
fn a_tenant_may_demand_more_and_never_less() {
    let demanding = |min_length| broken_of(&PasswordSettings { min_length, ..lenient() }, &"x".repeat(20));
    assert_eq!((demanding(20), demanding(21)), (vec![], vec![Weakness::TooShort(21)]));
    let lax = PasswordSettings { min_length: 8, ..lenient() };
    assert_eq!(broken_of(&lax, &"x".repeat(14)), [Weakness::TooShort(15)]);
}

#[test]
fn p_02_no_kinds_of_characters_are_demanded_unless_the_tenant_does() {
    assert_eq!(broken("correct horse battery staple"), []);
    let strict = PasswordSettings { character_classes: 4, ..PasswordSettings::default() };
    assert_eq!(broken_of(&strict, "correct horse battery staple"), [Weakness::TooUniform(4)]);
    assert_eq!(broken_of(&strict, "Correct horse battery staple 7"), []);
    assert_eq!(kinds("日本語"), 1);
}

#[test]
fn p_03_names_are_found_in_any_case_and_form() {
    for password in ["my name is GRUBER ok", "ａcme rocks every day", "ana.gruber is my mail"] {
        assert_eq!(broken(password), [Weakness::HoldsName], "{password}");
    }
    assert_eq!(broken("bananas are not a name"), []);
    let lax = PasswordSettings { refuse_own_names: false, ..lenient() };
    assert_eq!(broken_of(&lax, "my name is GRUBER ok"), []);
}

#[test]
fn p_03_what_everybody_tries_is_refused_however_long_it_is() {
    for password in [
        "password1234567",
        "passwordpassword",
        "xxxxxxxxxxxxxxx",
        "qwertyuiopasdfgh",
        "trustno1trustno1trustno1",
        "P@ssw0rdP@ssw0rd",
        "abcdefghijklmnop",
        "elderelderelder",
        &"aB3$".repeat(60),
    ] {
        assert_eq!(broken(password), [Weakness::Common, Weakness::Guessable], "{password}");
        assert_eq!(broken_of(&lenient(), password), [], "{password}");
    }
}

#[test]
fn a_tenant_says_how_hard_to_guess_a_password_must_be() {
    let guess = "monkeydragonshadow";
    let allowed =
        |min_score| broken_of(&PasswordSettings { min_score, ..PasswordSettings::default() }, guess);
    assert_eq!((allowed(3), allowed(4)), (vec![], vec![Weakness::Guessable]));
}

#[test]
fn the_longest_password_is_estimated_soon() {
    // Each of these signs may stand for several letters, of which all combinations are tried.
    let signs = "1|7!+$5%2z0@4({[<8693".repeat(12);
    assert_eq!(broken(&signs), []);
}

#[test]
fn p_04_both_forms_of_one_password_are_equally_long() {
    let broken = |password: String| broken_of(&lenient(), &password);
    assert_eq!((broken("é".repeat(15)), broken("e\u{301}".repeat(15))), (vec![], vec![]));
    assert_eq!(broken("e\u{301}".repeat(14)), [Weakness::TooShort(15)]);
}

#[test]
fn every_broken_rule_is_told_at_once() {
    let expected = [Weakness::TooShort(15), Weakness::HoldsName, Weakness::Common, Weakness::Guessable];
    assert_eq!(broken("gruber"), expected);
    let faults = Weaknesses::of(expected.to_vec()).at("/new_password").faults();
    assert!(faults.iter().all(|fault| fault.pointer == "/new_password"));
}

#[test]
fn a_password_grows_too_old_only_where_the_tenant_says_so() {
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let yearly = PasswordSettings { max_age_days: Some(365), ..PasswordSettings::default() };
    let expired =
        |policy: &PasswordSettings, days| is_expired(Some(now - TimeDelta::days(days)), policy, now);
    assert!(!expired(&yearly, 364) && expired(&yearly, 365));
    assert!(is_expired(None, &yearly, now), "nobody knows how old it is");
    assert!(!expired(&PasswordSettings::default(), 36_500));
}
