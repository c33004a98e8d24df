//! The ends of tokens. A guest ends with its token; every token ends here, so that no guest outlives its own. The events close
//! the connections.

use super::membership::end_user;
use crate::domain::{CommitOutput, Effect, LoginMethod, Time, TokenId, UserId, UserKind};
use crate::security_log;
use crate::store::tokens::EndedToken;
use crate::store::{Db, Error, Touches, tokens};

/// What the end of any login of this user touches.
pub(crate) fn touches(user: UserId, kind: UserKind) -> Touches {
    match kind {
        UserKind::Guest => Touches::ending([user]),
        UserKind::Account | UserKind::Bot => Touches::users([user]),
    }
}

/// What the end of this login touches.
pub(crate) fn touches_of(db: &mut Db, id: TokenId) -> Result<Touches, Error> {
    let owner = tokens::owner(db, id)?;
    Ok(owner.map_or_else(Touches::nothing, |user| touches(user.id, user.kind)))
}

/// What the end of at most `limit` expired logins touches.
pub(crate) fn touches_of_expired(limit: usize) -> Touches {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Touches::wide().and(Touches::found_at(move |db, now| Ok(Touches::ending(tokens::expired_guests(db, limit, now)?))))
}

/// Ends one login of this user.
///
/// # Errors
/// `not_found` where the user has no such login.
pub(crate) fn login(db: &mut Db, user: UserId, id: TokenId, now: Time) -> Result<Vec<CommitOutput>, Error> {
    let ended = tokens::delete(db, user, id)?;
    follow(db, vec![ended], now)
}

/// Ends every login of this user but `kept`.
pub(crate) fn logins(db: &mut Db, user: UserId, kept: Option<TokenId>, now: Time) -> Result<Vec<CommitOutput>, Error> {
    let ended = tokens::delete_all(db, user, kept)?;
    follow(db, ended, now)
}

/// Ends all but `most` logins of this user, those unused for longest first and never `kept`; 0 is no limit.
pub(crate) fn surplus(
    db: &mut Db,
    user: UserId,
    kept: TokenId,
    most: u32,
    now: Time,
) -> Result<Vec<CommitOutput>, Error> {
    let ended = if most == 0 { Vec::new() } else { tokens::delete_surplus(db, user, kept, most)? };
    for EndedToken { token, user, .. } in &ended {
        security_log::note_internal("token_revoked", format_args!("user_id={user} token={token} reason=too_many"));
    }
    follow(db, ended, now)
}

/// Ends at most `limit` expired logins; returns how many.
pub(crate) fn expired(db: &mut Db, limit: usize, now: Time) -> Result<(usize, Vec<CommitOutput>), Error> {
    let ended = tokens::sweep(db, i64::try_from(limit).unwrap_or(i64::MAX), now)?;
    note_expired(&ended);
    Ok((ended.len(), follow(db, ended, now)?))
}

/// Ends a login if it had expired at `seen`.
pub(crate) fn expired_one(db: &mut Db, id: TokenId, seen: Time, now: Time) -> Result<Vec<CommitOutput>, Error> {
    let ended = tokens::delete_expired(db, id, seen)?;
    note_expired(&ended);
    follow(db, ended, now)
}

fn note_expired(ended: &[EndedToken]) {
    for EndedToken { token, user, .. } in ended {
        security_log::note_internal("token_expired", format_args!("user_id={user} token={token}"));
    }
}

fn follow(db: &mut Db, ended: Vec<EndedToken>, now: Time) -> Result<Vec<CommitOutput>, Error> {
    let mut out: Vec<CommitOutput> =
        ended.iter().map(|ended| CommitOutput::Effect(Effect::TokenEnded(ended.token))).collect();
    for login in ended {
        match login.login_method {
            LoginMethod::Password => {}
            LoginMethod::Guest | LoginMethod::LobbyGuest | LoginMethod::RoomGuest(_) => {
                out.extend(end_user(db, login.user, now)?)
            }
        }
    }
    Ok(out)
}
