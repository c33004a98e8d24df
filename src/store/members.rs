//! The table `members`: who is in which session, and how far they have come.

use crate::store::limited::Limited;
use diesel::prelude::*;

use super::schema::{members, sessions, users};
use super::users::UserRow;
use super::{Db, Error, lobby};
use crate::domain::{Member, MemberChange, MemberState, Receipt, Refusal, Role, SessionId, SessionKind, Time, UserId};

/// In sessions of up to so many members everybody sees how far the others have come.
pub(crate) const RECEIPTS_UP_TO: usize = 50;

/// How far one member has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = members)]
pub(crate) struct Marks {
    /// Read up to here.
    pub read: i64,
    /// Received up to here.
    pub received: i64,
}

/// A user's place in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = members)]
pub(crate) struct Seat {
    /// What sort of session it is.
    #[diesel(select_expression = sessions::kind)]
    pub kind: SessionKind,
    /// What the user may do there.
    pub role: Role,
    /// How far they have come.
    #[diesel(embed)]
    pub marks: Marks,
}

/// A membership with its user.
#[derive(Queryable, Selectable)]
#[diesel(table_name = members)]
pub(super) struct MemberRow {
    session_id: SessionId,
    role: Role,
    state: MemberState,
    rev: i64,
    joined_at: Time,
    #[diesel(embed)]
    user: UserRow,
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Self {
        Self { user: row.user.without_presence(), role: row.role, joined_at: row.joined_at }
    }
}

impl From<MemberRow> for MemberChange {
    fn from(row: MemberRow) -> Self {
        Self { state: row.state, rev: row.rev, member: row.into() }
    }
}

/// Adds a first member, which costs no step.
pub(crate) fn insert(db: &mut Db, session: SessionId, user: UserId, role: Role, now: Time) -> Result<(), Error> {
    put(db, session, user, role, 0, 0, now)
}

/// Adds first members to a session that is being made, all at once.
pub(crate) fn insert_all(db: &mut Db, session: SessionId, users: &[UserId], now: Time) -> Result<(), Error> {
    let row = |user: &UserId| {
        (
            members::session_id.eq(session),
            members::user_id.eq(*user),
            members::role.eq(Role::Member),
            members::state.eq(MemberState::Joined),
            members::rev.eq(0_i64),
            members::joined_at.eq(now),
            members::read.eq(0_i64),
            members::received.eq(0_i64),
        )
    };
    let rows: Vec<_> = users.iter().map(row).collect();
    diesel::insert_into(members::table).values(&rows).execute(db)?;
    Ok(())
}

/// Makes somebody a member at the step `rev`, again or for the first time; what came before `read` counts as read.
pub(crate) fn put(
    db: &mut Db,
    session: SessionId,
    user: UserId,
    role: Role,
    rev: i64,
    read: i64,
    now: Time,
) -> Result<(), Error> {
    let row = (
        members::role.eq(role),
        members::state.eq(MemberState::Joined),
        members::rev.eq(rev),
        members::joined_at.eq(now),
        members::read.eq(read),
        members::received.eq(read),
    );
    diesel::insert_into(members::table)
        .values((members::session_id.eq(session), members::user_id.eq(user), row))
        .on_conflict((members::session_id, members::user_id))
        .do_update()
        .set(row)
        .execute(db)?;
    Ok(())
}

/// Writes down at the step `rev` how somebody went.
pub(crate) fn depart(db: &mut Db, session: SessionId, user: UserId, how: MemberState, rev: i64) -> Result<(), Error> {
    let row = members::table.find((session, user));
    diesel::update(row)
        .set((members::state.eq(how), members::role.eq(Role::Member), members::rev.eq(rev)))
        .execute(db)?;
    Ok(())
}

/// Gives a member another role at the step `rev`.
pub(crate) fn promote(db: &mut Db, session: SessionId, user: UserId, role: Role, rev: i64) -> Result<(), Error> {
    let row = members::table.find((session, user));
    diesel::update(row).set((members::role.eq(role), members::rev.eq(rev))).execute(db)?;
    Ok(())
}

/// Notes that a member's user has changed at the step `rev`.
pub(crate) fn touch(db: &mut Db, session: SessionId, user: UserId, rev: i64) -> Result<(), Error> {
    diesel::update(members::table.find((session, user))).set(members::rev.eq(rev)).execute(db)?;
    Ok(())
}

/// A membership as everybody in the session is told of it, whatever became of it.
pub(crate) fn change(db: &mut Db, session: SessionId, user: UserId) -> Result<MemberChange, Error> {
    let row: Option<MemberRow> = members::table
        .inner_join(users::table)
        .filter(members::session_id.eq(session))
        .filter(members::user_id.eq(user))
        .select(MemberRow::as_select())
        .one(db)
        .optional()?;
    row.map(MemberChange::from).ok_or_else(|| Refusal::NotFound.into())
}

/// The place of a user in a session. The one place where membership is looked at.
///
/// # Errors
/// `not_found` where the user is not in the session, or there is none.
pub(crate) fn check(db: &mut Db, session: SessionId, user: UserId) -> Result<Seat, Error> {
    match seat(db, session, user)? {
        Some(seat) => Ok(seat),
        None => lobby_seat(db, session, user),
    }
}

/// The place of a user in the lobby, where nobody has a row.
fn lobby_seat(db: &mut Db, session: SessionId, user: UserId) -> Result<Seat, Error> {
    if lobby::id(db)? != Some(session) {
        return Err(Refusal::NotFound.into());
    }
    let seq = sessions::table.find(session).select(sessions::seq).one(db)?;
    // Read marks are not stored for the lobby, so nothing in it is unread.
    Ok(Seat { kind: SessionKind::Lobby, role: lobby::role(db, user)?, marks: Marks { read: seq, received: seq } })
}

