//! What becomes of templates, good ones and bad ones.

use elder_tenancy::Brand;

use super::*;
use crate::{Content, MailKind, template::built_in};

fn brand() -> Brand {
    Brand {
        name: "Müller & <b>Söhne</b>".to_owned(),
        logo_url: None,
        color: "#1a56db".to_owned(),
        on_color: "#ffffff",
        locale: "en".to_owned(),
    }
}

fn source(subject: &str, text: &str, html: &str) -> TemplateSource {
    TemplateSource { subject: subject.to_owned(), text: text.to_owned(), html: html.to_owned() }
}

fn written(source: &TemplateSource, content: &Content) -> Result<WrittenMail, Vec<TemplateFault>> {
    let facts = Facts { brand: &brand(), recipient: "ada@example.com", content };
    write(source, &"de-AT".parse().unwrap(), &facts)
}

#[test]
fn every_built_in_template_is_good_and_shows_its_link() {
    for kind in MailKind::ALL {
        for language in built_in::LANGUAGES {
            let content = Content::example(*kind);
            let facts = Facts { brand: &brand(), recipient: "ada@example.com", content: &content };
            let source = built_in::source(*kind, language).unwrap();
            let mail = write(&source, &language.parse().unwrap(), &facts)
                .unwrap_or_else(|faults| panic!("{kind:?} {language}: {faults:?}"));
            ensure_link(&mail, &facts).unwrap_or_else(|faults| panic!("{kind:?} {language}: {faults:?}"));
            assert!(mail.html.contains(&format!("<html lang=\"{language}\">")), "{kind:?} {language}");
            assert!(!mail.html.contains("<b>Söhne"), "values are escaped: {kind:?} {language}");
            assert!(!mail.text.contains("&amp;"), "a text is not escaped: {kind:?} {language}");
        }
    }
}

#[test]
fn a_logo_is_shown_with_the_name_for_those_who_cannot_see_it() {
    let brand = Brand { logo_url: Some("https://acme.example/logo.png".to_owned()), ..brand() };
    let content = Content::example(MailKind::Invitation);
    let facts = Facts { brand: &brand, recipient: "ada@example.com", content: &content };
    let source = built_in::source(MailKind::Invitation, "en").unwrap();
    let mail = write(&source, &"en".parse().unwrap(), &facts).unwrap();
    assert!(
        mail.html.contains("<img src=\"https:&#x2f;&#x2f;acme.example&#x2f;logo.png\" alt=\"Müller &amp; ")
    );
}

#[test]
fn every_value_of_a_kind_can_be_shown() {
    let content = Content::example(MailKind::Invitation);
    let mail = written(
        &source("{{ brand.name }}", "{{ inviter }} {{ days }} {{ locale }}", "{{ recipient }}"),
        &content,
    );
    let mail = mail.unwrap();
    assert_eq!(mail.subject, "Müller & <b>Söhne</b>");
    assert_eq!(mail.text, "Grace Hopper 7 de-AT");
    let locked =
        written(&source("a", "{{ until }}", "b"), &Content::example(MailKind::AccountLocked)).unwrap();
    assert_eq!(locked.text, "2027-01-01 00:00 UTC");
}

#[test]
fn each_bad_text_is_told_with_its_line() {
    let bad = source("{{ nobody }}", "one\ntwo {{ link.a.b }}", "{% if %}\n");
    let faults = written(&bad, &Content::example(MailKind::Invitation)).unwrap_err();
    let parts: Vec<_> = faults.iter().map(|fault| fault.part).collect();
    assert_eq!(parts, [Part::Subject, Part::Text, Part::Html]);
    assert_eq!(faults[1].line, Some(2), "{faults:?}");
}

#[test]
fn nothing_switches_the_escaping_off() {
    for html in [
        "{{ brand.name|safe }}",
        "{{ brand.name|e }}",
        "{% autoescape false %}{{ brand.name }}{% endautoescape %}",
    ] {
        assert!(
            written(&source("a", "b", html), &Content::example(MailKind::AccountLocked)).is_err(),
            "{html}"
        );
    }
}

#[test]
fn a_subject_is_one_line_that_nobody_can_add_a_header_to() {
    let content = Content::FactorsReset { actor: "x\r\nBcc: victim@example.com".to_owned() };
    assert!(written(&source("{{ actor }}", "b", "c"), &content).is_err());
    assert!(written(&source("a\nb", "b", "c"), &content).is_err());
    assert!(written(&source("{# nothing #}", "b", "c"), &content).is_err());
}

#[test]
fn a_mail_that_should_have_a_link_and_shows_none_is_refused() {
    let content = Content::example(MailKind::PasswordReset);
    let facts = Facts { brand: &brand(), recipient: "ada@example.com", content: &content };
    let mail = written(&source("a", "b", "<a href=\"{{ link }}\">c</a>"), &content).unwrap();
    let faults = ensure_link(&mail, &facts).unwrap_err();
    assert_eq!(faults.iter().map(|fault| fault.part).collect::<Vec<_>>(), [Part::Text]);
}
