//! Editing, deleting and reacting to stored messages.

use std::sync::Arc;

use crate::domain::{
    Amendment, Answer, Audience, CommitOutput, Event, Identity, Message, MessageKind, Refusal, ReplyTo, Role,
    SessionId, SessionKind, Time, UserId,
};
use crate::service::connection;
use crate::service::messages as writing;
use crate::store::{Db, Error, Store, Touches, amend, members, messages, sessions, users};

/// Reactions to one message in all: with the longest names they are a seventh of the largest frame.
const REACTIONS_UP_TO: usize = 1_000;

#[derive(Clone)]
pub(crate) struct AmendmentService {
    pub(super) store: Store,
    /// How many different reactions a message may have, 0 for any number.
    pub(super) emojis: u32,
}

impl AmendmentService {
    /// Changes a stored message. Returns the `rev` of the change, or the current one where nothing changes.
    ///
    /// # Errors
    /// `not_found` for a session of others, or a message that does not exist or is deleted; `forbidden`; `limit_reached` for
    /// too many reactions.
    pub(crate) async fn amend(
        &self,
        identity: &Identity,
        session: SessionId,
        seq: i64,
        amendment: Amendment,
        reply_to: ReplyTo,
    ) -> Result<i64, Refusal> {
        let (user, emojis) = (identity.user.id, self.emojis);
        let amend = move |db: &mut Db, now| {
            let (rev, event) = amend(db, user, (session, seq), &amendment, emojis, now)?;
            let connection = connection(&reply_to);
            let mut out: Vec<CommitOutput> =
                CommitOutput::reply(reply_to.clone(), Answer::Changed(rev)).into_iter().collect();
            out.extend(event.map(|event| CommitOutput::event(Audience::Session(session), event).except(connection)));
            Ok((rev, out))
        };
        self.store.writer().run(Touches::message_of(session), amend).await
    }
}

/// Returns the `rev` of the change and its event, or the session's current `rev` where nothing changes.
fn amend(
    db: &mut Db,
    user: UserId,
    (session, seq): (SessionId, i64),
    amendment: &Amendment,
    emojis: u32,
    now: Time,
) -> Result<(i64, Option<Event>), Error> {
    users::require_active(db, user)?;
    let membership = members::check(db, session, user)?;
    let message = messages::find(db, session, seq)?;
    may_amend(&message, amendment)?;
    let changed = match amendment {
        Amendment::Edit(text) => {
            writing::may_write(db, session, user)?;
            may_edit(&message, user)?;
            message.text != text.as_str() && amend::edit(db, &message, membership.kind, text, now)?
        }
        Amendment::Delete => {
            may_delete(&message, user, membership.role)?;
            !message.deleted && amend::delete(db, &message)?
        }
        Amendment::React { emoji, on } => {
            may_react(membership.kind)?;
            writing::may_write(db, session, user)?;
            if !on {
                amend::unreact(db, &message, user, emoji)?
            } else if amend::has_reacted(db, &message, user, emoji)? {
                false
            } else {
                may_add_reaction(&message, emoji.as_str(), emojis)?;
                amend::react(db, &message, user, emoji, now)?
            }
        }
    };
    if !changed {
        return Ok((sessions::seq_and_rev(db, session)?.1, None));
    }
    let rev = amend::bump_rev(db, session, seq)?;
    Ok((rev, Some(Event::Changed(Arc::new(messages::find(db, session, seq)?)))))
}

/// A deleted message can only be deleted again, which changes nothing; a notice not even that.
fn may_amend(message: &Message, amendment: &Amendment) -> Result<(), Refusal> {
    if message.deleted && *amendment != Amendment::Delete {
        return Err(Refusal::NotFound);
    }
    if message.kind == MessageKind::Notice {
        return Err(Refusal::Forbidden("Notices cannot be changed."));
    }
    Ok(())
}

fn may_edit(message: &Message, user: UserId) -> Result<(), Refusal> {
    if message.sender == user {
        return Ok(());
    }
    Err(Refusal::Forbidden("Only the sender can edit a message."))
}

fn may_delete(message: &Message, user: UserId, role: Role) -> Result<(), Refusal> {
    if message.sender == user || role >= Role::Admin {
        return Ok(());
    }
    Err(Refusal::Forbidden("Only the sender, the owner and admins can delete a message."))
}

fn may_react(kind: SessionKind) -> Result<(), Refusal> {
    match kind {
        SessionKind::Direct | SessionKind::Group | SessionKind::Room => Ok(()),
        SessionKind::Lobby => Err(Refusal::Forbidden("There are no reactions in the lobby.")),
    }
}

/// `most` is how many different reactions the message may have, 0 for any number.
fn may_add_reaction(message: &Message, emoji: &str, most: u32) -> Result<(), Refusal> {
    let reactions = &message.reactions.0;
    let is_new = reactions.iter().all(|(known, _)| known != emoji);
    let different = u32::try_from(reactions.len()).unwrap_or(u32::MAX);
    if most > 0 && is_new && different >= most {
        return Err(Refusal::LimitReached("This message has the maximum number of different reactions."));
    }
    if reactions.iter().map(|(_, names)| names.len()).sum::<usize>() >= REACTIONS_UP_TO {
        return Err(Refusal::LimitReached("This message has the maximum number of reactions."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Emoji, fixtures};

    const SENDER: UserId = UserId(1);
    const OTHER: UserId = UserId(2);

    fn message() -> Message {
        fixtures::message(SessionId(1), SENDER, "avi")
    }

    #[test]
    fn only_the_sender_edits_and_admins_delete_too() {
        assert!(may_edit(&message(), SENDER).is_ok() && may_edit(&message(), OTHER).is_err());
        assert!(may_delete(&message(), SENDER, Role::Member).is_ok());
        assert!(
            may_delete(&message(), OTHER, Role::Admin).is_ok() && may_delete(&message(), OTHER, Role::Owner).is_ok()
        );
        assert_eq!(may_delete(&message(), OTHER, Role::Member).unwrap_err().code(), "forbidden");
    }

    #[test]
    fn a_deleted_message_can_only_be_deleted_and_a_notice_not_changed() {
        let deleted = Message { deleted: true, ..message() };
        let reaction = Amendment::React { emoji: Emoji::parse("👍", 32).unwrap(), on: true };
        assert_eq!(may_amend(&deleted, &reaction).unwrap_err().code(), "not_found");
        assert!(may_amend(&deleted, &Amendment::Delete).is_ok());
        let notice = Message { kind: MessageKind::Notice, ..message() };
        assert_eq!(may_amend(&notice, &Amendment::Delete).unwrap_err().code(), "forbidden");
    }

    #[test]
    fn reactions_are_limited_by_kind_and_in_all() {
        let mut message = message();
        message.reactions.add("a".to_owned(), "avi".to_owned());
        message.reactions.add("b".to_owned(), "avi".to_owned());
        assert!(may_add_reaction(&message, "c", 3).is_ok() && may_add_reaction(&message, "c", 0).is_ok());
        assert_eq!(may_add_reaction(&message, "c", 2).unwrap_err().code(), "limit_reached");
        assert!(may_add_reaction(&message, "b", 2).is_ok(), "one that the message has");
        for number in 2..REACTIONS_UP_TO {
            message.reactions.add("a".to_owned(), number.to_string());
        }
        assert_eq!(may_add_reaction(&message, "a", 0).unwrap_err().code(), "limit_reached");
    }

    #[test]
    fn the_lobby_has_no_reactions() {
        assert!(may_react(SessionKind::Direct).is_ok() && may_react(SessionKind::Lobby).is_err());
    }
}
