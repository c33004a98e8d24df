//! Ephemeral rooms: when one in which nobody is connected ends.

use super::membership;
use crate::domain::{Delivery, Removal, SessionId, Time};
use crate::store::{Db, Error, rooms, stays};

/// Ends a room in which nobody has been connected for `grace` milliseconds. A join within that time wins, also one that came
/// after the room was found empty and before this transaction, and so does a guest who was let in for it: the room is then
/// watched anew.
pub(crate) fn expire(db: &mut Db, room: SessionId, grace: i64, now: Time) -> Result<Vec<Delivery>, Error> {
    if !rooms::is_ephemeral(db, room)? {
        return Ok(Vec::new());
    }
    let since = Time(now.0.saturating_sub(grace));
    if rooms::was_joined(db, room, since)? || stays::is_awaited(db, room, since)? {
        return Ok(vec![rooms::watched(db, room)?]);
    }
    membership::delete(db, room, Removal::Emptied, now)
}
