//! Contacts: the other users of one's direct sessions, existing or possible without an invite.

use diesel::dsl::{exists, not};

use crate::domain::{Accepts, Directory, MemberState, SessionKind, User, UserId};
use crate::store::db::columns::UserState;
use crate::store::db::prelude::*;
use crate::store::db::schema::{blocks, members, sessions, users};
use crate::store::tables::users::UserRow;

/// At most `limit` contacts, by name: first those of existing direct sessions, then the others.
pub(crate) fn contacts(db: &mut Db, me: UserId, directory: Directory, limit: i64) -> Result<Vec<User>, Error> {
    let blocked = blocks::table.filter(blocks::blocker_id.eq(me)).select(blocks::blocked_id);
    let blockers = blocks::table.filter(blocks::blocked_id.eq(me)).select(blocks::blocker_id);
    let open_to_me = users::table
        .filter(users::state.lt(UserState::Deleted))
        .filter(users::id.ne(me))
        .filter(users::id.ne_all(blocked))
        .filter(users::id.ne_all(blockers));

    let (mine, theirs) = diesel::alias!(members as mine, members as theirs);
    let shared = mine
        .inner_join(theirs.on(theirs.field(members::session_id).eq(mine.field(members::session_id))))
        .filter(mine.field(members::user_id).eq(me))
        .filter(mine.field(members::state).eq(MemberState::Joined))
        .filter(theirs.field(members::state).eq(MemberState::Joined));
    let direct = sessions::table
        .filter(sessions::id.eq(mine.field(members::session_id)))
        .filter(sessions::kind.eq(SessionKind::Direct));
    let partners = shared.filter(exists(direct)).select(theirs.field(members::user_id));
    let mut found: Vec<UserRow> = open_to_me
        .filter(users::id.eq_any(partners))
        .order(users::username_key)
        .select(UserRow::as_select())
        .rows(limit)
        .load(db)?;

    let left = usize::try_from(limit).unwrap_or_default().saturating_sub(found.len());
    let others = open_to_me
        .filter(users::accepts.eq(Accepts::Anyone))
        .filter(not(users::id.eq_any(partners)))
        .order(users::username_key)
        .select(UserRow::as_select());
    let others: Vec<UserRow> = if directory == Directory::Closed {
        others.filter(users::id.eq_any(shared.select(theirs.field(members::user_id)))).rows(limit).load(db)?
    } else {
        others.rows(limit).load(db)?
    };
    found.extend(others.into_iter().take(left));
    Ok(found.into_iter().map(User::from).collect())
}
