//! `xtask new-resource`: writes the skeleton of a tenant's resource, so that it compiles at once.

use crate::{Failure, Verdict, workspace::Workspace};

pub(crate) fn run(_workspace: &Workspace, _krate: &str, _resource: &str) -> Result<Verdict, Failure> {
    Err("not yet".into())
}
