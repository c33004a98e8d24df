//! Keeping messages and marks: the one place that gives out `seq` and `rev`, and recognises a repeated key. Who may write where
//! it asks the [`PostingRules`] of each message.
//!
//! A [`Ledger`] remembers, between the messages of the one writer, what it would otherwise ask the database each time:
//! where a session stands and how its members do. Whatever else changes those tables clears it first.

use std::collections::HashMap;
use std::sync::Arc;

use crate::store::limited::Limited;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::columns::UserState;
use super::hot::{MoveHead, MoveMarks};
use super::keys::{fingerprint, known};
use super::members::Marks;
use super::schema::{messages, users as people};
use super::{Db, Error, blocks, mentions, sessions as kept, users, visibility};
use crate::domain::{
    Answer, Audience, ConnId, Delivery, Draft, Event, Key, Mark, Message, MessageId, MessageKind, Reactions, Refusal,
    SessionId, SessionKind, Shared, Target, Time, User, UserId,
};
use crate::rate_limit::{Address, Names, Throttle};

/// More sessions or seats than this are not remembered.
const REMEMBERED: usize = 50_000;

/// A message on its way to be kept.
pub(crate) struct Posting {
    /// Who says it.
    pub sender: UserId,
    /// What, and where.
    pub draft: Draft,
    /// A no that was found on the way. It is said only if the key is not known: a retry is recognised before rates are
    /// applied.
    pub verdict: Option<Refusal>,
    /// The connection that gets the answer instead of the message.
    pub acting: Option<ConnId>,
    /// What bounds messages to a name; `None` for those to a session.
    pub opening: Option<Opening>,
    /// What may be written, opened and how it is refused.
    pub rules: PostingRules,
    /// The sender's connection is told of the message among all others: it has received them when it has taken them, and not by
    /// saying something itself.
    pub echo: bool,
}

/// Rules that the writer asks between reading and writing.
#[derive(Clone, Copy)]
pub(crate) struct PostingRules {
    /// Whether the first user may open a direct session with the second, of which there is none.
    pub may_open: fn(&mut Db, UserId, &User) -> Result<(), Error>,
    /// How a message is refused where this obstacle is.
    pub refusal: fn(Obstacle) -> Refusal,
}

/// What keeps a member of a direct session from writing in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// The other user is gone.
    Deleted,
    /// The member has blocked the other.
    Blocked,
    /// The other has blocked the member.
    BlockedBy,
}

/// What bounds a message to a name, whose session may have to be made.
pub(crate) struct Opening {
    /// How many sessions each user may make.
    pub openings: Arc<Throttle<UserId>>,
    /// How many names that nobody has may be asked for.
    pub names: Arc<Names>,
    /// From where they are asked.
    pub from: Option<Address>,
}

struct Head {
    kind: SessionKind,
    seq: i64,
    rev: i64,
    at: Time,
    moved: bool,
    /// Everybody hears how far the others have come.
    shares_marks: bool,
}

struct Seat {
    username: Arc<str>,
    shown: Arc<str>,
    marks: Marks,
    /// There is a row to write; in the lobby nobody has one.
    kept: bool,
    moved: bool,
    /// What keeps this member from writing here.
    obstacle: Option<Obstacle>,
}

/// Marks that moved.
pub(super) struct Moved {
    /// Whose.
    pub username: Arc<str>,
    /// Who is told.
    pub audience: Audience,
}

/// Where sessions stand, as far as the writer has looked.
#[derive(Default)]
pub(super) struct Ledger {
    heads: HashMap<SessionId, Head>,
    seats: HashMap<(SessionId, UserId), Seat>,
    /// The number of the next message.
    next: Option<MessageId>,
    /// What has moved since it was last written, each once.
    moved_heads: Vec<SessionId>,
    moved_seats: Vec<(SessionId, UserId)>,
}

impl Ledger {
    /// Forgets everything, as whenever something else has written or a transaction was undone.
    pub(super) fn clear(&mut self) {
        self.heads.clear();
        self.seats.clear();
        self.next = None;
        self.moved_heads.clear();
        self.moved_seats.clear();
    }

