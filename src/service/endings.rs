//! The ends of tokens, and of guests with them: the visit of a guest lasts as long as its token.
//!
//! Every token is ended here, so that no guest outlives its own. The events close the connections.

use super::membership::end_user;
use crate::domain::{Audience, Delivery, Door, Event, Time, TokenId, UserId};
use crate::security_log;
use crate::store::tokens::Ended;
use crate::store::{Db, Error, stays, tokens};

/// Ends one login of this user.
///
/// # Errors
/// `not_found` where the user has no such login.
pub(crate) fn login(db: &mut Db, user: UserId, id: TokenId, now: Time) -> Result<Vec<Delivery>, Error> {
    let ended = tokens::delete(db, user, id)?;
    follow(db, vec![ended], now)
}

/// Ends every login of this user but `kept`.
pub(crate) fn logins(db: &mut Db, user: UserId, kept: Option<TokenId>, now: Time) -> Result<Vec<Delivery>, Error> {
    let ended = tokens::delete_all(db, user, kept)?;
    follow(db, ended, now)
}

/// Ends logins of this user until `most` are left, those unused for longest first, and never `kept`; 0 is no limit.
pub(crate) fn surplus(db: &mut Db, user: UserId, kept: TokenId, most: u32, now: Time) -> Result<Vec<Delivery>, Error> {
    let ended = if most == 0 { Vec::new() } else { tokens::delete_surplus(db, user, kept, most)? };
    for Ended { token, user, .. } in &ended {
        security_log::note_internal("token_revoked", format_args!("user_id={user} token={token} reason=too_many"));
    }
    follow(db, ended, now)
}

/// Ends logins that have expired, at most `limit` of them; gives how many.
pub(crate) fn expired(db: &mut Db, limit: usize, now: Time) -> Result<(usize, Vec<Delivery>), Error> {
    let ended = tokens::sweep(db, i64::try_from(limit).unwrap_or(i64::MAX), now)?;
    note_expired(&ended);
    Ok((ended.len(), follow(db, ended, now)?))
}

/// Ends one login if it had expired at `seen`.
pub(crate) fn expired_one(db: &mut Db, id: TokenId, seen: Time, now: Time) -> Result<Vec<Delivery>, Error> {
    let ended = tokens::delete_expired(db, id, seen)?;
    note_expired(&ended);
    follow(db, ended, now)
}

fn note_expired(ended: &[Ended]) {
    for Ended { token, user, .. } in ended {
        security_log::note_internal("token_expired", format_args!("user_id={user} token={token}"));
    }
}

/// Ends guests who have not been connected for too long; those who have ended already are left as they are.
pub(crate) fn guests(db: &mut Db, guests: &[UserId], now: Time) -> Result<Vec<Delivery>, Error> {
    let mut out = Vec::new();
    for guest in guests {
        if stays::is_here(db, *guest)? {
            out.extend(end_user(db, *guest, now)?);
        }
    }
    Ok(out)
}

fn follow(db: &mut Db, ended: Vec<Ended>, now: Time) -> Result<Vec<Delivery>, Error> {
    let mut out: Vec<Delivery> = ended.iter().map(token_ended).collect();
    for login in ended {
        match login.door {
            Door::Login => {}
            Door::Guests | Door::Lobby | Door::Rooms(_) => out.extend(end_user(db, login.user, now)?),
        }
    }
    Ok(out)
}

const fn token_ended(ended: &Ended) -> Delivery {
    Delivery::new(Audience::House, Event::TokenEnded(ended.token))
}
