//! What may happen to templates, and what is written by them.

mod repository;

use elder_access::{
    Action, Changes, Event, Found, TenantTx,
    markers::{MailsRead, MailsWrite},
};
use elder_kernel::collection::Selection;
use elder_tenancy::Brand;
use serde_json::{Map, Value, json};

use super::{Facts, MailTemplate, TemplateDraft, TemplateKey, TemplateSource, WrittenMail, built_in, engine};
use crate::{Content, Error, Language, MailKind, SendsMail};

/// Whose address stands in a preview.
const EXAMPLE_RECIPIENT: &str = "ada@example.com";

/// The templates of every kind and language, the tenant's own in place of built-in ones. They are few, and most are in
/// no table: so they are picked in memory.
pub(super) async fn list(
    tx: &TenantTx<MailsRead>,
    selection: &Selection,
) -> Result<Found<MailTemplate>, Error> {
    let own = repository::all(tx, tx.tenant()).await?;
    let is_own = |kind, locale: &Language| own.iter().any(|own| own.kind == kind && own.locale == *locale);
    let keys = MailKind::ALL.iter().flat_map(|kind| built_in::languages().map(|locale| (*kind, locale)));
    let missing: Vec<_> = keys.filter(|(kind, locale)| !is_own(*kind, locale)).collect();
    let built_in = missing.into_iter().filter_map(|(kind, locale)| of_elder(kind, locale));
    let templates: Vec<_> = built_in.chain(own).collect();
    Ok(Found::in_memory(selection, templates, shown))
}

/// A template in JSON, with its place in the list.
fn shown(template: &MailTemplate) -> Map<String, Value> {
    let Value::Object(mut shown) = json!(template) else { return Map::new() };
    shown.insert("place".to_owned(), place(template.kind, &template.locale).into());
    shown
}

fn place(kind: MailKind, locale: &Language) -> String {
    format!("{}/{locale}", kind.name())
}

fn of_elder(kind: MailKind, locale: Language) -> Option<MailTemplate> {
    let TemplateSource { subject, text, html } = built_in::source(kind, locale.as_str())?;
    Some(MailTemplate { kind, locale, is_built_in: true, subject, text, html, version: 0, updated_at: None })
}

/// The tenant's own template, or else the built-in one.
pub(super) async fn get(tx: &TenantTx<MailsRead>, key: &TemplateKey) -> Result<MailTemplate, Error> {
    let own = repository::find(tx, tx.tenant(), key).await?;
    own.or_else(|| of_elder(key.kind, key.locale.clone())).ok_or(Error::NotFound)
}

/// Says it in the tenant's own words; no event if they are the same as before.
pub(super) async fn set(
    tx: &TenantTx<MailsWrite>,
    key: TemplateKey,
    source: TemplateSource,
) -> Result<(MailTemplate, Option<Event>), Error> {
    let brand = Brand::of(tx).await?;
    try_out(&brand, &key, &source)?;
    let before = repository::lock(tx, tx.tenant(), &key).await?;
    let present = before.clone().or_else(|| of_elder(key.kind, key.locale.clone()));
    if let Some(present) = &present {
        tx.expect(present)?;
    }
    if let Some(before) = before.as_ref().filter(|before| before.source() == source) {
        return Ok((before.clone(), None));
    }
    let version = before.as_ref().map_or(0, |before| before.version) + 1;
    let TemplateSource { subject, text, html } = source;
    let after = MailTemplate {
        kind: key.kind,
        locale: key.locale,
        is_built_in: false,
        subject,
        text,
        html,
        version,
        updated_at: Some(tx.seam().now()),
    };
    repository::put(tx, tx.tenant(), &after, tx.seam().now()).await?;
    let old = |part: fn(&MailTemplate) -> &String| before.as_ref().map(part);
    let changes = Changes::default().field("subject", &old(|old| &old.subject), &Some(&after.subject)).field(
        "version",
        &before.as_ref().map(|before| before.version),
        &Some(version),
    );
    let event = Event::about(Action::MailTemplateSet, place(after.kind, &after.locale)).changed(changes);
    Ok((after, Some(event)))
}