    /// Keeps one message; what it lets out is added to `out`.
    ///
    /// # Errors
    /// The refusal, with nothing written; or the database's error.
    pub(super) fn post(
        &mut self,
        db: &mut Db,
        posting: &Posting,
        now: Time,
        out: &mut Vec<Delivery>,
    ) -> Result<Answer, Error> {
        let session = self.target(db, posting, now, out)?;
        let Posting { sender, draft, verdict, acting, .. } = posting;
        let seat = seat(&mut self.seats, db, session, *sender)?;
        let head = head(&mut self.heads, db, session)?;
        let fingerprint = draft.key.as_ref().map(|_| fingerprint(draft));
        if let Some(no) = verdict.clone().or_else(|| seat.obstacle.map(posting.rules.refusal)) {
            return known(db, session, *sender, draft.key.as_ref(), fingerprint)?.ok_or_else(|| no.into());
        }
        if draft.reply_to.is_some_and(|seq| !(1..=head.seq).contains(&seq)) {
            let no = || Refusal::invalid("`reply_to` must be the `seq` of a message of this session").into();
            return known(db, session, *sender, draft.key.as_ref(), fingerprint)?.ok_or_else(no);
        }
        let names = mentions::of(db, session, head.kind, draft.text.as_str())?;
        let id = match self.next {
            Some(next) => next,
            None => super::messages::next(db)?,
        };
        self.next = Some(MessageId(id.0 + 1));
        let message = Message {
            id,
            session,
            seq: head.seq + 1,
            rev: head.rev + 1,
            sender: *sender,
            username: seat.username.to_string(),
            shown: Arc::clone(&seat.shown),
            kind: MessageKind::Text,
            text: draft.text.as_str().to_owned(),
            // Never before the one before it, whatever the clock does.
            at: now.max(head.at),
            reply_to: draft.reply_to,
            mentions: names,
            edited_at: None,
            deleted: false,
            reactions: Reactions::default(),
            cut: false,
        };
        // A fresh key is the rule: ask for a known one only when the unique index says so.
        match insert(db, &message, draft.key.as_ref(), fingerprint) {
            Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
                return known(db, session, *sender, draft.key.as_ref(), fingerprint)?
                    .ok_or_else(|| Refusal::Internal.into());
            }
            other => other?,
        }
        (head.seq, head.rev, head.at) = (message.seq, message.rev, message.at);
        if !std::mem::replace(&mut head.moved, true) {
            self.moved_heads.push(session);
        }
        seat.marks.read = message.seq;
        if !posting.echo {
            seat.marks.received = message.seq;
        }
        if seat.kept && !std::mem::replace(&mut seat.moved, true) {
            self.moved_seats.push((session, *sender));
        }
        let Message { id, seq, rev, at, .. } = message;
        let answer = Answer::Sent { session, id, seq, rev, at, duplicate: false };
        let event = Event::Posted(Arc::new(message));
        out.push(Delivery::new(Audience::Session(session), event).except(*acting));
        Ok(answer)
    }

    /// Moves a mark forward; says the marks as they then stand, and where they moved whose they are and who is told.
    ///
    /// # Errors
    /// `not_found` where the user is not in the session, `invalid_request` above its `seq`.
    pub(super) fn mark(
        &mut self,
        db: &mut Db,
        session: SessionId,
        user: UserId,
        mark: Mark,
    ) -> Result<(Marks, Option<Moved>), Error> {
        let seat = seat(&mut self.seats, db, session, user)?;
        let head = head(&mut self.heads, db, session)?;
        let (Mark::Read(to) | Mark::Received(to)) = mark;
        if !(0..=head.seq).contains(&to) {
            return Err(Refusal::invalid(format!("`seq` must be from 0 to {}, the newest message", head.seq)).into());
        }
        let read = if matches!(mark, Mark::Read(_)) { seat.marks.read.max(to) } else { seat.marks.read };
        // Reading is receiving.
        let new = Marks { read, received: seat.marks.received.max(to) };
        if !seat.kept {
            // In the lobby nobody is ever behind.
            return Ok((Marks { read: head.seq, received: head.seq }, None));
        }
        if new == seat.marks {
            return Ok((new, None));
        }
        seat.marks = new;
        if !std::mem::replace(&mut seat.moved, true) {
            self.moved_seats.push((session, user));
        }
        // Across a block, or beside somebody who is gone, a receipt is for the reader's own connections only.
        let shared = head.shares_marks && seat.obstacle.is_none();
        let audience = if shared { Audience::Session(session) } else { Audience::User(user) };
        Ok((new, Some(Moved { username: Arc::clone(&seat.username), audience })))
    }

    /// Writes where everything now stands. Must come before anything else reads it, and before the commit.
    pub(super) fn settle(&mut self, db: &mut Db) -> Result<(), Error> {
        for id in self.moved_heads.drain(..) {
            let Some(head) = self.heads.get_mut(&id) else { continue };
            MoveHead { session: id, seq: head.seq, rev: head.rev, last_at: head.at }.execute(db)?;
            head.moved = false;
        }
        for (session, user) in self.moved_seats.drain(..) {
            let Some(seat) = self.seats.get_mut(&(session, user)) else { continue };
            let Marks { read, received } = seat.marks;
            MoveMarks { session, user, read, received }.execute(db)?;
            seat.moved = false;
        }
        if self.heads.len() > REMEMBERED || self.seats.len() > REMEMBERED {
            self.clear();
        }
        Ok(())
    }

    fn target(
        &mut self,
        db: &mut Db,
        posting: &Posting,
        now: Time,
        out: &mut Vec<Delivery>,
    ) -> Result<SessionId, Error> {
        let name = match &posting.draft.target {
            Target::Session(id) => return id.ok_or_else(|| Refusal::NotFound.into()),
            Target::User(name) => name,
        };
        let other = match (&posting.opening, users::by_name(db, name)?) {
            (Some(Opening { names, from: Some(from), .. }), found) => names.resolve(*from, found)?,
            (_, found) => found.ok_or(Refusal::UnknownUser)?,
        };
        if let Some(session) = kept::direct(db, posting.sender, other.id)? {
            return Ok(session);
        }
        if let Some(no) = &posting.verdict {
            return Err(no.clone().into());
        }
        (posting.rules.may_open)(db, posting.sender, &other)?;
        let session = kept::insert_direct(db, posting.sender, other.id, now)?;
        if let Some(opening) = &posting.opening {
            opening.openings.take(posting.sender).map_err(Refusal::RateLimited)?;
        }
        out.extend(added(db, session, [posting.sender, other.id], None, now)?);
        Ok(session)
    }
}

