//! The steps, in the order in which they are gone.

mod discovery;
mod groups;
mod lists;
mod patches;
mod reach;
mod users;

use std::{cell::Cell, pin::Pin};

use super::{check::Verdict, run::Run};

type Check = for<'a> fn(&'a mut Run) -> Pin<Box<dyn Future<Output = Verdict> + 'a>>;

/// One thing that a server is to do.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) source: &'static str,
    pub(super) rule: &'static str,
    pub(super) check: Check,
}

macro_rules! steps {
    ($($name:literal $source:literal $rule:literal => $room:ident::$check:ident;)+) => {
        const STEPS: &[Step] = &[$(
            Step { name: $name, source: $source, rule: $rule, check: |run| Box::pin($room::$check(run)) },
        )+];
    };
}

steps! {
    "reach" "RFC 7644 §3.2" "the server answers" => reach::answers;
    "tls" "RFC 7644 §7.2" "nobody on the way reads along" => reach::is_private;
    "token" "RFC 7644 §2" "the token is taken" => reach::token_is_taken;
    "wrong-token" "RFC 7644 §2, §3.12" "a wrong token is refused, with a SCIM error" => reach::wrong_token_is_refused;
    "config" "RFC 7643 §5" "it says what it can do" => discovery::config;
    "resource-types" "RFC 7643 §6" "it says which resources it has" => discovery::resource_types;
    "schemas" "RFC 7643 §7" "it says what they are made of" => discovery::schemas;
    "user-absent" "RFC 7644 §3.4.2" "looking for nobody gives an empty list" => lists::absent;
    "user-create" "RFC 7644 §3.3" "a user is made, and told whole" => users::create;
    "user-duplicate" "RFC 7644 §3.3" "a second user of the same name is refused" => users::duplicate;
    "user-read" "RFC 7644 §3.4.1" "the user is read by its id" => users::read;
    "user-find" "RFC 7644 §3.4.2.2" "the user is found by its name" => lists::by_name;
    "user-find-case" "RFC 7643 §4.1.1" "the letter case of the name does not matter" => lists::by_name_in_capitals;
    "user-attributes" "RFC 7644 §3.9" "only the attributes asked for come" => lists::attributes;
    "user-put" "RFC 7644 §3.5.1" "PUT replaces the user" => users::put;
    "patch-replace" "RFC 7644 §3.5.2.3" "PATCH sets an attribute" => patches::replace;
    "patch-value-path" "RFC 7644 §3.5.2.3" "PATCH sets a part of one value among several" => patches::value_path;
    "patch-add" "RFC 7644 §3.5.2.1" "PATCH adds a value" => patches::add;
    "patch-remove" "RFC 7644 §3.5.2.2" "PATCH takes an attribute away" => patches::remove;
    "patch-bad-path" "RFC 7644 §3.5.2, §3.12" "a path that cannot be read is refused, and nothing changes" => patches::bad_path;
    "etag" "RFC 7644 §3.14" "If-Match protects from changes that were not seen" => patches::etag;
    "paging" "RFC 7644 §3.4.2.4" "lists come in pages" => lists::paging;
    "user-deactivate" "RFC 7643 §4.1.1" "the user is switched off, and stays to be found" => users::deactivate;
    "user-reactivate" "RFC 7643 §4.1.1" "and on again" => users::reactivate;
    "group-create" "RFC 7644 §3.3" "a group is made" => groups::create;
    "group-add-member" "RFC 7644 §3.5.2.1" "members are added" => groups::add_members;
    "group-rename" "RFC 7644 §3.5.2.3" "the group gets another name, and keeps its members" => groups::rename;
    "group-find" "RFC 7644 §3.4.2.2" "the group is found by its name" => groups::find;
    "group-remove-member" "RFC 7644 §3.5.2.2" "one member is taken out, and no other" => groups::remove_member;
    "group-delete" "RFC 7644 §3.6" "the group is deleted, and its members are not" => groups::delete;
    "user-delete" "RFC 7644 §3.6" "the user is deleted" => users::delete;
    "user-gone" "RFC 7644 §3.6, §3.12" "and cannot be read or found any more" => users::gone;
}

/// Goes through them all; once it is asked to stop, leaves the rest out.
pub(super) async fn all(run: &mut Run, stopping: &Cell<bool>) {
    for step in STEPS {
        let is_kept = run.subject.keep && matches!(step.name, "group-delete" | "user-delete" | "user-gone");
        let left_out = match (stopping.get(), is_kept) {
            (true, _) => Some("interrupted"),
            (false, true) => Some("what was made is to stay"),
            (false, false) => None,
        };
        run.step(step, left_out).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_steps_have_one_name() {
        let mut names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STEPS.len());
    }
}
