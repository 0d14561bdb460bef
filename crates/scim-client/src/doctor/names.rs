//! Names that no other run has.

use elder_kernel::Random;

/// The names of one run.
#[derive(Debug)]
pub(super) struct Names {
    run: String,
    domain: String,
}

impl Names {
    pub(super) fn new(random: &Random, domain: String) -> Self {
        let run = random.bytes::<8>().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        Self { run, domain }
    }

    /// A user's name, which is an address, as with most providers.
    pub(super) fn user(&self, which: &str) -> String {
        format!("elder-scim-test-{which}-{}@{}", self.run, self.domain)
    }

    /// A group's name.
    pub(super) fn group(&self, which: &str) -> String {
        format!("Elder SCIM test {which} {}", self.run)
    }

    /// What the provider calls something.
    pub(super) fn external(&self, which: &str) -> String {
        format!("elder-{which}-{}", self.run)
    }

    /// A password that the rules of most tenants allow.
    pub(super) fn password(&self) -> String {
        format!("Aa1!-{}", self.run)
    }
}
