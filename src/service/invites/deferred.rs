//! The delivery of new invites to their recipients: at once, or deferred after a rejection.

use crate::domain::{Audience, CommitOutput, Effect, Event, InviteState, Time};
use crate::store::invites::{self, StoredInvite};
use crate::store::{Db, Error, blocks};

/// Deferred invites delivered in one transaction.
const BATCH: i64 = 100;

/// The event for the recipient, unless the invite is hidden. For a deferred invite the effect that delivers it later.
pub(crate) fn announcement(stored: &StoredInvite) -> Option<CommitOutput> {
    match stored.deliver_at {
        Some(at) => Some(CommitOutput::Effect(Effect::InviteDeferred(at))),
        None if stored.hidden => None,
        None => {
            let event = Event::Invited(Box::new(stored.invite.clone()));
            Some(CommitOutput::event(Audience::User(stored.invite.to.id), event))
        }
    }
}

/// Delivers the deferred invites that are due; a block keeps them hidden. The last delivery is the effect that schedules the
/// next ones.
pub(crate) fn deliver_due(db: &mut Db, now: Time) -> Result<Vec<CommitOutput>, Error> {
    let mut out = Vec::new();
    for mut stored in invites::due(db, now, BATCH)? {
        let invite = &stored.invite;
        (stored.hidden, stored.deliver_at) = (blocks::exists(db, invite.to.id, invite.from.id)?, None);
        invites::set_delivered(db, stored.invite.id, stored.hidden)?;
        if stored.invite.state == InviteState::Pending {
            out.extend(announcement(&stored));
        }
    }
    out.extend(invites::next_due(db)?.map(|at| CommitOutput::Effect(Effect::InviteDeferred(at))));
    Ok(out)
}
