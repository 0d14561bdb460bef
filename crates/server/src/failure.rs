//! What the process ends with when it cannot do what it was started for.

use std::error::Error;

/// Any error: nobody but the person at the shell reads it.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;
