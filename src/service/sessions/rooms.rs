//! Rooms by their code: preview, joining, replacing the code.

use super::SessionService;
use crate::domain::{
    Answer, Audience, Code, CommitOutput, Effect, Event, Identity, Message, Refusal, ReplyTo, Role, Session, SessionId,
    SessionKind, UserId,
};
use crate::rate_limit::Address;
use crate::service::{connection, membership, reply};
use crate::store::log::Revisions;
use crate::store::messages::{self, Span};
use crate::store::{Db, Touches, members, rooms, sessions, users};

/// Messages on a guest's page, and about how many bytes of them.
const PAGE_MESSAGES: i64 = 50;
const PAGE_BYTES: usize = 64 * 1_024;

pub(crate) struct RoomView {
    pub room: SessionId,
    pub title: String,
    pub code: String,
    /// The newest, ascending.
    pub messages: Vec<Message>,
}

impl SessionService {
    /// Joins the room with this code. Idempotent.
    ///
    /// # Errors
    /// `unknown_room`; `too_many_attempts` after too many unknown codes; `limit_reached`.
    pub(crate) async fn join(
        &self,
        identity: &Identity,
        code: &str,
        from: Address,
        reply_to: ReplyTo,
    ) -> Result<Session, Refusal> {
        let (me, code, limit, guesses) =
            (identity.user.clone(), Code::parse(code), self.members, self.failures.room_codes.clone());
        let (user, typed) = (me.id, code.clone());
        let touches = Touches::found(move |db| {
            let room = rooms::by_code(db, typed.as_ref())?.map(|(room, _)| room);
            Ok(Touches::users([user]).and(Touches::sessions(room)))
        });
        let join = move |db: &mut Db, now| {
            users::require_active(db, me.id)?;
            let (room, _) = guesses.resolve(from, Some(me.id), rooms::by_code(db, code.as_ref())?)?;
            let connection = connection(&reply_to);
            let (view, mut out) = if members::find(db, room, me.id)?.is_some() {
                (sessions::view(db, me.id, room)?, Vec::new())
            } else {
                membership::join(db, room, &me, limit, now, connection)?
            };
            reply(&mut out, reply_to.clone(), Answer::Session(Box::new(view.clone())));
            Ok((view, out))
        };
        self.store.writer().run(touches, join).await
    }

    /// Makes a transient guest a member of their room. False for members, and for all other users.
    ///
    /// # Errors
    /// `unauthenticated` where the guest has ended meanwhile; `limit_reached` in a full room.
    pub(crate) async fn enter(&self, identity: &Identity) -> Result<bool, Refusal> {
        let Some(room) = identity.login_method.room() else { return Ok(false) };
        let (me, limit) = (identity.user.clone(), self.members);
        let touches = Touches::users([me.id]).and(Touches::sessions([room]));
        let enter = move |db: &mut Db, now| {
            users::require_active(db, me.id)?;
            match members::find(db, room, me.id)? {
                Some(_) => Ok((false, Vec::new())),
                None => Ok((true, membership::join(db, room, &me, limit, now, None)?.1)),
            }
        };
        self.store.writer().run(touches, enter).await
    }

    /// The room of a transient guest, with its newest messages. If it `renews`, the time that a guest without a connection has
    /// to connect starts again.
    ///
    /// # Errors
    /// `not_found` for all other users.
    pub(crate) async fn guest_room(&self, identity: &Identity, renews: bool) -> Result<RoomView, Refusal> {
        let login_method = identity.login_method;
        let (me, room) = (identity.user.id, login_method.room().ok_or(Refusal::NotFound)?);
        let read = move |db: &mut Db| {
            let (title, code) = sessions::title_and_code(db, room)?;
            let (messages, _) = messages::list(db, room, Span::Before(i64::MAX), PAGE_MESSAGES, PAGE_BYTES)?;
            Ok(RoomView { room, title: title.unwrap_or_default(), code: code.ok_or(Refusal::NotFound)?, messages })
        };
        let view = self.store.read(read).await?;
        if renews {
            self.store.publish(CommitOutput::Effect(Effect::GuestExpected { guest: me, login_method }));
        }
        Ok(view)
    }

    /// Title and members of the room with this code; `user` is `None` where the caller is not logged in.
    ///
    /// # Errors
    /// `unknown_room`; `too_many_attempts` after too many unknown codes.
    pub(crate) async fn preview(
        &self,
        user: Option<UserId>,
        code: &str,
        from: Address,
    ) -> Result<(String, Vec<UserId>), Refusal> {
        let (code, guesses) = (Code::parse(code), self.failures.room_codes.clone());
        let read = move |db: &mut Db| {
            let (room, title) = guesses.resolve(from, user, rooms::by_code(db, code.as_ref())?)?;
            Ok((title, members::ids(db, room)?))
        };
        self.store.read(read).await
    }

    /// Replaces a room's code; the old one is unknown from then on.
    ///
    /// # Errors
    /// `not_found`; `forbidden` for all but the owner of a room.
    pub(crate) async fn replace_code(&self, identity: &Identity, id: SessionId) -> Result<Session, Refusal> {
        let me = identity.user.id;
        let replace = move |db: &mut Db, _| {
            let own = members::check(db, id, me)?;
            membership::require(&own, Role::Owner)?;
            if own.kind != SessionKind::Room {
                return Err(Refusal::Forbidden("Only rooms have a code.").into());
            }
            let code = Code::random(sessions::is_permanent(db, id)?);
            rooms::set_code(db, id, &code)?;
            let mut revisions = Revisions::of(db, id)?;
            let rev = revisions.next();
            revisions.save(db)?;
            let (title, code) = sessions::title_and_code(db, id)?;
            let event = Event::SessionChanged { session: id, rev, title: title.unwrap_or_default(), code };
            Ok((sessions::view(db, me, id)?, vec![CommitOutput::event(Audience::Session(id), event)]))
        };
        self.store.writer().run(Touches::sessions([id]), replace).await
    }
}
