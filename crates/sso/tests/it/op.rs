//! A provider that says of anybody whatever a test wants.

use std::sync::Mutex;

use elder_testkit::{Fault, FaultyProvider};
use serde_json::{Value, json};

/// A provider that tells all that it knows by ID tokens.
pub(crate) struct Op {
    pub(crate) issuer: String,
    provider: FaultyProvider,
    claims: Mutex<Value>,
    faults: Mutex<Vec<Fault>>,
}

impl Op {
    pub(crate) fn start() -> Self {
        let provider = FaultyProvider::start();
        let op = Self {
            issuer: provider.issuer(),
            provider,
            claims: Mutex::new(json!({})),
            faults: Mutex::default(),
        };
        op.tell();
        op
    }

    /// Whoever comes from now on is this.
    pub(crate) fn says(&self, claims: Value) {
        *self.claims.lock().unwrap() = claims;
        self.tell();
    }

    /// A logout token of its own.
    pub(crate) fn logout_token(&self, claims: &Value) -> String {
        self.provider.faults([]);
        let token = self.provider.logout_token(claims);
        self.tell();
        token
    }

    /// Does this wrong from now on, or nothing.
    pub(crate) fn fault(&self, fault: impl Into<Option<Fault>>) {
        *self.faults.lock().unwrap() = fault.into().into_iter().collect();
        self.tell();
    }

    /// How often a path was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.provider.asked(path)
    }

    fn tell(&self) {
        let usual = [
            Fault::Discovery(json!({ "userinfo_endpoint": null })),
            Fault::Claims(self.claims.lock().unwrap().clone()),
        ];
        self.provider.faults(usual.into_iter().chain(self.faults.lock().unwrap().clone()));
    }
}
