//! Who may write to whom: in a session, and by opening a direct session with a first message.

use crate::domain::{Accepts, Refusal, SessionId, Shared, User, UserId};
use crate::store::members;
use crate::store::{Db, Error, Obstacle, PostingRules, blocks, obstacle, users};

/// The rules of new messages, for the writer.
pub(crate) const RULES: PostingRules = PostingRules { may_open, refusal };

/// Whether a user may write in a session; true where typing is broadcast to the others.
///
/// # Errors
/// `not_found` where they are not in it, `blocked` or `forbidden` where either has blocked the other, or the other is gone.
pub(crate) fn may_write(db: &mut Db, session: SessionId, user: UserId) -> Result<bool, Error> {
    let member = members::check(db, session, user)?;
    if let Some(obstacle) = obstacle(db, session, user)? {
        return Err(refusal(obstacle).into());
    }
    Ok(Shared::by(member.kind, members::count(db, session)?).is_close())
}

/// Whether `me` may open a direct session with `other`, of which there is none.
///
/// # Errors
/// `invalid_request` for oneself, `blocked`, `invite_required`.
pub(crate) fn may_open(db: &mut Db, me: UserId, other: &User) -> Result<(), Error> {
    if other.id == me {
        return Err(Refusal::invalid("`username` must be another user").into());
    }
    if blocks::exists(db, me, other.id)? {
        return Err(Refusal::Blocked.into());
    }
    // A block is not revealed to the one who is blocked.
    if blocks::exists(db, other.id, me)? || users::accepts(db, other.id)? == Accepts::Invited {
        return Err(Refusal::InviteRequired.into());
    }
    Ok(())
}

fn refusal(obstacle: Obstacle) -> Refusal {
    match obstacle {
        Obstacle::Deleted => Refusal::Forbidden("This account was deleted."),
        Obstacle::Blocked => Refusal::Blocked,
        Obstacle::BlockedBy => Refusal::Forbidden("This user does not accept your messages."),
    }
}
