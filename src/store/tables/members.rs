//! The table `members`: memberships and read and received marks.

use super::lobby;
use super::users::UserRow;
use crate::domain::{Member, MemberChange, MemberState, Receipt, Refusal, Role, SessionId, SessionKind, Time, UserId};
use crate::store::db::prelude::*;
use crate::store::db::schema::{members, sessions, users};

/// Sessions with more members have no receipts.
pub(crate) const RECEIPTS_UP_TO: usize = 50;

/// The marks of one member: the last `seq` read and received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = members)]
pub(crate) struct Marks {
    pub read: i64,
    pub received: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = members)]
pub(crate) struct Membership {
    #[diesel(select_expression = sessions::kind)]
    pub kind: SessionKind,
    pub role: Role,
    #[diesel(embed)]
    pub marks: Marks,
}

/// A membership, present or past, with its user.
#[derive(Queryable, Selectable)]
#[diesel(table_name = members)]
pub(crate) struct MemberRow {
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

/// Adds a member of a new session, without a revision.
pub(crate) fn insert(db: &mut Db, session: SessionId, user: UserId, role: Role, now: Time) -> Result<(), Error> {
    upsert(db, session, user, role, 0, 0, now)
}

/// The same for several users, who get the role of a member.
pub(crate) fn insert_all(db: &mut Db, session: SessionId, users: &[UserId], now: Time) -> Result<(), Error> {
    users.iter().try_for_each(|user| insert(db, session, *user, Role::Member, now))
}

/// Adds a member, again or for the first time; messages up to `read` count as read.
pub(crate) fn upsert(
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
    let upsert = diesel::insert_into(members::table)
        .values((members::session_id.eq(session), members::user_id.eq(user), row))
        .on_conflict((members::session_id, members::user_id))
        .do_update()
        .set(row);
    on_inner!(db, db => upsert.execute(db))?;
    Ok(())
}

pub(crate) fn set_departed(
    db: &mut Db,
    session: SessionId,
    user: UserId,
    how: MemberState,
    rev: i64,
) -> Result<(), Error> {
    let row = members::table.find((session, user));
    diesel::update(row).set((members::state.eq(how), members::role.eq(Role::Member), members::rev.eq(rev))).run(db)
}

pub(crate) fn set_role(db: &mut Db, session: SessionId, user: UserId, role: Role, rev: i64) -> Result<(), Error> {
    let row = members::table.find((session, user));
    diesel::update(row).set((members::role.eq(role), members::rev.eq(rev))).run(db)
}

/// Records that the member's user changed.
pub(crate) fn set_rev(db: &mut Db, session: SessionId, user: UserId, rev: i64) -> Result<(), Error> {
    diesel::update(members::table.find((session, user))).set(members::rev.eq(rev)).run(db)
}

/// The present state of a membership, left and removed ones too. Fails with `not_found` where the user never was a member.
pub(crate) fn change(db: &mut Db, session: SessionId, user: UserId) -> Result<MemberChange, Error> {
    let row: Option<MemberRow> = members::table
        .inner_join(users::table)
        .filter(members::session_id.eq(session))
        .filter(members::user_id.eq(user))
        .select(MemberRow::as_select())
        .maybe(db)?;
    row.map(MemberChange::from).ok_or_else(|| Refusal::NotFound.into())
}

/// The membership of a user. The one place where membership is checked. Fails with `not_found` where the user is not in the
/// session, or there is none.
pub(crate) fn check(db: &mut Db, session: SessionId, user: UserId) -> Result<Membership, Error> {
    if let Some(membership) = find(db, session, user)? {
        return Ok(membership);
    }
    if lobby::id(db)? != Some(session) {
        return Err(Refusal::NotFound.into());
    }
    let seq = sessions::table.find(session).select(sessions::seq).one(db)?;
    // Read marks are not stored for the lobby, so nothing in it is unread.
    Ok(Membership { kind: SessionKind::Lobby, role: lobby::role(db, user)?, marks: Marks { read: seq, received: seq } })
}

/// The membership of a user in a session other than the lobby; `None` where they are not in it.
pub(crate) fn find(db: &mut Db, session: SessionId, user: UserId) -> Result<Option<Membership>, Error> {
    Ok(members::table
        .inner_join(sessions::table)
        .filter(members::session_id.eq(session))
        .filter(members::user_id.eq(user))
        .filter(members::state.eq(MemberState::Joined))
        .select(Membership::as_select())
        .maybe(db)?)
}

/// The members who have joined and not left.
#[diesel::dsl::auto_type]
pub(super) fn present(session: SessionId) -> _ {
    let joined: MemberState = MemberState::Joined;
    members::table.filter(members::session_id.eq(session)).filter(members::state.eq(joined))
}

/// The first `each` members of these sessions with their session's id, longest-standing first.
pub(crate) fn first(db: &mut Db, session_ids: &[SessionId], each: i64) -> Result<Vec<(SessionId, Member)>, Error> {
    // Limited by session: large groups are not read whole for the few that are shown.
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

pub(crate) fn ids(db: &mut Db, session: SessionId) -> Result<Vec<UserId>, Error> {
    Ok(present(session).order((members::joined_at, members::user_id)).select(members::user_id).load(db)?)
}

/// The next owner of a session whose owner leaves: the longest-standing admin, else member.
pub(crate) fn successor(db: &mut Db, session: SessionId) -> Result<Option<UserId>, Error> {
    Ok(present(session)
        .order((members::role.desc(), members::joined_at, members::user_id))
        .select(members::user_id)
        .maybe(db)?)
}

pub(crate) fn has_owner(db: &mut Db, session: SessionId) -> Result<bool, Error> {
    let owners = present(session);
    Ok(diesel::select(diesel::dsl::exists(owners.filter(members::role.eq(Role::Owner)))).get_result(db)?)
}

pub(crate) fn all_of(db: &mut Db, user: UserId) -> Result<Vec<(SessionId, SessionKind, MemberState)>, Error> {
    Ok(members::table
        .inner_join(sessions::table)
        .filter(members::user_id.eq(user))
        .select((sessions::id, sessions::kind, members::state))
        .load(db)?)
}

pub(crate) fn list(
    db: &mut Db,
    session: SessionId,
    after: Option<&str>,
    limit: i64,
) -> Result<(Vec<Member>, Option<String>), Error> {
    let mut rows: Vec<(MemberRow, String)> = present(session)
        .inner_join(users::table)
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

pub(crate) fn receipts(db: &mut Db, session: SessionId) -> Result<Vec<Receipt>, Error> {
    let rows: Vec<(String, i64, i64)> = present(session)
        .inner_join(users::table)
        .order(users::username_key)
        .select((users::username, members::read, members::received))
        .load(db)?;
    Ok(rows.into_iter().map(|(username, read, received)| Receipt { username, read, received }).collect())
}

/// The ids of the sessions a user is in, with the lobby.
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

pub(crate) fn count(db: &mut Db, session: SessionId) -> Result<usize, Error> {
    let count: i64 = present(session).count().get_result(db)?;
    Ok(usize::try_from(count).unwrap_or_default())
}
