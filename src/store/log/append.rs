//! Storing messages: the one place that gives a message its `seq` and `rev`.

use std::sync::Arc;

use super::keys::SendKey;
use super::ledger::Ledger;
use super::posting::{Destination, Obstacle, Posting};
use crate::domain::{Answer, Audience, CommitOutput, Event, Message, MessageKind, Reactions, Refusal, SessionId, Time};
use crate::store::tables::mentions;
use crate::store::{Db, Error};

/// Stores one message and adds its events to `out`. A refused one writes nothing to an existing session.
pub(super) fn post(
    db: &mut Db,
    ledger: &mut Ledger,
    posting: &Posting,
    now: Time,
    out: &mut Vec<CommitOutput>,
) -> Result<Answer, Error> {
    let session = match &posting.destination {
        Destination::Session(id) => id.ok_or(Refusal::NotFound)?,
        Destination::Direct(direct) => {
            let (session, events) = (direct.open)(db, posting.refused.as_ref(), now)?;
            out.extend(events);
            session
        }
    };
    let refuse = ledger.refuse;
    let (head, member) = ledger.load(db, session, posting.sender)?;
    let no_target = posting.draft.reply_to.is_some_and(|seq| !(1..=head.seq).contains(&seq));
    let obstacle = member.obstacle.or(no_target.then_some(Obstacle::NoReplyTarget));
    let key = SendKey::of(session, posting);
    if let Some(refusal) = posting.refused.clone().or_else(|| obstacle.map(refuse)) {
        return ledger.find_send(db, &key)?.ok_or_else(|| refusal.into());
    }
    let message = Arc::new(number(db, ledger, session, posting, now)?);
    if let Some(answer) = ledger.insert(db, &message, &key)? {
        return Ok(answer);
    }
    ledger.advance(&message, posting.echo);
    let Message { id, seq, rev, at, .. } = *message;
    let event = Event::Posted(message);
    out.push(CommitOutput::event(Audience::Session(session), event).except(posting.acting));
    Ok(Answer::Sent { session, id, seq, rev, at, duplicate: false })
}

fn number(
    db: &mut Db,
    ledger: &mut Ledger,
    session: SessionId,
    Posting { sender, draft, .. }: &Posting,
    now: Time,
) -> Result<Message, Error> {
    let id = ledger.next_id(db)?;
    let (head, member) = ledger.load(db, session, *sender)?;
    Ok(Message {
        id,
        session,
        seq: head.seq + 1,
        rev: head.rev + 1,
        sender: *sender,
        username: member.username.to_string(),
        shown: Arc::clone(&member.display_name),
        kind: MessageKind::Text,
        text: draft.text.as_str().to_owned(),
        // Never before the previous message, whatever the clock does.
        at: now.max(head.at),
        reply_to: draft.reply_to,
        mentions: mentions::of(db, session, head.kind, draft.text.as_str())?,
        edited_at: None,
        deleted: false,
        reactions: Reactions::default(),
        cut: false,
    })
}