/// A new direct session as its two people are told of it: the session itself, that what they had asked each other is
/// answered, and that they may see each other.
pub(crate) fn added(
    db: &mut Db,
    session: SessionId,
    [a, b]: [UserId; 2],
    acting: Option<ConnId>,
    now: Time,
) -> Result<Vec<Delivery>, Error> {
    let mut out = Vec::with_capacity(4);
    for user in [a, b] {
        let view = kept::view(db, user, session)?;
        out.push(Delivery::new(Audience::User(user), Event::SessionAdded(Box::new(view))).except(acting));
    }
    out.extend(super::invites::settle(db, a, b, session, now)?);
    out.extend(visibility::acquaint(db, Shared::Direct, Some(a), &[b])?);
    Ok(out)
}

fn seat<'a>(
    seats: &'a mut HashMap<(SessionId, UserId), Seat>,
    db: &mut Db,
    session: SessionId,
    user: UserId,
) -> Result<&'a mut Seat, Error> {
    match seats.entry((session, user)) {
        std::collections::hash_map::Entry::Occupied(known) => Ok(known.into_mut()),
        std::collections::hash_map::Entry::Vacant(free) => {
            let super::members::Seat { kind, marks, .. } = super::members::check(db, session, user)?;
            // A deleted account stays in its direct sessions, but what was still under way comes too late.
            let there = people::table.find(user).filter(people::state.eq(UserState::Active));
            let names = there.select((people::username, people::display_name)).one(db).optional()?;
            let (username, shown): (String, String) = names.ok_or(Refusal::Unauthenticated)?;
            let obstacle = obstacle(db, session, user)?;
            let kept = kind != SessionKind::Lobby;
            Ok(free.insert(Seat {
                username: username.into(),
                shown: shown.into(),
                marks,
                kept,
                moved: false,
                obstacle,
            }))
        }
    }
}

/// What keeps a member from writing; nothing outside of direct sessions.
pub(crate) fn obstacle(db: &mut Db, session: SessionId, user: UserId) -> Result<Option<Obstacle>, Error> {
    let Some(other) = kept::partner(db, session, user)? else { return Ok(None) };
    if users::find(db, other)?.deleted {
        return Ok(Some(Obstacle::Deleted));
    }
    if blocks::exists(db, user, other)? {
        return Ok(Some(Obstacle::Blocked));
    }
    Ok(blocks::exists(db, other, user)?.then_some(Obstacle::BlockedBy))
}

fn head<'a>(heads: &'a mut HashMap<SessionId, Head>, db: &mut Db, session: SessionId) -> Result<&'a mut Head, Error> {
    match heads.entry(session) {
        std::collections::hash_map::Entry::Occupied(known) => Ok(known.into_mut()),
        std::collections::hash_map::Entry::Vacant(free) => {
            let kept::Head { kind, seq, rev, last_at, .. } = kept::Head::of(db, session)?;
            let shares_marks = super::members::count(db, session)? <= super::members::RECEIPTS_UP_TO;
            Ok(free.insert(Head { kind, seq, rev, at: last_at, moved: false, shares_marks }))
        }
    }
}

/// Writes a new message down.
pub(super) fn insert(
    db: &mut Db,
    message: &Message,
    key: Option<&Key>,
    fingerprint: Option<i64>,
) -> Result<(), DieselError> {
    diesel::insert_into(messages::table)
        .values((
            messages::id.eq(message.id),
            messages::session_id.eq(message.session),
            messages::seq.eq(message.seq),
            messages::rev.eq(message.rev),
            messages::posted_rev.eq(message.rev),
            messages::sender_id.eq(message.sender),
            messages::kind.eq(message.kind),
            messages::text.eq(&message.text),
            messages::at.eq(message.at),
            messages::reply_to.eq(message.reply_to),
            messages::key.eq(key.map(Key::as_str)),
            messages::fingerprint.eq(fingerprint),
            messages::mentions.eq(super::messages::written(&message.mentions)),
        ))
        .execute(db)?;
    Ok(())
}