/// Goes back to the built-in words, or to those of a wider language.
pub(super) async fn delete(tx: &TenantTx<MailsWrite>, key: &TemplateKey) -> Result<Event, Error> {
    let before = repository::lock(tx, tx.tenant(), key).await?.ok_or(Error::NotFound)?;
    tx.expect(&before)?;
    repository::delete(tx, tx.tenant(), key).await?;
    Ok(Event::about(Action::MailTemplateDeleted, place(key.kind, &key.locale)))
}

/// A mail with an example's values, by what is stored or a draft over it.
pub(super) async fn preview(
    tx: &TenantTx<MailsRead>,
    key: &TemplateKey,
    draft: TemplateDraft,
) -> Result<WrittenMail, Error> {
    let stored = match get(tx, key).await {
        // A language that is new is drafted over nothing.
        Err(Error::NotFound) => {
            TemplateSource { subject: String::new(), text: String::new(), html: String::new() }
        }
        stored => stored?.source(),
    };
    try_out(&Brand::of(tx).await?, key, &draft.over(stored))
}

fn try_out(brand: &Brand, key: &TemplateKey, source: &TemplateSource) -> Result<WrittenMail, Error> {
    let content = Content::example(key.kind);
    let facts = Facts { brand, recipient: EXAMPLE_RECIPIENT, content: &content };
    let mail = engine::write(source, &key.locale, &facts).map_err(Error::Template)?;
    engine::ensure_link(&mail, &facts).map_err(Error::Template)?;
    Ok(mail)
}

/// Writes a mail in the nearest language that there is: the reader's, else the tenant's, else English. A tenant's own
/// template that fails is passed over: nobody shall wait in vain for the link by which they get in.
pub(crate) async fn write<A: SendsMail>(
    tx: &TenantTx<A>,
    wanted: Option<&Language>,
    facts: &Facts<'_>,
) -> Result<(Language, WrittenMail), Error> {
    let languages = candidates(wanted, facts.brand);
    let kind = facts.content.kind();
    let own = repository::among(tx, tx.tenant(), kind, &languages).await?;
    for language in languages {
        let own = own.iter().find(|own| own.locale == language).map(MailTemplate::source);
        let built_in = built_in::source(kind, language.as_str());
        for source in own.into_iter().chain(built_in) {
            match engine::write(&source, &language, facts) {
                Ok(mail) => return Ok((language, mail)),
                Err(faults) => {
                    tracing::warn!(kind = kind.name(), %language, ?faults, "a template was passed over");
                }
            }
        }
    }
    Err(Error::NotFound)
}

/// The languages in which a mail may be written, the nearest first.
fn candidates(wanted: Option<&Language>, brand: &Brand) -> Vec<Language> {
    let of_tenant = brand.locale.parse::<Language>().ok();
    let last: Option<Language> = built_in::LAST_RESORT.parse().ok();
    let mut languages: Vec<Language> = Vec::new();
    for language in wanted.cloned().into_iter().chain(of_tenant).chain(last) {
        for language in language.and_wider() {
            if !languages.contains(&language) {
                languages.push(language);
            }
        }
    }
    languages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_in_the_readers_language_else_in_the_tenants_else_in_english() {
        let brand = |locale: &str| Brand {
            name: "Acme".to_owned(),
            logo_url: None,
            color: "#000000".to_owned(),
            on_color: "#ffffff",
            locale: locale.to_owned(),
        };
        let tags = |wanted: Option<&str>, tenant: &str| {
            let wanted = wanted.map(|tag| tag.parse::<Language>().unwrap());
            let found = candidates(wanted.as_ref(), &brand(tenant));
            found.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(tags(Some("de-AT"), "fr"), "de-AT de fr en");
        assert_eq!(tags(None, "de-CH"), "de-CH de en");
        assert_eq!(tags(Some("en-GB"), "en"), "en-GB en");
    }
}
