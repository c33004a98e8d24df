//! Invites: to a direct session or into a group, and what comes of them.
//!
//! Every function runs whole in one transaction of the writer; what it lets out is told once that is durable. `acting` is
//! the connection that asks, with its own name for the command: it is answered in its stream.

use std::sync::Arc;

use crate::config::Config;
use crate::limits::{Address, Names, Rate, Throttle};
use crate::model::{
    Acting, Answer, Asked, Audience, ConnId, Delivery, Event, Identity, Invite, InviteId, InviteState, Page, Refusal,
    Role, Session, SessionId, SessionKind, Time, User, UserId,
};
use crate::store::invites::{self, Bounds, Direction};
use crate::store::{self, Db, Error, Store, blocks, joining, members, sessions, users};

/// The desk for invites. Cheap to clone.
#[derive(Clone)]
pub struct Invites {
    store: Store,
    names: Arc<Names>,
    asked: Arc<Throttle<UserId>>,
    bounds: Bounds,
    members: u32,
}

impl Invites {
    /// The desk on `store`, by the rules of `config`; `names` is shared with every desk that is asked for names.
    pub fn new(store: Store, names: Arc<Names>, config: &Config) -> Self {
        let limits = &config.limits;
        Self {
            store,
            names,
            asked: Arc::new(Throttle::new(Rate::per_minute(limits.invites_per_minute, limits.invites_burst))),
            bounds: Bounds::new(config),
            members: limits.group_members,
        }
    }

    /// Asks a user for a direct session, or into the group `session`. Asked again while pending it is the same invite;
    /// where the other had asked for the same already, the two become one session at once.
    ///
    /// # Errors
    /// `unknown_user`, `already_connected`, `blocked` by oneself, `limit_reached`, `rate_limited`; for a group also
    /// `not_found` and `forbidden`.
    pub async fn ask(
        &self,
        who: &Identity,
        username: String,
        session: Option<SessionId>,
        from: Address,
        acting: Acting,
    ) -> Result<Invite, Refusal> {
        self.names.check(from)?;
        self.asked.take(who.user.id).map_err(Refusal::RateLimited)?;
        let (me, bounds, names) = (who.user.clone(), self.bounds, Arc::clone(&self.names));
        let ask = self.store.writer().run(move |db, now| {
            users::check(db, me.id)?;
            if let Some(group) = session {
                may_invite(db, group, me.id)?;
            }
            let to = names.resolve(from, users::by_name(db, &username)?)?;
            let (invite, mut out) = match session {
                Some(group) => ask_into(db, &me, &to, group, now, bounds)?,
                None => ask(db, &me, &to, now, bounds)?,
            };
            let answer = Answer::Invite(Box::new(invite.clone()));
            reply(&mut out, acting, answer);
            Ok((invite, out))
        });
        ask.await
    }

    /// Says yes or no. Yes opens the session.
    ///
    /// # Errors
    /// `not_found` for an invite that is not one's to answer, `invite_closed` for one that was answered, withdrawn or has
    /// expired.
    pub async fn answer(
        &self,
        who: &Identity,
        asked: Asked,
        accept: bool,
        acting: Acting,
    ) -> Result<(Invite, Option<Session>), Refusal> {
        let (me, members_up_to) = (who.user.clone(), self.members);
        let answer = move |db: &mut Db, now| {
            let question = addressed(db, me.id, &asked, now)?;
            let (id, from) = (question.id, question.from.id);
            let group = question.session.map(|session| session.id);
            let connection = acting.as_ref().map(|acting| acting.0);
            let state = if accept { InviteState::Accepted } else { InviteState::Rejected };
            let mut out = Vec::new();
            // Answered first, so that opening the session does not find it open and answer it again.
            invites::set_state(db, id, state, group, now)?;
            let mut session = group.filter(|_| accept);
            match (accept, group) {
                (false, _) => {}
                (true, Some(group)) => out = enter(db, group, &me, members_up_to, now, connection)?,
                (true, None) => {
                    let (opened, added) = connect(db, me.id, from, now, connection)?;
                    (session, out) = (Some(opened), added);
                    invites::set_state(db, id, state, session, now)?;
                }
            }
            let invite = invites::find(db, id, now)?.invite;
            for hearer in [from, me.id] {
                let told = Event::InviteAnswered(Box::new(invite.clone().seen_by(hearer)));
                out.push(Delivery::new(Audience::User(hearer), told).except(connection));
            }
            let view = session.map(|session| sessions::view(db, me.id, session)).transpose()?;
            let answer = view.clone().map_or(Answer::Done, |view| Answer::Session(Box::new(view)));
            reply(&mut out, acting, answer);
            Ok(((invite, view), out))
        };
        self.store.writer().run(answer).await
    }

    /// Takes back what one asked.
    ///
    /// # Errors
    /// `not_found` for an invite that one did not make, `invite_closed` where it is too late.
    pub async fn withdraw(&self, who: &Identity, id: InviteId) -> Result<Invite, Refusal> {
        let me = who.user.id;
        let withdraw = move |db: &mut Db, now| {
            let asked = invites::find(db, id, now)?;
            if asked.invite.from.id != me {
                return Err(Refusal::NotFound.into());
            }
            open_still(&asked.invite)?;
            invites::set_state(
                db,
                id,
                InviteState::Withdrawn,
                asked.invite.session.as_ref().map(|session| session.id),
                now,
            )?;
            let invite = invites::find(db, id, now)?.invite;
            let told = Event::InviteAnswered(Box::new(invite.clone()));
            let told = Delivery::new(Audience::User(invite.to.id), told);
            Ok((invite, if asked.hidden { Vec::new() } else { vec![told] }))
        };
        self.store.writer().run(withdraw).await
    }

