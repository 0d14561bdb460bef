//! What the process ends with when it cannot do what it was started for.

use std::{error::Error, iter};

/// Any error: nobody but the person at the shell reads it.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// An error with its causes, outermost first. What a text tells of its cause already is not told twice.
pub(crate) fn in_full(error: &dyn Error, joint: &str) -> String {
    let mut text = error.to_string();
    for cause in iter::successors(error.source(), |&cause| cause.source()) {
        let cause = cause.to_string();
        if !text.ends_with(&cause) {
            text.push_str(joint);
            text.push_str(&cause);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum Link {
        #[error("no certificate")]
        Last,
        #[error("no handshake: {0}")]
        Told(#[source] Box<Self>),
        #[error("no connection")]
        Silent(#[source] Box<Self>),
    }

    #[test]
    fn an_error_is_told_down_to_its_last_cause() {
        let error = Link::Silent(Box::new(Link::Silent(Box::new(Link::Last))));
        assert_eq!(in_full(&error, ": "), "no connection: no certificate");
        let error = Link::Silent(Box::new(Link::Told(Box::new(Link::Last))));
        assert_eq!(in_full(&error, ", because "), "no connection, because no handshake: no certificate");
    }
}
