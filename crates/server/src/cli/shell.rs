//! What commands do to the platform: through the gate, as a server does, and with the same audit.

use std::process::ExitCode;

use elder_access::{Gatekeeper, Worker};
use elder_config::Settings;

use super::block_on;
use crate::{failure::Failure, licensing, site::Site};

/// Opens the gate of the configured site, which may be one that a running server uses, and does the command's work.
pub(super) fn at_the_gate(
    settings: Settings,
    work: impl AsyncFnOnce(&Site, &Gatekeeper, &Worker) -> Result<ExitCode, Failure>,
) -> Result<ExitCode, Failure> {
    let site = Site::join(settings)?;
    let done = block_on(async {
        let (keeper, worker) = site.gate()?;
        keeper.open(&worker).await?;
        licensing::open(&site.settings, &licensing::of(&site.settings, &keeper)?, &worker).await;
        work(&site, &keeper, &worker).await
    });
    site.close()?;
    done?
}
