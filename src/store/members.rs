//! The table `members`: who is in which session, and how far they have come.

use crate::store::limited::Limited;
use diesel::prelude::*;

use super::schema::{members, sessions, users};
use super::{Db, Error, users as accounts};
use crate::model::{Member, MemberChange, MemberState, Receipt, Refusal, Role, SessionId, SessionKind, Time, UserId};

/// In sessions of up to so many members everybody sees how far the others have come.
pub const RECEIPTS_UP_TO: usize = 50;

/// How far one member has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    /// Read up to here.
    pub read: i64,
    /// Received up to here.
    pub received: i64,
}

/// A user's place in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// What sort of session it is.
    pub kind: SessionKind,
    /// What the user may do there.
    pub role: Role,
    /// How far they have come.
    pub marks: Marks,
}

impl Seat {
    /// Passes whoever may do what `role` may.
    ///
    /// # Errors
    /// `forbidden` for the others, and for all in direct sessions and the lobby, where nobody rules.
    pub fn require(&self, role: Role) -> Result<(), Error> {
        let ruled = matches!(self.kind, SessionKind::Group | SessionKind::Room);
        match role {
            _ if !ruled => Err(Refusal::Forbidden("This is only possible in groups and rooms.").into()),
            role if self.role >= role => Ok(()),
            Role::Owner => Err(Refusal::Forbidden("Only the owner can do this.").into()),
            _ => Err(Refusal::Forbidden("Only the owner and admins can do this.").into()),
        }
    }
}

/// The role of a row.
pub(super) const fn role(role: i16) -> Role {
    match role {
        2 => Role::Owner,
        1 => Role::Admin,
        _ => Role::Member,
    }
}

/// What stands in a row.
const fn role_number(role: Role) -> i16 {
    match role {
        Role::Owner => 2,
        Role::Admin => 1,
        Role::Member => 0,
    }
}

/// What became of a membership, by its row.
pub(super) const fn state(state: i16) -> MemberState {
    match state {
        0 => MemberState::Joined,
        1 => MemberState::Left,
        _ => MemberState::Removed,
    }
}

/// Adds a first member, which costs no step.
pub fn insert(db: &mut Db, session: SessionId, user: UserId, role: Role, now: Time) -> Result<(), Error> {
    put(db, session, user, role, 0, 0, now)
}

/// Adds first members to a session that is being made, all at once.
pub fn insert_all(db: &mut Db, session: SessionId, users: &[UserId], now: Time) -> Result<(), Error> {
    let row = |user: &UserId| {
        (
            members::session_id.eq(session.0),
            members::user_id.eq(user.0),
            members::role.eq(0_i16),
            members::state.eq(0_i16),
            members::rev.eq(0_i64),
            members::joined_at.eq(now.0),
            members::read.eq(0_i64),
            members::received.eq(0_i64),
        )
    };
    let rows: Vec<_> = users.iter().map(row).collect();
    diesel::insert_into(members::table).values(&rows).execute(db)?;
    Ok(())
}

/// Makes somebody a member at the step `rev`, again or for the first time; what came before `read` counts as read.
pub fn put(
    db: &mut Db,
    session: SessionId,
    user: UserId,
    role: Role,
    rev: i64,
    read: i64,
    now: Time,
) -> Result<(), Error> {
    let row = (
        members::role.eq(role_number(role)),
        members::state.eq(0_i16),
        members::rev.eq(rev),
        members::joined_at.eq(now.0),
        members::read.eq(read),
        members::received.eq(read),
    );
    diesel::insert_into(members::table)
        .values((members::session_id.eq(session.0), members::user_id.eq(user.0), row))
        .on_conflict((members::session_id, members::user_id))
        .do_update()
        .set(row)
        .execute(db)?;
    Ok(())
}

/// Writes down at the step `rev` how somebody went.
pub fn depart(db: &mut Db, session: SessionId, user: UserId, how: MemberState, rev: i64) -> Result<(), Error> {
    let state: i16 = match how {
        MemberState::Joined => 0,
        MemberState::Left => 1,
        MemberState::Removed => 2,
    };
    let row = members::table.find((session.0, user.0));
    diesel::update(row).set((members::state.eq(state), members::role.eq(0_i16), members::rev.eq(rev))).execute(db)?;
    Ok(())
}