    /// Invites coming in that await an answer, or all that one has made; newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn list(
        &self,
        who: &Identity,
        direction: Direction,
        page: Page,
    ) -> Result<(Vec<Invite>, Option<String>), Refusal> {
        let me = who.user.id;
        self.store.read_long(me, move |db| invites::list(db, me, direction, Time::now(), page)).await
    }
}

fn ask(db: &mut Db, me: &User, to: &User, now: Time, bounds: Bounds) -> Result<(Invite, Vec<Delivery>), Error> {
    not_oneself(me, to)?;
    if sessions::direct(db, me.id, to.id)?.is_some() {
        return Err(Refusal::AlreadyConnected.into());
    }
    if blocks::exists(db, me.id, to.id)? {
        return Err(Refusal::Blocked.into());
    }
    let blocked = blocks::exists(db, to.id, me.id)?;
    // Whoever has blocked me asks nothing of me any more: their old question does not meet mine.
    if !blocked && let Some(theirs) = invites::pending(db, (to.id, me.id), None, now)? {
        let (_, out) = connect(db, me.id, to.id, now, None)?;
        return Ok((invites::find(db, theirs.invite.id, now)?.invite.seen_by(me.id), out));
    }
    question(db, (me, to), None, now, bounds)
}

/// The same for a group, whose askers have been looked at.
fn ask_into(
    db: &mut Db,
    me: &User,
    to: &User,
    group: SessionId,
    now: Time,
    bounds: Bounds,
) -> Result<(Invite, Vec<Delivery>), Error> {
    not_oneself(me, to)?;
    if members::seat(db, group, to.id)?.is_some() {
        return Err(Refusal::AlreadyConnected.into());
    }
    if blocks::exists(db, me.id, to.id)? {
        return Err(Refusal::Blocked.into());
    }
    question(db, (me, to), Some(group), now, bounds)
}

/// The open question of this kind, or a new one. It is not shown to somebody who has blocked the asker.
fn question(
    db: &mut Db,
    (me, to): (&User, &User),
    group: Option<SessionId>,
    now: Time,
    bounds: Bounds,
) -> Result<(Invite, Vec<Delivery>), Error> {
    if let Some(mut asked) = invites::pending(db, (me.id, to.id), group, now)? {
        if !asked.hidden || asked.deliver_at.is_some() || blocks::exists(db, to.id, me.id)? {
            return Ok((asked.invite, Vec::new()));
        }
        // Sent while blocked, and unblocked since: sending it again delivers it.
        invites::show(db, asked.invite.id)?;
        asked.hidden = false;
        let out = asked.announcement().into_iter().collect();
        return Ok((asked.invite, out));
    }
    bounds.check(db, me.id, 1, now)?;
    let asked = invites::insert(db, (me, to), group, now, bounds)?;
    let out = asked.announcement().into_iter().collect();
    Ok((asked.invite, out))
}

fn not_oneself(me: &User, to: &User) -> Result<(), Error> {
    if to.id == me.id { Err(Refusal::invalid("`username` must be another user").into()) } else { Ok(()) }
}

/// Only groups are invited into, by those who rule them.
fn may_invite(db: &mut Db, group: SessionId, me: UserId) -> Result<(), Error> {
    let seat = members::check(db, group, me)?;
    match seat.kind {
        SessionKind::Group => seat.require(Role::Admin),
        SessionKind::Room => Err(Refusal::Forbidden("Rooms are joined by their code.").into()),
        _ => Err(Refusal::Forbidden("No one can be invited to this session.").into()),
    }
}

/// Comes into the group that one was invited to; everybody else's question about it is answered with that.
fn enter(
    db: &mut Db,
    group: SessionId,
    me: &User,
    limit: u32,
    now: Time,
    acting: Option<ConnId>,
) -> Result<Vec<Delivery>, Error> {
    if members::seat(db, group, me.id)?.is_some() {
        return invites::settle_into(db, group, me.id, now);
    }
    let (_, mut out) = joining::join(db, group, me, limit, now, acting)?;
    out.extend(invites::settle_into(db, group, me.id, now)?);
    Ok(out)
}

/// An invite that is this user's to answer.
fn addressed(db: &mut Db, me: UserId, asked: &Asked, now: Time) -> Result<Invite, Error> {
    let found = match asked {
        Asked::Invite(id) => invites::find(db, id.ok_or(Refusal::NotFound)?, now)?,
        Asked::By(name) => {
            let from = users::by_name(db, name)?.ok_or(Refusal::NotFound)?;
            invites::pending(db, (from.id, me), None, now)?.ok_or(Refusal::NotFound)?
        }
    };
    if found.invite.to.id != me || found.hidden {
        return Err(Refusal::NotFound.into());
    }
    open_still(&found.invite)?;
    Ok(found.invite)
}

fn open_still(invite: &Invite) -> Result<(), Error> {
    if invite.state == InviteState::Pending { Ok(()) } else { Err(Refusal::InviteClosed.into()) }
}

/// The direct session of two users, made if need be; no question between them stays open.
fn connect(
    db: &mut Db,
    me: UserId,
    other: UserId,
    now: Time,
    acting: Option<ConnId>,
) -> Result<(SessionId, Vec<Delivery>), Error> {
    if let Some(session) = sessions::direct(db, me, other)? {
        return Ok((session, invites::settle(db, me, other, session, now)?));
    }
    let session = sessions::insert_direct(db, me, other, now)?;
    Ok((session, store::added(db, session, [me, other], acting, now)?))
}

/// Answers the acting connection before anybody hears of what it did, so that its stream has the session first.
fn reply(out: &mut Vec<Delivery>, acting: Acting, answer: Answer) {
    out.splice(0..0, Delivery::answer(acting, answer));
}
