//! Rooms by their code: looked at, joined, given another code.

use super::Sessions;
use crate::domain::{
    Acting, Answer, Audience, Code, Delivery, Event, Identity, Message, Refusal, Role, Session, SessionId, SessionKind,
    UserId,
};
use crate::rate_limit::Address;
use crate::service::membership;
use crate::store::messages::{self, Span};
use crate::store::steps::Steps;
use crate::store::{Db, members, rooms, sessions, users};

/// Messages that a page shows.
const SHOWN: i64 = 50;
/// As many of them as have about so many bytes.
const SHOWN_BYTES: usize = 64 * 1_024;

/// What somebody who has a room's code may know before joining.
pub(crate) struct Look {
    /// The room's title.
    pub title: String,
    /// Who is in it.
    pub members: Vec<UserId>,
}

/// A room as the page of its guest shows it.
pub(crate) struct Stay {
    /// Which.
    pub room: SessionId,
    /// What it is called.
    pub title: String,
    /// By which others come.
    pub code: String,
    /// The newest, ascending.
    pub messages: Vec<Message>,
}

impl Sessions {
    /// Joins the room that has this code; where one is in it already nothing changes.
    ///
    /// # Errors
    /// `unknown_room`, `too_many_attempts` after too many codes that no room has, `limit_reached`, `rate_limited`.
    pub(crate) async fn join(
        &self,
        who: &Identity,
        code: &str,
        from: Address,
        acting: Acting,
    ) -> Result<Session, Refusal> {
        self.sends.change(who.user.id, false)?;
        let (me, code, limit, misses) = (who.user.clone(), Code::parse(code), self.members, self.misses.clone());
        let join = move |db: &mut Db, now| {
            users::check(db, me.id)?;
            let (room, _) = misses.asked(from, Some(me.id), rooms::by_code(db, code.as_ref())?)?;
            let connection = acting.as_ref().map(|acting| acting.0);
            let (view, mut out) = if members::seat(db, room, me.id)?.is_some() {
                (sessions::view(db, me.id, room)?, Vec::new())
            } else {
                membership::join(db, room, &me, limit, now, connection)?
            };
            out.splice(0..0, Delivery::answer(acting, Answer::Session(Box::new(view.clone()))));
            Ok((view, out))
        };
        self.store.writer().run(join).await
    }

    /// Makes a guest a member of the room for which they are here; whoever is one already, or is no such guest, is left as
    /// they are. True for whoever is one only now.
    ///
    /// # Errors
    /// `unauthenticated` where the stay has ended meanwhile, `limit_reached` in a full room.
    pub(crate) async fn enter(&self, who: &Identity) -> Result<bool, Refusal> {
        let Some(room) = who.door.room() else { return Ok(false) };
        let (me, limit) = (who.user.clone(), self.members);
        let enter = move |db: &mut Db, now| {
            users::check(db, me.id)?;
            match members::seat(db, room, me.id)? {
                Some(_) => Ok((false, Vec::new())),
                None => Ok((true, membership::join(db, room, &me, limit, now, None)?.1)),
            }
        };
        self.store.writer().run(enter).await
    }

    /// The room for which a guest is here, with its newest messages. Reading it is a sign of being there: a guest who is not
    /// connected has time to come anew, unless `is_sign` is false: then nothing changes.
    ///
    /// # Errors
    /// `not_found` for whoever is here for no room.
    pub(crate) async fn stay(&self, who: &Identity, is_sign: bool) -> Result<Stay, Refusal> {
        let door = who.door;
        let (me, room) = (who.user.id, door.room().ok_or(Refusal::NotFound)?);
        let look = move |db: &mut Db| {
            let (title, code) = sessions::face(db, room)?;
            let (messages, _) = messages::list(db, room, Span::Before(i64::MAX), SHOWN, SHOWN_BYTES)?;
            Ok(Stay { room, title: title.unwrap_or_default(), code: code.ok_or(Refusal::NotFound)?, messages })
        };
        let stay = self.store.read(look).await?;
        if is_sign {
            self.store.writer().tell(Delivery::new(Audience::House, Event::Expected { guest: me, door }));
        }
        Ok(stay)
    }

    /// What a room's code tells before joining; `user` is who asks, `None` for somebody who is not logged in.
    ///
    /// # Errors
    /// `unknown_room`, `too_many_attempts` after too many codes that no room has.
    pub(crate) async fn look(&self, user: Option<UserId>, code: &str, from: Address) -> Result<Look, Refusal> {
        let (code, misses) = (Code::parse(code), self.misses.clone());
        let look = move |db: &mut Db| {
            let (room, title) = misses.asked(from, user, rooms::by_code(db, code.as_ref())?)?;
            Ok(Look { title, members: members::ids(db, room)? })
        };
        self.store.read(look).await
    }

    /// Gives a room another code; the old one is nobody's any more.
    ///
    /// # Errors
    /// `not_found`, `forbidden` for all but the owner of a room, `rate_limited`.
    pub(crate) async fn replace_code(&self, who: &Identity, id: SessionId) -> Result<Session, Refusal> {
        self.sends.change(who.user.id, false)?;
        let me = who.user.id;
        let replace = move |db: &mut Db, _| {
            let seat = members::check(db, id, me)?;
            membership::require(&seat, Role::Owner)?;
            if seat.kind != SessionKind::Room {
                return Err(Refusal::Forbidden("Only rooms have a code.").into());
            }
            let code = Code::random(sessions::is_kept(db, id)?);
            rooms::set_code(db, id, &code)?;
            let mut steps = Steps::of(db, id)?;
            let rev = steps.next();
            steps.keep(db)?;
            let (title, code) = sessions::face(db, id)?;
            let event = Event::SessionChanged { session: id, rev, title: title.unwrap_or_default(), code };
            Ok((sessions::view(db, me, id)?, vec![Delivery::new(Audience::Session(id), event)]))
        };
        self.store.writer().run(replace).await
    }
}
