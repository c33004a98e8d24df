//! Changing kept messages: edits, tombstones, reactions. Each change is a step of the session and moves the message's `rev`.

use std::sync::Arc;

use crate::store::limited::Limited;
use diesel::prelude::*;

use super::schema::{messages, reactions};
use super::steps::Steps;
use super::{Db, Error, append, members, mentions, messages as kept, scrub, search, users};
use crate::model::{
    Amendment, Emoji, Event, Message, MessageKind, Refusal, Role, SessionId, SessionKind, Text, Time, UserId,
};

/// Reactions to one message in all: with the longest names they are a seventh of the largest frame.
const REACTIONS_UP_TO: usize = 1_000;

/// A change that somebody wants.
pub struct Wanted<'a> {
    /// Who.
    pub user: UserId,
    /// Where.
    pub session: SessionId,
    /// To which message.
    pub seq: i64,
    /// Which.
    pub amendment: &'a Amendment,
    /// How many different reactions a message may have, 0 any number.
    pub emojis: u32,
}

/// Changes a message; says the `rev` of the change and what to tell, or the session's present `rev` and nothing where
/// there was nothing to change.
///
/// # Errors
/// `not_found` where the user is not in the session or the message is not there, or deleted; `forbidden`;
/// `limit_reached` for too many reactions.
pub fn amend(db: &mut Db, wanted: &Wanted<'_>, now: Time) -> Result<(i64, Option<Event>), Error> {
    let Wanted { user, session, seq, amendment, emojis } = *wanted;
    users::check(db, user)?;
    let seat = members::check(db, session, user)?;
    let message = kept::one(db, session, seq)?;
    if message.deleted && *amendment != Amendment::Delete {
        return Err(Refusal::NotFound.into());
    }
    if message.kind == MessageKind::Notice {
        return Err(Refusal::Forbidden("Notices cannot be changed.").into());
    }
    let mut steps = Steps::of(db, session)?;
    let rev = steps.next();
    let changed = match amendment {
        Amendment::Edit(text) => {
            append::may_write(db, session, user)?;
            edit(db, &message, user, seat.kind, text, now)?
        }
        Amendment::Delete => delete(db, &message, user, seat.role)?,
        Amendment::React { emoji, on } => {
            if seat.kind == SessionKind::Lobby {
                return Err(Refusal::Forbidden("There are no reactions in the lobby.").into());
            }
            append::may_write(db, session, user)?;
            if *on { react(db, &message, user, emoji, emojis, now)? } else { unreact(db, &message, user, emoji)? }
        }
    };
    if !changed {
        return Ok((rev - 1, None));
    }
    let row = messages::table.filter(messages::session_id.eq(session)).filter(messages::seq.eq(seq));
    diesel::update(row).set(messages::rev.eq(rev)).execute(db)?;
    steps.keep(db)?;
    Ok((rev, Some(Event::Changed(Arc::new(kept::one(db, session, seq)?)))))
}

fn edit(
    db: &mut Db,
    message: &Message,
    user: UserId,
    kind: SessionKind,
    text: &Text,
    now: Time,
) -> Result<bool, Error> {
    if message.sender != user {
        return Err(Refusal::Forbidden("Only the sender can edit a message.").into());
    }
    if message.text == text.as_str() {
        return Ok(false);
    }
    let names = mentions::of(db, message.session, kind, text.as_str())?;
    let row = messages::table.filter(messages::session_id.eq(message.session)).filter(messages::seq.eq(message.seq));
    // Never before the message itself, whatever the clock does.
    let edited_at = now.max(message.at);
    let id: i64 = diesel::update(row)
        .set((
            messages::text.eq(text.as_str()),
            messages::edited_at.eq(edited_at),
            messages::mentions.eq(kept::written(&names)),
        ))
        .returning(messages::id)
        .get_result(db)?;
    search::renew(db, id, message.session, text.as_str())?;
    scrub::erased(db)?;
    Ok(true)
}

fn delete(db: &mut Db, message: &Message, user: UserId, role: Role) -> Result<bool, Error> {
    if message.sender != user && role < Role::Admin {
        return Err(Refusal::Forbidden("Only the sender, the owner and admins can delete a message.").into());
    }
    if message.deleted {
        return Ok(false);
    }
    let all = reactions::table.filter(reactions::session_id.eq(message.session));
    diesel::delete(all.filter(reactions::seq.eq(message.seq))).execute(db)?;
    let row = messages::table.filter(messages::session_id.eq(message.session)).filter(messages::seq.eq(message.seq));
    let id: i64 = diesel::update(row)
        .set((
            messages::text.eq(""),
            messages::deleted.eq(true),
            messages::edited_at.eq(None::<Time>),
            messages::mentions.eq(None::<String>),
        ))
        .returning(messages::id)
        .get_result(db)?;
    search::forget(db, id)?;
    scrub::erased(db)?;
    Ok(true)
}

fn react(db: &mut Db, message: &Message, user: UserId, emoji: &Emoji, most: u32, now: Time) -> Result<bool, Error> {
    let own = reactions::table.find((message.session, message.seq, emoji.as_str(), user));
    if own.select(reactions::at).one::<Time>(db).optional()?.is_some() {
        return Ok(false);
    }
    let known = message.reactions.0.iter().any(|(other, _)| other == emoji.as_str());
    let different = u32::try_from(message.reactions.0.len()).unwrap_or(u32::MAX);
    if most > 0 && !known && different >= most {
        return Err(Refusal::LimitReached("This message has the maximum number of different reactions.").into());
    }
    let all: usize = message.reactions.0.iter().map(|(_, names)| names.len()).sum();
    if all >= REACTIONS_UP_TO {
        return Err(Refusal::LimitReached("This message has the maximum number of reactions.").into());
    }
    let row = (
        reactions::session_id.eq(message.session),
        reactions::seq.eq(message.seq),
        reactions::emoji.eq(emoji.as_str()),
        reactions::user_id.eq(user),
        reactions::at.eq(now),
    );
    Ok(diesel::insert_into(reactions::table).values(row).execute(db)? > 0)
}

fn unreact(db: &mut Db, message: &Message, user: UserId, emoji: &Emoji) -> Result<bool, Error> {
    let own = reactions::table.find((message.session, message.seq, emoji.as_str(), user));
    Ok(diesel::delete(own).execute(db)? > 0)
}
