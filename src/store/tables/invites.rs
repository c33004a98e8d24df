//! The table `invites`.

use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Bool};

use crate::domain::{
    Cursor, Invite, InviteId, InviteSession, InviteState, Page, Refusal, SessionId, Time, User, UserId,
};
use crate::store::db::prelude::*;
use crate::store::db::schema::{invites, sessions, users};
use crate::store::tables::users as accounts;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    In,
    Out,
}

pub(crate) struct StoredInvite {
    pub invite: Invite,
    /// Not visible to the recipient: the sender is blocked, or the invite is deferred.
    pub hidden: bool,
    /// When a deferred invite becomes visible, unless the sender is blocked then.
    pub deliver_at: Option<Time>,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = invites)]
pub(crate) struct InviteRow {
    pub id: InviteId,
    pub from_id: UserId,
    pub to_id: UserId,
    /// The group to join, or the session it led to; `None` for a direct session that is not opened yet.
    pub session_id: Option<SessionId>,
    pub state: InviteState,
    pub hidden: bool,
    pub at: Time,
    pub expires_at: Time,
    pub deliver_at: Option<Time>,
}

/// Stores an invite; no other is pending between the same users for the same session.
pub(crate) fn insert(db: &mut Db, invite: &InviteRow) -> Result<StoredInvite, Error> {
    diesel::insert_into(invites::table).values(invite).execute(db)?;
    find(db, invite.id, invite.at)
}

/// The invite with this id. Fails with `not_found` where there is none.
pub(crate) fn find(db: &mut Db, id: InviteId, now: Time) -> Result<StoredInvite, Error> {
    let row: Option<InviteRow> = invites::table.find(id).select(InviteRow::as_select()).maybe(db)?;
    let row = row.ok_or(Refusal::NotFound)?;
    resolve(db, vec![row], now)?.pop().ok_or_else(|| Refusal::NotFound.into())
}

/// The pending invite of `from` to `to`, to a direct session or to that group. Marks an expired one as such.
pub(crate) fn pending(
    db: &mut Db,
    (from, to): (UserId, UserId),
    session: Option<SessionId>,
    now: Time,
) -> Result<Option<StoredInvite>, Error> {
    let between = invites::table
        .filter(invites::from_id.eq(from))
        .filter(invites::to_id.eq(to))
        .filter(sql::<Bool>("coalesce(invites.session_id, 0) = ").bind::<BigInt, _>(session.map_or(0, |id| id.0)))
        .filter(invites::state.eq(InviteState::Pending));
    let Some(row) = between.select(InviteRow::as_select()).maybe::<InviteRow>(db)? else {
        return Ok(None);
    };
    if row.expires_at <= now {
        set_state(db, row.id, InviteState::Expired, session, now)?;
        return Ok(None);
    }
    Ok(resolve(db, vec![row], now)?.pop())
}

/// The pending invites to a group, only those from or to these users if given.
pub(crate) fn pending_to_group(
    db: &mut Db,
    group: SessionId,
    (from, to): (Option<UserId>, Option<UserId>),
    now: Time,
) -> Result<Vec<StoredInvite>, Error> {
    let mut pending = invites::table
        .filter(invites::session_id.eq(group))
        .filter(invites::expires_at.gt(now))
        .filter(invites::state.eq(InviteState::Pending))
        .select(InviteRow::as_select())
        .into_boxed();
    if let Some(from) = from {
        pending = pending.filter(invites::from_id.eq(from));
    }
    if let Some(to) = to {
        pending = pending.filter(invites::to_id.eq(to));
    }
    let rows = pending.load(db)?;
    resolve(db, rows, now)
}

pub(crate) fn pending_around(db: &mut Db, user: UserId, now: Time) -> Result<Vec<StoredInvite>, Error> {
    let rows = invites::table
        .filter(invites::from_id.eq(user).or(invites::to_id.eq(user)))
        .filter(invites::state.eq(InviteState::Pending))
        .filter(invites::expires_at.gt(now))
        .select(InviteRow::as_select())
        .load(db)?;
    resolve(db, rows, now)
}

/// When this recipient last rejected an invite of this user.
pub(crate) fn rejected_at(db: &mut Db, from: UserId, to: UserId) -> Result<Option<Time>, Error> {
    Ok(invites::table
        .filter(invites::from_id.eq(from))
        .filter(invites::to_id.eq(to))
        // In the words of the partial index.
        .filter(sql::<Bool>("invites.state = 2"))
        .select(diesel::dsl::max(invites::answered_at))
        .one(db)?)
}

/// The deferred invites that are due, at most so many.
pub(crate) fn due(db: &mut Db, now: Time, limit: i64) -> Result<Vec<StoredInvite>, Error> {
    let due = invites::table.filter(invites::deliver_at.le(now)).select(InviteRow::as_select()).rows(limit);
    let rows = due.load(db)?;
    resolve(db, rows, now)
}

