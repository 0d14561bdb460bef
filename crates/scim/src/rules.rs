//! Which rules of its provider's profile a request makes use of.

use std::{cell::RefCell, collections::BTreeSet};

/// The names of rules.
pub(crate) type Rules = BTreeSet<&'static str>;

tokio::task_local! {
    static USED: RefCell<Rules>;
}

/// Answers a request; gives the rules that it made use of as well.
pub(crate) async fn noting<F: Future>(answering: F) -> (F::Output, Rules) {
    let noting = async {
        let answer = answering.await;
        (answer, USED.with(RefCell::take))
    };
    USED.scope(RefCell::default(), noting).await
}

/// Notes that the request that is being answered makes use of a rule.
pub(crate) fn note(rule: &'static str) {
    // Outside of a request there is nobody to tell.
    let _untold = USED.try_with(|rules| rules.borrow_mut().insert(rule));
}
