//! A message on its way into the log. What may be stored is decided by rules that the service supplies.

use super::touches::Touches;
use crate::domain::{CommitOutput, ConnId, Draft, Refusal, SessionId, Time, UserId};
use crate::store::tables::{blocks, sessions, users};
use crate::store::{Db, Error};

pub(crate) struct Posting {
    pub sender: UserId,
    pub draft: Draft,
    pub destination: Destination,
    /// A refusal that was decided before the transaction, by a rate limit for example. A retry of a stored send is answered
    /// as a duplicate all the same.
    pub refused: Option<Refusal>,
    /// The connection that gets a reply instead of the message.
    pub acting: Option<ConnId>,
    /// The sender's connection gets the message like all others, and counts as having received it only then.
    pub echo: bool,
}

pub(crate) enum Destination {
    /// `None` for an id that cannot be one.
    Session(Option<SessionId>),
    /// A direct session that may have to be opened first.
    Direct(OpenDirect),
}

pub(crate) struct OpenDirect {
    pub touches: Touches,
    pub open: Open,
}

/// Finds or opens a direct session; gives the events of a new one. A `refused` message opens none and is refused for that
/// reason.
type Open = Box<dyn Fn(&mut Db, Option<&Refusal>, Time) -> Result<(SessionId, Vec<CommitOutput>), Error> + Send>;

pub(crate) type Refuse = fn(Obstacle) -> Refusal;

/// What keeps a message or mark from being stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// The other user of the direct session is deleted.
    Deleted,
    /// The sender has blocked the other user.
    Blocked,
    /// The other user has blocked the sender.
    BlockedBy,
    NoReplyTarget,
    /// A mark outside of the session, whose newest message has this `seq`.
    MarkOutOfRange(i64),
}

/// What keeps a member from writing in a session; nothing does outside of direct sessions.
pub(crate) fn obstacle(db: &mut Db, session: SessionId, user: UserId) -> Result<Option<Obstacle>, Error> {
    let Some(other) = sessions::partner(db, session, user)? else { return Ok(None) };
    if users::find(db, other)?.deleted {
        return Ok(Some(Obstacle::Deleted));
    }
    if blocks::exists(db, user, other)? {
        return Ok(Some(Obstacle::Blocked));
    }
    Ok(blocks::exists(db, other, user)?.then_some(Obstacle::BlockedBy))
}
