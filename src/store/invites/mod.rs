//! The table `invites`: asked and answered, listed; [`closing`] ends those that are open, [`deferred`] delivers those that wait.

mod closing;
mod deferred;

use crate::store::limited::Limited;
use diesel::prelude::*;

pub(crate) use closing::{settle, settle_into, withdraw_all, withdraw_between, withdraw_into};
pub(crate) use deferred::{deliver_due, next_due, rejected_at};

use super::schema::{invites, sessions, users};
use super::{Db, Error, users as accounts};
use crate::domain::{
    Audience, Cursor, Delivery, Event, Invite, InviteId, InviteSession, InviteState, Page, Refusal, SessionId, Time,
    User, UserId,
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = invites)]
struct InviteRow {
    id: InviteId,
    from_id: UserId,
    to_id: UserId,
    session_id: Option<SessionId>,
    state: InviteState,
    hidden: bool,
    at: Time,
    expires_at: Time,
    deliver_at: Option<Time>,
}

/// Whose invites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Those I am asked.
    In,
    /// Those I asked.
    Out,
}

/// An invite with what its addressee may not know.
pub(crate) struct Asked {
    /// As both sides see it.
    pub invite: Invite,
    /// Not shown to the addressee: its sender is blocked, or it is deferred.
    pub hidden: bool,
    /// When a deferred invite is delivered, if no block stands in its way then.
    pub deliver_at: Option<Time>,
}

impl Asked {
    /// The event for the addressee; nothing where the invite is hidden. For a deferred invite an order to deliver it later.
    pub(crate) fn announcement(&self) -> Option<Delivery> {
        match self.deliver_at {
            Some(at) => Some(Delivery::new(Audience::House, Event::InviteDeferred(at))),
            None if self.hidden => None,
            None => {
                let event = Event::Invited(Box::new(self.invite.clone()));
                Some(Delivery::new(Audience::User(self.invite.to.id), event))
            }
        }
    }
}

/// A pending invite to be stored.
#[derive(Insertable)]
#[diesel(table_name = invites)]
pub(crate) struct NewInvite {
    /// A new one.
    pub id: InviteId,
    /// Who asks.
    pub from_id: UserId,
    /// Who is asked.
    pub to_id: UserId,
    /// The group to join; `None` for a direct session.
    pub session_id: Option<SessionId>,
    /// Pending.
    pub state: InviteState,
    /// Not shown to the addressee.
    pub hidden: bool,
    /// When it is asked.
    pub at: Time,
    /// When it ends unanswered.
    pub expires_at: Time,
    /// When a hidden one is shown.
    pub deliver_at: Option<Time>,
}

/// Stores an invite; no other is pending between the same users for the same session.
pub(crate) fn insert(db: &mut Db, invite: &NewInvite) -> Result<Asked, Error> {
    diesel::insert_into(invites::table).values(invite).execute(db)?;
    find(db, invite.id, invite.at)
}

/// The invite with this id.
///
/// # Errors
/// `not_found` where there is none.
pub(crate) fn find(db: &mut Db, id: InviteId, now: Time) -> Result<Asked, Error> {
    let row: Option<InviteRow> = invites::table.find(id).select(InviteRow::as_select()).one(db).optional()?;
    let row = row.ok_or(Refusal::NotFound)?;
    asked(db, vec![row], now)?.pop().ok_or_else(|| Refusal::NotFound.into())
}

/// The unanswered question of `from` to `to`, for a direct session or into that group; expired ones are closed on the way.
pub(crate) fn pending(
    db: &mut Db,
    (from, to): (UserId, UserId),
    session: Option<SessionId>,
    now: Time,
) -> Result<Option<Asked>, Error> {
    let between = invites::table
        .filter(invites::from_id.eq(from))
        .filter(invites::to_id.eq(to))
        .filter(invites::session_id.is(session))
        .filter(invites::state.eq(InviteState::Pending));
    let Some(row) = between.select(InviteRow::as_select()).one::<InviteRow>(db).optional()? else {
        return Ok(None);
    };
    if row.expires_at <= now {
        set_state(db, row.id, InviteState::Expired, session, now)?;
        return Ok(None);
    }
    Ok(asked(db, vec![row], now)?.pop())
}

/// How many questions of `from` are unanswered.
pub(crate) fn pending_of(db: &mut Db, from: UserId, now: Time) -> Result<i64, Error> {
    let own = invites::table.filter(invites::from_id.eq(from)).filter(invites::state.eq(InviteState::Pending));
    Ok(own.filter(invites::expires_at.gt(now)).count().get_result(db)?)
}

/// Shows an invite to its addressee that was hidden by a block.
pub(crate) fn show(db: &mut Db, id: InviteId) -> Result<(), Error> {
    diesel::update(invites::table.find(id)).set(invites::hidden.eq(false)).execute(db)?;
    Ok(())
}

/// Closes an invite; `session` is what came of it.
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
        .execute(db)?;
    Ok(())
}

/// Invites of a user, newest first; of those coming in only what is pending and may be shown.
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
    Ok((asked(db, rows, now)?.into_iter().map(|asked| asked.invite).collect(), next))
}

fn asked(db: &mut Db, rows: Vec<InviteRow>, now: Time) -> Result<Vec<Asked>, Error> {
    let ids: Vec<UserId> = rows.iter().flat_map(|row| [row.from_id, row.to_id]).collect();
    let people: Vec<User> = users::table
        .filter(users::id.eq_any(ids))
        .select(accounts::UserRow::as_select())
        .load(db)?
        .into_iter()
        .map(accounts::UserRow::without_presence)
        .collect();
    let person = |id: UserId| people.iter().find(|user| user.id == id).cloned();
    let into: Vec<SessionId> = rows.iter().filter_map(|row| row.session_id).collect();
    let titles: Vec<(SessionId, Option<String>)> =
        sessions::table.filter(sessions::id.eq_any(into)).select((sessions::id, sessions::title)).load(db)?;
    let title = |id: SessionId| titles.iter().find(|(known, _)| *known == id).and_then(|(_, title)| title.clone());
    let mut all = Vec::with_capacity(rows.len());
    for InviteRow { id, from_id, to_id, session_id, state, hidden, at, expires_at, deliver_at } in rows {
        let (Some(from), Some(to)) = (person(from_id), person(to_id)) else { continue };
        let is_over = state == InviteState::Pending && expires_at <= now;
        let state = if is_over { InviteState::Expired } else { state };
        let session = session_id.map(|id| match title(id) {
            Some(title) => InviteSession { id, title, direct: false },
            // A direct session is called by the other's name; seen from the asker that is the addressee.
            None => InviteSession { id, title: to.username.clone(), direct: true },
        });
        let invite = Invite { id, from, to, session, state, at, expires_at };
        all.push(Asked { invite, hidden, deliver_at });
    }
    Ok(all)
}