/// Marks a deferred invite as delivered, though it may remain hidden.
pub(crate) fn set_delivered(db: &mut Db, id: InviteId, hidden: bool) -> Result<(), Error> {
    let row = diesel::update(invites::table.find(id));
    row.set((invites::hidden.eq(hidden), invites::deliver_at.eq(None::<Time>))).run(db)
}

pub(crate) fn next_due(db: &mut Db) -> Result<Option<Time>, Error> {
    Ok(invites::table
        .filter(invites::deliver_at.is_not_null())
        .select(diesel::dsl::min(invites::deliver_at))
        .one(db)?)
}

pub(crate) fn pending_of(db: &mut Db, from: UserId, now: Time) -> Result<i64, Error> {
    let own = invites::table.filter(invites::from_id.eq(from)).filter(invites::state.eq(InviteState::Pending));
    Ok(own.filter(invites::expires_at.gt(now)).count().get_result(db)?)
}

/// Makes an invite visible that was hidden by a block.
pub(crate) fn reveal(db: &mut Db, id: InviteId) -> Result<(), Error> {
    diesel::update(invites::table.find(id)).set(invites::hidden.eq(false)).run(db)
}

/// Closes an invite; `session` is the one that it led to.
pub(crate) fn set_state(
    db: &mut Db,
    id: InviteId,
    state: InviteState,
    session: Option<SessionId>,
    now: Time,
) -> Result<(), Error> {
    let answered = matches!(state, InviteState::Accepted | InviteState::Rejected);
    diesel::update(invites::table.find(id))
        .set((
            invites::state.eq(state),
            invites::session_id.eq(session),
            invites::answered_at.eq(answered.then_some(now)),
            invites::deliver_at.eq(None::<Time>),
        ))
        .run(db)
}

/// Invites of a user, newest first; of received ones only those that are pending and visible.
pub(crate) fn list(
    db: &mut Db,
    user: UserId,
    direction: Direction,
    now: Time,
    page: Page,
) -> Result<(Vec<Invite>, Option<String>), Error> {
    let Page { after: Cursor { at, id }, limit } = page;
    let rows = invites::table
        .select(InviteRow::as_select())
        .filter(invites::at.lt(at).or(invites::at.eq(at).and(invites::id.lt(id))))
        .order((invites::at.desc(), invites::id.desc()))
        .into_boxed();
    let rows = match direction {
        Direction::Out => rows.filter(invites::from_id.eq(user)),
        Direction::In => rows
            .filter(invites::to_id.eq(user))
            .filter(invites::state.eq(InviteState::Pending))
            .filter(invites::expires_at.gt(now))
            .filter(invites::hidden.eq(false)),
    };
    let mut rows: Vec<InviteRow> = rows.page(limit + 1).load(db)?;
    let next = page.close(&mut rows, |row| Cursor { at: row.at.0, id: row.id.0 });
    Ok((resolve(db, rows, now)?.into_iter().map(|stored| stored.invite).collect(), next))
}

fn resolve(db: &mut Db, rows: Vec<InviteRow>, now: Time) -> Result<Vec<StoredInvite>, Error> {
    let ids: Vec<UserId> = rows.iter().flat_map(|row| [row.from_id, row.to_id]).collect();
    let users: Vec<User> = users::table
        .filter(users::id.eq_any(ids))
        .select(accounts::UserRow::as_select())
        .load(db)?
        .into_iter()
        .map(accounts::UserRow::without_presence)
        .collect();
    let user = |id: UserId| users.iter().find(|user| user.id == id).cloned();
    let into: Vec<SessionId> = rows.iter().filter_map(|row| row.session_id).collect();
    let titles: Vec<(SessionId, Option<String>)> =
        sessions::table.filter(sessions::id.eq_any(into)).select((sessions::id, sessions::title)).load(db)?;
    let title = |id: SessionId| titles.iter().find(|(known, _)| *known == id).and_then(|(_, title)| title.clone());
    let mut all = Vec::with_capacity(rows.len());
    for InviteRow { id, from_id, to_id, session_id, state, hidden, at, expires_at, deliver_at } in rows {
        let (Some(from), Some(to)) = (user(from_id), user(to_id)) else { continue };
        let is_over = state == InviteState::Pending && expires_at <= now;
        let state = if is_over { InviteState::Expired } else { state };
        let session = session_id.map(|id| match title(id) {
            Some(title) => InviteSession { id, title, direct: false },
            // A direct session has the name of the other user, for the sender the recipient's.
            None => InviteSession { id, title: to.username.clone(), direct: true },
        });
        let invite = Invite { id, from, to, session, state, at, expires_at };
        all.push(StoredInvite { invite, hidden, deliver_at });
    }
    Ok(all)
}
