//! Asks, reads the answer, and asks again.

use std::time::Duration;

use elder_access::{Worker, work::Housekeeping};
use elder_kernel::{Random, Seam, Secret};
use http::{Method, Request, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Account, AskError};
use crate::{
    license::Refusal,
    standing::Answer,
    state::{Licensing, service},
    usage,
};

const HOUR: Duration = Duration::from_hours(1);
/// When a server is asked again that did not answer.
const AGAIN: Duration = Duration::from_mins(5);

#[derive(Deserialize)]
struct Told {
    valid: bool,
    #[serde(default)]
    reason: Option<String>,
}

/// Keeps the licence alive for as long as the process. Without an account there is nothing to keep.
pub async fn keep_alive(licensing: Licensing, worker: Worker, account: Option<Account>) {
    let Some(account) = account else { return std::future::pending().await };
    loop {
        let pause = match ask(&licensing, &worker, &account).await {
            Ok(()) => HOUR,
            Err(error) => {
                tracing::warn!(%error, "the licence server has not confirmed the licence");
                AGAIN
            }
        };
        tokio::time::sleep(jittered(pause, &worker.seam().random)).await;
    }
}

/// Between nine and eleven tenths of it, so that not all installations ask at once.
fn jittered(pause: Duration, random: &Random) -> Duration {
    let [byte] = random.bytes::<1>();
    pause.mul_f64(0.9 + 0.2 * f64::from(byte) / 255.0)
}

/// Asks once, and takes the answer over. What is not confirmed leaves what was confirmed before.
///
/// # Errors
/// [`AskError`].
pub async fn ask(licensing: &Licensing, worker: &Worker, account: &Account) -> Result<(), AskError> {
    let job = worker.job::<Housekeeping>();
    usage::service::count(licensing, worker).await.map_err(crate::Error::from)?;
    let installation = service::installation(&job).await?;
    let used = usage::service::today(&job).await.map_err(crate::Error::from)?;
    let body = json!({
        "license_key": account.key.as_ref().map(Secret::expose),
        "installation": installation,
        "version": account.version,
        "usage": used,
    });
    let request = Request::builder()
        .method(Method::POST)
        .uri(&account.url)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json")
        .body(body.to_string().into_bytes())?;
    let answer = account.outbound.call(request).await?;
    if answer.status().is_server_error() {
        return Err(AskError::Status(answer.status().as_u16()));
    }
    match read(answer.body(), worker.seam()) {
        Ok(answer) => {
            service::take_answer(licensing, &job, answer).await?;
            Ok(service::refresh(licensing, worker).await?)
        }
        Err(refusal) => {
            service::note_refusal(&job, &refusal).await?;
            Err(refusal.into())
        }
    }
}

/// The answer, if it confirms a licence.
fn read(body: &[u8], seam: &Seam) -> Result<Answer, Refusal> {
    let unreadable = |error: serde_json::Error| Refusal::Unreadable(error.to_string());
    let json: Value = serde_json::from_slice(body).map_err(unreadable)?;
    let told = Told::deserialize(&json).map_err(unreadable)?;
    if !told.valid {
        return Err(Refusal::Denied(told.reason.unwrap_or_else(|| "it gives no reason".to_owned())));
    }
    let answer = Answer::deserialize(&json).map_err(unreadable)?;
    match answer.expires_at {
        Some(end) if end <= seam.now() => Err(Refusal::Expired(end)),
        _ => Ok(answer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use elder_access::{Feature, SubscriptionTier};
    use elder_api_types::license::Most;

    fn reason(body: &str) -> Result<Answer, &'static str> {
        read(body.as_bytes(), &Seam::system()).map_err(|refusal| refusal.reason())
    }

    #[test]
    fn the_answer_of_the_specification_is_read() {
        let answer = reason(
            r#"{"valid":true,"tier":"enterprise","features":[{"name":"sso_saml","entitled":true},
                {"name":"scim","entitled":true},{"name":"multi_tenant","entitled":true}],
                "limits":{"max_tenants":50,"max_users":-1}}"#,
        )
        .unwrap();
        let covered = answer.terms.entitlements();
        assert_eq!(covered.tier, SubscriptionTier::Enterprise);
        assert!(covered.cover(Feature::Scim));
        assert_eq!((covered.limits.max_tenants, covered.limits.max_users), (Most(Some(50)), Most::UNLIMITED));
    }

    #[test]
    fn an_answer_that_confirms_nothing_is_refused() {
        assert_eq!(reason(r#"{"valid":false,"reason":"revoked"}"#), Err("denied"));
        assert_eq!(reason(r#"{"valid":false,"tier":"enterprise"}"#), Err("denied"));
        assert_eq!(
            reason(r#"{"valid":true,"tier":"enterprise","expires_at":"2020-01-01T00:00:00Z"}"#),
            Err("expired")
        );
        for garbage in [
            "",
            "<html>",
            "[]",
            r#"{"tier":"enterprise"}"#,
            r#"{"valid":true}"#,
            r#"{"valid":"true"}"#,
            r#"{"valid":true,"tier":"gold"}"#,
            r#"{"valid":true,"tier":"enterprise","limits":{"max_tenants":-5}}"#,
        ] {
            assert_eq!(reason(garbage), Err("unreadable"), "{garbage}");
        }
    }

    #[test]
    fn no_two_pauses_are_far_from_the_hour() {
        let random = Random::system();
        for _ in 0..1_000 {
            let pause = jittered(HOUR, &random);
            assert!((Duration::from_mins(54)..=Duration::from_mins(66)).contains(&pause), "{pause:?}");
        }
    }
}