/// The same for a session that is known not to be the lobby; `None` where the user is not in it.
pub(crate) fn seat(db: &mut Db, session: SessionId, user: UserId) -> Result<Option<Seat>, Error> {
    Ok(members::table
        .inner_join(sessions::table)
        .filter(members::session_id.eq(session))
        .filter(members::user_id.eq(user))
        .filter(members::state.eq(MemberState::Joined))
        .select(Seat::as_select())
        .one(db)
        .optional()?)
}

/// The first `each` members of these sessions with their session's id, longest-standing first.
pub(crate) fn first(db: &mut Db, session_ids: &[SessionId], each: i64) -> Result<Vec<(SessionId, Member)>, Error> {
    // By session: a group of hundreds is not read whole for the few that are shown.
    let few = diesel::dsl::sql::<diesel::sql_types::Bool>(&format!(
        "members.user_id IN (SELECT x.user_id FROM members x WHERE x.session_id = sessions.id AND x.state = 0 \
         ORDER BY x.joined_at, x.user_id LIMIT {each})"
    ));
    let rows: Vec<MemberRow> = sessions::table
        .inner_join(members::table.inner_join(users::table))
        .filter(sessions::id.eq_any(session_ids))
        .filter(few)
        .order((members::session_id, members::joined_at, members::user_id))
        .select(MemberRow::as_select())
        .load(db)?;
    Ok(rows.into_iter().map(|row| (row.session_id, row.into())).collect())
}

/// Ids of everybody in a session.
pub(crate) fn ids(db: &mut Db, session: SessionId) -> Result<Vec<UserId>, Error> {
    let all = members::table.filter(members::session_id.eq(session)).filter(members::state.eq(MemberState::Joined));
    Ok(all.order((members::joined_at, members::user_id)).select(members::user_id).load(db)?)
}

/// Who is to own a session that its owner leaves: the longest-standing admin, else member.
pub(crate) fn successor(db: &mut Db, session: SessionId) -> Result<Option<UserId>, Error> {
    Ok(members::table
        .filter(members::session_id.eq(session))
        .filter(members::state.eq(MemberState::Joined))
        .order((members::role.desc(), members::joined_at, members::user_id))
        .select(members::user_id)
        .one(db)
        .optional()?)
}

/// True where somebody owns the session.
pub(crate) fn is_owned(db: &mut Db, session: SessionId) -> Result<bool, Error> {
    let owners = members::table.filter(members::session_id.eq(session)).filter(members::state.eq(MemberState::Joined));
    Ok(diesel::select(diesel::dsl::exists(owners.filter(members::role.eq(Role::Owner)))).get_result(db)?)
}

/// Every session that a user is or was in, and what became of it.
pub(crate) fn all_of(db: &mut Db, user: UserId) -> Result<Vec<(SessionId, SessionKind, MemberState)>, Error> {
    Ok(members::table
        .inner_join(sessions::table)
        .filter(members::user_id.eq(user))
        .select((sessions::id, sessions::kind, members::state))
        .load(db)?)
}

/// Everybody in a session, by name.
pub(crate) fn list(
    db: &mut Db,
    session: SessionId,
    after: Option<&str>,
    limit: i64,
) -> Result<(Vec<Member>, Option<String>), Error> {
    let mut rows: Vec<(MemberRow, String)> = members::table
        .inner_join(users::table)
        .filter(members::session_id.eq(session))
        .filter(members::state.eq(MemberState::Joined))
        .filter(users::username_key.gt(after.unwrap_or_default()))
        .order(users::username_key)
        .select((MemberRow::as_select(), users::username_key))
        .page(limit + 1)
        .load(db)?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = if more { rows.last().map(|(_, key)| key.clone()) } else { None };
    Ok((rows.into_iter().map(|(row, _)| row.into()).collect(), next))
}

/// Everybody's marks, by name.
pub(crate) fn receipts(db: &mut Db, session: SessionId) -> Result<Vec<Receipt>, Error> {
    let rows: Vec<(String, i64, i64)> = members::table
        .inner_join(users::table)
        .filter(members::session_id.eq(session))
        .filter(members::state.eq(MemberState::Joined))
        .order(users::username_key)
        .select((users::username, members::read, members::received))
        .load(db)?;
    Ok(rows.into_iter().map(|(username, read, received)| Receipt { username, read, received }).collect())
}

/// Ids of the sessions a user is in.
pub(crate) fn sessions_of(db: &mut Db, user: UserId) -> Result<Vec<SessionId>, Error> {
    let own = members::table.filter(members::user_id.eq(user)).filter(members::state.eq(MemberState::Joined));
    let mut ids: Vec<SessionId> = own.select(members::session_id).load(db)?;
    ids.extend(lobby::id(db)?);
    Ok(ids)
}

/// The same with each session's `rev`.
pub(crate) fn revs_of(db: &mut Db, user: UserId) -> Result<Vec<(SessionId, i64)>, Error> {
    let own = members::table
        .inner_join(sessions::table)
        .filter(members::user_id.eq(user))
        .filter(members::state.eq(MemberState::Joined));
    let mut revs: Vec<(SessionId, i64)> = own.select((sessions::id, sessions::rev)).load(db)?;
    if let Some(id) = lobby::id(db)? {
        revs.push((id, sessions::table.find(id).select(sessions::rev).one(db)?));
    }
    Ok(revs)
}

/// How many people are in a session.
pub(crate) fn count(db: &mut Db, session: SessionId) -> Result<usize, Error> {
    let count: i64 = members::table
        .filter(members::session_id.eq(session))
        .filter(members::state.eq(MemberState::Joined))
        .count()
        .get_result(db)?;
    Ok(usize::try_from(count).unwrap_or_default())
}
