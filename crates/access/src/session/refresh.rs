//! Refresh tokens: each is good once, and what follows it is always the same one.

use std::time::Duration;

use chrono::{DateTime, Utc};
use elder_api_types::role::{GlobalRole, Role};
use elder_crypto::{Parsed, TokenHash};
use elder_kernel::{Id, User};
use sea_orm::Value;

use super::{EndReason, Issue, IssuedTokens, NewSession, RefreshFault, SessionLifetime, end, sign};
use crate::{TenantTx, authority::flows, database::DbError};

const LOCK: &str = "
    select s.user_id, s.refresh_hash, s.previous_refresh_hash, s.rotated_at, s.amr, s.auth_time,
           s.expires_at, s.idle_expires_at, s.ended_at, u.is_active and t.is_active as is_active,
           u.global_role, u.tenant_role, t.settings
    from sessions s
    join portal_users u on u.tenant_id = s.tenant_id and u.id = s.user_id
    join tenants t on t.id = s.tenant_id
    where s.tenant_id = $1 and s.id = $2 and s.refresh_hash is not null
    for update of s";

const ROTATE: &str = "
    update sessions set refresh_hash = $3, previous_refresh_hash = $4, rotated_at = $5, last_seen_at = $5,
        generation = generation + 1, idle_expires_at = least($6, expires_at), ip = $7, user_agent = $8
    where tenant_id = $1 and id = $2";

/// A refresh token that somebody shows, and its live session, which nobody else changes until the end.
pub struct Presented {
    token: Parsed,
    stored: Stored,
    settings: serde_json::Value,
}

/// Looks a refresh token up.
///
/// # Errors
/// [`RefreshFault::Invalid`], [`RefreshFault::Database`].
pub async fn presented(tx: &TenantTx<flows::Refresh>, token: Parsed) -> Result<Presented, RefreshFault> {
    let row = tx.raw_row(LOCK, [tx.tenant().into(), token.id.into()]).await?.ok_or(RefreshFault::Invalid)?;
    let (stored, settings) = (Stored::read(&row)?, row.get("settings")?);
    if stored.is_live(tx.seam().now()) {
        Ok(Presented { token, stored, settings })
    } else {
        Err(RefreshFault::Invalid)
    }
}

impl Presented {
    /// The settings of its tenant as they are stored, which came with the look-up.
    pub fn settings(&self) -> &serde_json::Value {
        &self.settings
    }

    /// The platform's role of whom the session belongs to.
    pub fn global_role(&self) -> Option<GlobalRole> {
        self.stored.global_role
    }

    /// Whom the session belongs to.
    pub fn user(&self) -> Id<User> {
        self.stored.user
    }

    /// Exchanges the token for new ones and extends the session's idle time. The token that was just used may be sent
    /// again for a short while, because an answer can get lost, and is followed by the same one then; any other old one
    /// ends the session. So a token has one successor, however often and wherever it is sent at once.
    ///
    /// # Errors
    /// [`RefreshFault`]. After [`RefreshFault::Reused`] the caller commits, because the session was ended.
    pub async fn renew(
        &self,
        tx: &TenantTx<flows::Refresh>,
        idle: Duration,
    ) -> Result<IssuedTokens, RefreshFault> {
        let Self { token, stored, .. } = self;
        let (session, now) = (Id::from_uuid(token.id), tx.seam().now());
        let (refresh, next) = tx.keeper().successors().after(token);
        match stored.turn(&token.secret_hash, &next, now, tx.keeper().policy().refresh_retry) {
            Turn::First => rotate(tx, token, &next, now + idle).await?,
            Turn::Again => {}
            Turn::TooLate => {
                end(tx, session, EndReason::RefreshReused).await?;
                return Err(RefreshFault::Reused(session));
            }
        }
        let (access, expires_in) = sign(tx, session, &stored.claims(), Issue::at(tx, stored.auth_time))?;
        Ok(IssuedTokens { session, access, expires_in, refresh })
    }
}

async fn rotate(
    tx: &TenantTx<flows::Refresh>,
    used: &Parsed,
    next: &TokenHash,
    idle_until: DateTime<Utc>,
) -> Result<(), DbError> {
    let values: [Value; 8] = [
        tx.tenant().into(),
        used.id.into(),
        next.as_bytes().to_vec().into(),
        used.secret_hash.as_bytes().to_vec().into(),
        tx.seam().now().into(),
        idle_until.into(),
        Value::String(tx.meta().ip.map(|ip| ip.to_string())),
        Value::String(tx.meta().user_agent.clone()),
    ];
    tx.run_last(ROTATE, values).await
}

