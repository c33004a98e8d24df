//! Invites to a direct session or into a group, and the answers.
//!
//! Every function runs in one transaction of the writer; its events are sent once that is durable. `acting` is the connection
//! that sent the command, with its id for the command: the reply stands among its events.

mod answering;
mod asking;
mod limits;

use std::sync::Arc;

pub(crate) use limits::{InviteLimits, create};

use crate::config::Config;
use crate::domain::{
    Acting, Answer, Asked, Audience, Delivery, Event, Identity, Invite, InviteId, InviteState, Page, Refusal, Session,
    SessionId, Time, UserId,
};
use crate::rate_limit::{Address, Names, Rate, Throttle};
use crate::store::invites::{self, Direction};
use crate::store::{Db, Store, members, sessions, users};
use answering::{addressed, connect, enter, must_be_pending};
use asking::{ask, ask_into, may_invite};

/// Invites. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Invites {
    store: Store,
    names: Arc<Names>,
    asked: Arc<Throttle<UserId>>,
    limits: InviteLimits,
    members: u32,
}

impl Invites {
    /// Invites in `store`, limited as `config` says; `names` is shared with every service that looks up names.
    pub(crate) fn new(store: Store, names: Arc<Names>, config: &Config) -> Self {
        let limits = &config.limits;
        Self {
            store,
            names,
            asked: Arc::new(Throttle::new(Rate::per_minute(limits.invites_per_minute, limits.invites_burst))),
            limits: InviteLimits::new(config),
            members: limits.group_members,
        }
    }

    /// Asks a user for a direct session, or into the group `session`. Asked again while pending it is the same invite;
    /// where the other had asked for the same already, the two become one session at once.
    ///
    /// # Errors
    /// `unknown_user`, `already_connected`, `blocked` by oneself, `limit_reached`, `rate_limited`; for a group also
    /// `not_found` and `forbidden`.
    pub(crate) async fn ask(
        &self,
        who: &Identity,
        username: String,
        session: Option<SessionId>,
        from: Address,
        acting: Acting,
    ) -> Result<Invite, Refusal> {
        self.names.check(from)?;
        self.asked.take(who.user.id).map_err(Refusal::RateLimited)?;
        let (me, limits, names) = (who.user.clone(), self.limits, Arc::clone(&self.names));
        let ask = self.store.writer().run(move |db, now| {
            users::check(db, me.id)?;
            if let Some(group) = session {
                may_invite(&members::check(db, group, me.id)?)?;
            }
            let to = names.resolve(from, users::by_name(db, &username)?)?;
            let (invite, mut out) = match session {
                Some(group) => ask_into(db, &me, &to, group, now, limits)?,
                None => ask(db, &me, &to, now, limits)?,
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
    pub(crate) async fn answer(
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
    pub(crate) async fn withdraw(&self, who: &Identity, id: InviteId) -> Result<Invite, Refusal> {
        let me = who.user.id;
        let withdraw = move |db: &mut Db, now| {
            let asked = invites::find(db, id, now)?;
            if asked.invite.from.id != me {
                return Err(Refusal::NotFound.into());
            }
            must_be_pending(&asked.invite)?;
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
    pub(crate) async fn list(
        &self,
        who: &Identity,
        direction: Direction,
        page: Page,
    ) -> Result<(Vec<Invite>, Option<String>), Refusal> {
        let me = who.user.id;
        self.store.read_long(me, move |db| invites::list(db, me, direction, Time::now(), page)).await
    }
}

/// Answers the acting connection before anybody hears of what it did, so that its stream has the session first.
fn reply(out: &mut Vec<Delivery>, acting: Acting, answer: Answer) {
    out.splice(0..0, Delivery::answer(acting, answer));
}
