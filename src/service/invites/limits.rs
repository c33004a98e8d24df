//! How many invites a user may have pending, how long they last, and the pause after a rejection.

use crate::config::Config;
use crate::domain::{InviteId, InviteState, Refusal, SessionId, Time, UserId};
use crate::store::invites::{InviteRow, StoredInvite};
use crate::store::{Db, Error, blocks, invites};

#[derive(Clone, Copy, Debug)]
pub(crate) struct InviteLimits {
    /// Per sender; 0 is no limit.
    pending: i64,
    /// Days after which a pending one expires; 0 is no limit.
    days: u32,
    /// Milliseconds after a rejection before the same user's next invite is delivered to the same addressee.
    pause: i64,
}

impl InviteLimits {
    pub(crate) fn new(config: &Config) -> Self {
        let limits = &config.limits;
        Self {
            pending: limits.pending_invites.into(),
            days: limits.invite_days,
            pause: i64::from(limits.invite_pause_seconds) * 1_000,
        }
    }

    /// Whether a user with `pending` invites may send `more`.
    pub(crate) fn check(self, pending: i64, more: usize) -> Result<(), Refusal> {
        let more = i64::try_from(more).unwrap_or(i64::MAX);
        if self.pending > 0 && pending.saturating_add(more) > self.pending {
            return Err(Refusal::LimitReached("Too many of your invites are pending. Withdraw some first."));
        }
        Ok(())
    }

    fn expiry(self, now: Time) -> Time {
        now.plus_days(if self.days == 0 { 36_525 } else { self.days.into() })
    }

    /// When an invite that is sent `now` is delivered, if it is deferred because the last one was rejected.
    fn deferral(self, rejected_at: Option<Time>, now: Time) -> Option<Time> {
        rejected_at.map(|at| at.plus(self.pause)).filter(|at| *at > now)
    }
}

/// Creates an invite; `session` is the group to join. It is hidden from an addressee who has blocked the sender, and after a
/// rejection until the pause is over.
pub(crate) fn create(
    db: &mut Db,
    (from, to): (UserId, UserId),
    session: Option<SessionId>,
    now: Time,
    limits: InviteLimits,
) -> Result<StoredInvite, Error> {
    let is_blocked = blocks::exists(db, to, from)?;
    let deliver_at = limits.deferral(invites::rejected_at(db, from, to)?, now).filter(|_| !is_blocked);
    let invite = InviteRow {
        id: InviteId::random(),
        from_id: from,
        to_id: to,
        session_id: session,
        state: InviteState::Pending,
        hidden: is_blocked || deliver_at.is_some(),
        at: now,
        expires_at: limits.expiry(now),
        deliver_at,
    };
    invites::insert(db, &invite)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: InviteLimits = InviteLimits { pending: 3, days: 30, pause: 1_000 };

    #[test]
    fn invites_of_one_request_count_together() {
        assert!(LIMITS.check(1, 2).is_ok());
        assert_eq!(LIMITS.check(1, 3).unwrap_err().code(), "limit_reached");
        let unlimited = InviteLimits { pending: 0, ..LIMITS };
        assert!(unlimited.check(i64::MAX, usize::MAX).is_ok());
    }

    #[test]
    fn an_invite_is_deferred_until_the_pause_after_a_rejection_is_over() {
        assert_eq!(LIMITS.deferral(Some(Time(500)), Time(1_499)), Some(Time(1_500)));
        assert_eq!(LIMITS.deferral(Some(Time(500)), Time(1_500)), None);
        assert_eq!(LIMITS.deferral(None, Time(0)), None);
    }

    #[test]
    fn without_a_limit_an_invite_lasts_a_century() {
        let unlimited = InviteLimits { days: 0, ..LIMITS };
        assert_eq!(unlimited.expiry(Time(0)), Time(0).plus_days(36_525));
        assert_eq!(LIMITS.expiry(Time(0)), Time(0).plus_days(30));
    }
}