/// Gives a member another role at the step `rev`.
pub fn promote(db: &mut Db, session: SessionId, user: UserId, role: Role, rev: i64) -> Result<(), Error> {
    let row = members::table.find((session.0, user.0));
    diesel::update(row).set((members::role.eq(role_number(role)), members::rev.eq(rev))).execute(db)?;
    Ok(())
}

/// Notes that a member's user has changed at the step `rev`.
pub fn touch(db: &mut Db, session: SessionId, user: UserId, rev: i64) -> Result<(), Error> {
    diesel::update(members::table.find((session.0, user.0))).set(members::rev.eq(rev)).execute(db)?;
    Ok(())
}

/// A membership as everybody in the session is told of it, whatever became of it.
pub fn change(db: &mut Db, session: SessionId, user: UserId) -> Result<MemberChange, Error> {
    let row = members::table
        .inner_join(users::table)
        .filter(members::session_id.eq(session.0))
        .filter(members::user_id.eq(user.0))
        .select((members::role, members::state, members::rev, members::joined_at, accounts::COLUMNS))
        .one(db)
        .optional()?;
    row.map(changed).ok_or_else(|| Refusal::NotFound.into())
}

/// A membership that changed.
pub(super) fn changed((own_role, own_state, rev, joined, user): (i16, i16, i64, i64, accounts::Row)) -> MemberChange {
    let member = Member { user: accounts::stranger(user), role: role(own_role), joined_at: Time(joined) };
    MemberChange { member, state: state(own_state), rev }
}

/// The place of a user in a session. The one place where membership is looked at.
///
/// # Errors
/// `not_found` where the user is not in the session, or there is none.
pub fn check(db: &mut Db, session: SessionId, user: UserId) -> Result<Seat, Error> {
    match seat(db, session, user)? {
        Some(seat) => Ok(seat),
        None => super::lobby::seat(db, session, user),
    }
}

/// The same for a session that is known not to be the lobby; `None` where the user is not in it.
pub fn seat(db: &mut Db, session: SessionId, user: UserId) -> Result<Option<Seat>, Error> {
    let row: Option<(i16, i16, i64, i64)> = members::table
        .inner_join(sessions::table)
        .filter(members::session_id.eq(session.0))
        .filter(members::user_id.eq(user.0))
        .filter(members::state.eq(0_i16))
        .select((sessions::kind, members::role, members::read, members::received))
        .one(db)
        .optional()?;
    Ok(row.map(|(kind, own_role, read, received)| Seat {
        kind: super::sessions::kind(kind),
        role: role(own_role),
        marks: Marks { read, received },
    }))
}

/// The first `each` members of these sessions with their session's id, longest-standing first.
pub fn first(db: &mut Db, session_ids: &[i64], each: i64) -> Result<Vec<(SessionId, Member)>, Error> {
    // By session: a group of hundreds is not read whole for the few that are shown.
    let few = diesel::dsl::sql::<diesel::sql_types::Bool>(&format!(
        "members.user_id IN (SELECT x.user_id FROM members x WHERE x.session_id = sessions.id AND x.state = 0 \
         ORDER BY x.joined_at, x.user_id LIMIT {each})"
    ));
    let rows: Vec<(i64, i16, i64, _)> = sessions::table
        .inner_join(members::table.inner_join(users::table))
        .filter(sessions::id.eq_any(session_ids))
        .filter(few)
        .order((members::session_id, members::joined_at, members::user_id))
        .select((members::session_id, members::role, members::joined_at, accounts::COLUMNS))
        .load(db)?;
    let member = |(session, own_role, joined, row)| {
        (SessionId(session), Member { user: accounts::stranger(row), role: role(own_role), joined_at: Time(joined) })
    };
    Ok(rows.into_iter().map(member).collect())
}

/// Ids of everybody in a session.
pub fn ids(db: &mut Db, session: SessionId) -> Result<Vec<UserId>, Error> {
    let all = members::table.filter(members::session_id.eq(session.0)).filter(members::state.eq(0_i16));
    let ids: Vec<i64> = all.order((members::joined_at, members::user_id)).select(members::user_id).load(db)?;
    Ok(ids.into_iter().map(UserId).collect())
}

