//! Changes of stored messages: text, deletion, reactions. Clients learn of a change by [`bump_rev`].

use super::revisions::Revisions;
use crate::domain::{Emoji, Message, SessionId, SessionKind, Text, Time, UserId};
use crate::store::background::scrub;
use crate::store::db::prelude::*;
use crate::store::db::schema::{messages, reactions};
use crate::store::search;
use crate::store::tables::{mentions, messages as rows};

/// Gives a changed message the next `rev` of its session, which is returned.
pub(crate) fn bump_rev(db: &mut Db, session: SessionId, seq: i64) -> Result<i64, Error> {
    let mut revisions = Revisions::of(db, session)?;
    let rev = revisions.next();
    let row = messages::table.filter(messages::session_id.eq(session)).filter(messages::seq.eq(seq));
    diesel::update(row).set(messages::rev.eq(rev)).execute(db)?;
    revisions.save(db)?;
    Ok(rev)
}

/// Replaces the text; true.
pub(crate) fn edit(db: &mut Db, message: &Message, kind: SessionKind, text: &Text, now: Time) -> Result<bool, Error> {
    let names = mentions::of(db, message.session, kind, text.as_str())?;
    let row = messages::table.filter(messages::session_id.eq(message.session)).filter(messages::seq.eq(message.seq));
    // Never before the message itself, whatever the clock does.
    let edited_at = now.max(message.at);
    let id: i64 = diesel::update(row)
        .set((
            messages::text.eq(text.as_str()),
            messages::edited_at.eq(edited_at),
            messages::mentions.eq(rows::join_mentions(&names)),
        ))
        .returning(messages::id)
        .get_result(db)?;
    search::update(db, id, message.session, text.as_str())?;
    scrub::erased(db)?;
    Ok(true)
}

/// Deletes the text, the mentions and every reaction; true.
pub(crate) fn delete(db: &mut Db, message: &Message) -> Result<bool, Error> {
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
    search::remove(db, id)?;
    scrub::erased(db)?;
    Ok(true)
}

pub(crate) fn has_reacted(db: &mut Db, message: &Message, user: UserId, emoji: &Emoji) -> Result<bool, Error> {
    let own = reactions::table.find((message.session, message.seq, emoji.as_str(), user));
    Ok(own.select(reactions::at).maybe::<Time>(db)?.is_some())
}

/// Adds a reaction that the user does not have; true.
pub(crate) fn react(db: &mut Db, message: &Message, user: UserId, emoji: &Emoji, now: Time) -> Result<bool, Error> {
    let row = (
        reactions::session_id.eq(message.session),
        reactions::seq.eq(message.seq),
        reactions::emoji.eq(emoji.as_str()),
        reactions::user_id.eq(user),
        reactions::at.eq(now),
    );
    Ok(diesel::insert_into(reactions::table).values(row).execute(db)? > 0)
}

/// Removes a reaction; true where there was one.
pub(crate) fn unreact(db: &mut Db, message: &Message, user: UserId, emoji: &Emoji) -> Result<bool, Error> {
    let own = reactions::table.find((message.session, message.seq, emoji.as_str(), user));
    Ok(diesel::delete(own).execute(db)? > 0)
}
