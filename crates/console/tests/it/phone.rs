//! An authenticator application.

use elder_testkit::TestApp;
use totp_rs::{Builder, Secret, Totp};

/// What holds one secret.
pub(crate) struct Phone(Totp);

impl Phone {
    pub(crate) fn with(secret: &str) -> Self {
        Self(Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap())
    }

    /// With the secret that a page shows.
    #[track_caller]
    pub(crate) fn shown_at(page: &str) -> Self {
        let (_, rest) = page.split_once("<code>").expect("a secret");
        Self::with(rest.split_once('<').unwrap().0)
    }

    /// What it shows now.
    pub(crate) fn code(&self, app: &TestApp) -> String {
        self.0.generate(u64::try_from(app.seam.now().timestamp()).unwrap()).to_string()
    }
}
