//! Whom a text mentions: members of its session, and in the lobby anybody; where the directory is closed, those who have
//! spoken there lately.

use crate::store::limited::Limited;
use diesel::prelude::*;

use super::columns::UserState;
use super::schema::{members, messages, users};
use super::{Db, Error};
use crate::domain::{MemberState, SessionId, SessionKind, UserId, Username, mentioned};

/// In the lobby the senders of so many messages can be mentioned.
const LATELY: i64 = 200;

/// Names of people whom `text` mentions, as they themselves are written, in the order in which they stand. Costs nothing
/// for a text without an `@`.
pub(super) fn of(db: &mut Db, session: SessionId, kind: SessionKind, text: &str) -> Result<Vec<String>, Error> {
    let wanted: Vec<String> = mentioned(text).into_iter().map(Username::fold).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let named = users::table.filter(users::username_key.eq_any(&wanted)).filter(users::state.lt(UserState::Gone));
    let found: Vec<(String, String)> = match kind {
        SessionKind::Lobby if !super::lobby::is_closed(db)? => {
            named.select((users::username_key, users::username)).load(db)?
        }
        // That a name is somebody's is only told of those who are heard there anyway.
        SessionKind::Lobby => {
            let lately = messages::table
                .filter(messages::session_id.eq(session))
                .order(messages::seq.desc())
                .select(messages::sender_id)
                .rows(LATELY);
            let lately: Vec<UserId> = lately.load(db)?;
            named.filter(users::id.eq_any(lately)).select((users::username_key, users::username)).load(db)?
        }
        _ => named
            .inner_join(members::table)
            .filter(members::session_id.eq(session))
            .filter(members::state.eq(MemberState::Joined))
            .select((users::username_key, users::username))
            .load(db)?,
    };
    let mut names: Vec<String> = Vec::with_capacity(found.len());
    for key in wanted {
        if let Some((_, name)) = found.iter().find(|(known, _)| *known == key)
            && !names.contains(name)
        {
            names.push(name.clone());
        }
    }
    Ok(names)
}