/// Who is to own a session that its owner leaves: the longest-standing admin, else member.
pub fn successor(db: &mut Db, session: SessionId) -> Result<Option<UserId>, Error> {
    let id: Option<i64> = members::table
        .filter(members::session_id.eq(session.0))
        .filter(members::state.eq(0_i16))
        .order((members::role.desc(), members::joined_at, members::user_id))
        .select(members::user_id)
        .one(db)
        .optional()?;
    Ok(id.map(UserId))
}

/// True where somebody owns the session.
pub fn is_owned(db: &mut Db, session: SessionId) -> Result<bool, Error> {
    let owners = members::table.filter(members::session_id.eq(session.0)).filter(members::state.eq(0_i16));
    Ok(diesel::select(diesel::dsl::exists(owners.filter(members::role.eq(2_i16)))).get_result(db)?)
}

/// Every session that a user is or was in, and what became of it.
pub fn all_of(db: &mut Db, user: UserId) -> Result<Vec<(SessionId, SessionKind, MemberState)>, Error> {
    let rows: Vec<(i64, i16, i16)> = members::table
        .inner_join(sessions::table)
        .filter(members::user_id.eq(user.0))
        .select((sessions::id, sessions::kind, members::state))
        .load(db)?;
    let one = |(id, kind, own_state)| (SessionId(id), super::sessions::kind(kind), state(own_state));
    Ok(rows.into_iter().map(one).collect())
}

/// Everybody in a session, by name.
pub fn list(
    db: &mut Db,
    session: SessionId,
    after: Option<&str>,
    limit: i64,
) -> Result<(Vec<Member>, Option<String>), Error> {
    let mut rows: Vec<(i16, i64, String, _)> = members::table
        .inner_join(users::table)
        .filter(members::session_id.eq(session.0))
        .filter(members::state.eq(0_i16))
        .filter(users::username_key.gt(after.unwrap_or_default()))
        .order(users::username_key)
        .select((members::role, members::joined_at, users::username_key, accounts::COLUMNS))
        .page(limit + 1)
        .load(db)?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = if more { rows.last().map(|row| row.2.clone()) } else { None };
    let member = |(own_role, joined, _, row)| Member {
        user: accounts::stranger(row),
        role: role(own_role),
        joined_at: Time(joined),
    };
    Ok((rows.into_iter().map(member).collect(), next))
}

/// Everybody's marks, by name.
pub fn receipts(db: &mut Db, session: SessionId) -> Result<Vec<Receipt>, Error> {
    let rows: Vec<(String, i64, i64)> = members::table
        .inner_join(users::table)
        .filter(members::session_id.eq(session.0))
        .filter(members::state.eq(0_i16))
        .order(users::username_key)
        .select((users::username, members::read, members::received))
        .load(db)?;
    Ok(rows.into_iter().map(|(username, read, received)| Receipt { username, read, received }).collect())
}

/// Ids of the sessions a user is in.
pub fn sessions_of(db: &mut Db, user: UserId) -> Result<Vec<SessionId>, Error> {
    let own = members::table.filter(members::user_id.eq(user.0)).filter(members::state.eq(0_i16));
    let ids: Vec<i64> = own.select(members::session_id).load(db)?;
    let mut ids: Vec<SessionId> = ids.into_iter().map(SessionId).collect();
    ids.extend(super::lobby::id(db)?);
    Ok(ids)
}

/// The same with each session's `rev`.
pub fn revs_of(db: &mut Db, user: UserId) -> Result<Vec<(SessionId, i64)>, Error> {
    let own =
        members::table.inner_join(sessions::table).filter(members::user_id.eq(user.0)).filter(members::state.eq(0_i16));
    let rows: Vec<(i64, i64)> = own.select((sessions::id, sessions::rev)).load(db)?;
    let mut revs: Vec<(SessionId, i64)> = rows.into_iter().map(|(id, rev)| (SessionId(id), rev)).collect();
    if let Some(lobby) = super::lobby::id(db)? {
        revs.push((lobby, super::sessions::head(db, lobby)?.1));
    }
    Ok(revs)
}

/// How many people are in a session.
pub fn count(db: &mut Db, session: SessionId) -> Result<usize, Error> {
    let count: i64 = members::table
        .filter(members::session_id.eq(session.0))
        .filter(members::state.eq(0_i16))
        .count()
        .get_result(db)?;
    Ok(usize::try_from(count).unwrap_or_default())
}
