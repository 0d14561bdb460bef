//! Whether the server is there, and whom it lets in.

use super::super::{
    check::{Halt, Verdict},
    run::Run,
};

/// What a provider asks first.
const FIRST: &str = "/Users?startIndex=1&count=2";

pub(super) async fn answers(run: &mut Run) -> Verdict {
    let asked = run.client.get("/ServiceProviderConfig").await;
    if asked.is_err() {
        run.blocked = Some("the server does not answer");
    }
    asked?;
    Ok(())
}

pub(super) async fn is_private(run: &mut Run) -> Verdict {
    if !run.subject.url.is_open() {
        let here = run.subject.url.is_here();
        return if here { Err(Halt::skip("the server is on this machine")) } else { Ok(()) };
    }
    let answer = run.client.get("/ServiceProviderConfig").await?;
    Err(Halt::fault("the token and everybody's data travel unencrypted: use https", &answer.exchange))
}

pub(super) async fn token_is_taken(run: &mut Run) -> Verdict {
    let answer = run.client.get(FIRST).await?;
    if matches!(answer.status, 401 | 403) {
        run.blocked = Some("the server does not take the token");
    }
    let listed = answer.list().map(drop);
    if listed.is_err() && run.blocked.is_none() {
        run.blocked = Some("the server does not list users");
    }
    listed
}

pub(super) async fn wrong_token_is_refused(run: &mut Run) -> Verdict {
    let stranger = run.client.with_token(run.wrong_token.clone());
    let answer = stranger.get(FIRST).await?;
    answer.demand(answer.status != 200, "everybody is let in: a token that nobody has made was taken")?;
    answer.refused(401, None)
}