/// Which use of a refresh token it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    First,
    /// Its successor was given out just now and is not used yet.
    Again,
    TooLate,
}

/// A session's row, locked.
struct Stored {
    user: Id<User>,
    current: Vec<u8>,
    previous: Option<Vec<u8>>,
    rotated_at: DateTime<Utc>,
    amr: Vec<String>,
    auth_time: DateTime<Utc>,
    ends: DateTime<Utc>,
    ended: bool,
    active: bool,
    global_role: Option<GlobalRole>,
    tenant_role: Option<Role>,
}

impl Stored {
    fn read(row: &crate::Row) -> Result<Self, DbError> {
        let expires: DateTime<Utc> = row.get("expires_at")?;
        let idle: DateTime<Utc> = row.get("idle_expires_at")?;
        Ok(Self {
            user: Id::from_uuid(row.get("user_id")?),
            current: row.get("refresh_hash")?,
            previous: row.get("previous_refresh_hash")?,
            rotated_at: row.get("rotated_at")?,
            amr: row.get("amr")?,
            auth_time: row.get("auth_time")?,
            ends: expires.min(idle),
            ended: row.get::<Option<DateTime<Utc>>>("ended_at")?.is_some(),
            active: row.get("is_active")?,
            global_role: row.get::<Option<&str>>("global_role")?.and_then(GlobalRole::named),
            tenant_role: row.get::<Option<&str>>("tenant_role")?.and_then(Role::named),
        })
    }

    fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.active && !self.ended && now < self.ends
    }

    /// What sending `token`, which `next` follows, means.
    fn turn(&self, token: &TokenHash, next: &TokenHash, now: DateTime<Utc>, retry: Duration) -> Turn {
        let is =
            |stored: &[u8], hash: &TokenHash| TokenHash::try_from(stored).is_ok_and(|stored| stored == *hash);
        // A clock of another node may be ahead of this one's: what it has just used lies in the future then.
        let just_used = now <= self.rotated_at + retry;
        let was_last = self.previous.as_deref().is_some_and(|previous| is(previous, token));
        if is(&self.current, token) {
            Turn::First
        } else if just_used && was_last && is(&self.current, next) {
            Turn::Again
        } else {
            Turn::TooLate
        }
    }

    fn claims(&self) -> NewSession {
        let lifetime = SessionLifetime { idle: Duration::ZERO, absolute: Duration::ZERO };
        NewSession {
            user: self.user,
            device: None,
            global_role: self.global_role,
            tenant_role: self.tenant_role,
            amr: self.amr.clone(),
            lifetime,
            rests_on: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use elder_crypto::{OpaqueToken, TokenKind};
    use elder_kernel::{Random, SeededRandom, TenantId};
    use uuid::Uuid;

    use super::*;

    const RETRY: Duration = Duration::from_secs(10);

    /// A token, and the session as using it at this time has left it.
    fn used_at(rotated_at: DateTime<Utc>) -> (TokenHash, TokenHash, Stored) {
        let random = Random::new(SeededRandom::new(1));
        let mint = || OpaqueToken::mint(TokenKind::RefreshToken, TenantId::SYSTEM, Uuid::nil(), &random).1;
        let (used, next) = (mint(), mint());
        let stored = Stored {
            user: Id::from_uuid(Uuid::nil()),
            current: next.as_bytes().to_vec(),
            previous: Some(used.as_bytes().to_vec()),
            rotated_at,
            amr: Vec::new(),
            auth_time: rotated_at,
            ends: rotated_at,
            ended: false,
            active: true,
            global_role: None,
            tenant_role: None,
        };
        (used, next, stored)
    }

    #[test]
    fn a_lost_answer_is_given_again_for_as_long_as_the_retry_lasts_and_by_a_node_whose_clock_is_behind() {
        let rotated_at = DateTime::UNIX_EPOCH;
        let (used, next, stored) = used_at(rotated_at);
        for (millis, turn) in
            [(-5_000, Turn::Again), (0, Turn::Again), (10_000, Turn::Again), (10_001, Turn::TooLate)]
        {
            let now = rotated_at + TimeDelta::milliseconds(millis);
            assert_eq!(stored.turn(&used, &next, now, RETRY), turn, "{millis} ms");
        }
        assert_eq!(stored.turn(&next, &used, rotated_at, RETRY), Turn::First);
    }
}
