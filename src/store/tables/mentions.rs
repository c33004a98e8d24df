//! The users that a text mentions: members of its session, in the lobby any user; where the directory is closed, those who
//! have written there recently.

use super::lobby;
use crate::domain::{MemberState, SessionId, SessionKind, UserId, Username, mentioned};
use crate::store::db::columns::UserState;
use crate::store::db::prelude::*;
use crate::store::db::schema::{members, messages, users};

/// In the lobby of a closed directory the senders of so many latest messages can be mentioned.
const RECENT: i64 = 200;

/// The usernames that `text` mentions, in the order of the text. Runs no query for a text without an `@`.
pub(crate) fn of(db: &mut Db, session: SessionId, kind: SessionKind, text: &str) -> Result<Vec<String>, Error> {
    let keys: Vec<String> = mentioned(text).into_iter().map(Username::fold).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let named = users::table.filter(users::username_key.eq_any(&keys)).filter(users::state.lt(UserState::Deleted));
    let found: Vec<(String, String)> = match kind {
        SessionKind::Lobby if !lobby::is_closed(db)? => {
            named.select((users::username_key, users::username)).load(db)?
        }
        // Reveals only names that are visible there anyway.
        SessionKind::Lobby => {
            let recent = messages::table
                .filter(messages::session_id.eq(session))
                .order(messages::seq.desc())
                .select(messages::sender_id)
                .rows(RECENT);
            let recent: Vec<UserId> = recent.load(db)?;
            named.filter(users::id.eq_any(recent)).select((users::username_key, users::username)).load(db)?
        }
        _ => named
            .inner_join(members::table)
            .filter(members::session_id.eq(session))
            .filter(members::state.eq(MemberState::Joined))
            .select((users::username_key, users::username))
            .load(db)?,
    };
    let mut names: Vec<String> = Vec::with_capacity(found.len());
    for key in keys {
        if let Some((_, name)) = found.iter().find(|(known, _)| *known == key)
            && !names.contains(name)
        {
            names.push(name.clone());
        }
    }
    Ok(names)
}
