//! Editing, deleting and reacting to stored messages.

use std::sync::Arc;

use crate::domain::{
    Acting, Amendment, Answer, Audience, Delivery, Event, Identity, Message, MessageKind, Refusal, Role, SessionId,
    SessionKind, Time, UserId,
};
use crate::rate_limit::Sends;
use crate::service::messages as writing;
use crate::store::{Db, Error, Store, amend, members, messages, sessions, users};

/// Reactions to one message in all: with the longest names they are a seventh of the largest frame.
const REACTIONS_UP_TO: usize = 1_000;

/// Changes to stored messages. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Amendments {
    store: Store,
    sends: Sends,
    emojis: u32,
}

impl Amendments {
    /// Amendments in `store`; `sends` is the rate of each user, and `emojis` how many different reactions a message may have,
    /// 0 for any number.
    pub(crate) const fn new(store: Store, sends: Sends, emojis: u32) -> Self {
        Self { store, sends, emojis }
    }

    /// Changes a stored message; gives the `rev` of the change, or the present one where nothing changes.
    ///
    /// # Errors
    /// `not_found` for a session one is not in, or a message that does not exist or is deleted; `forbidden`;
    /// `limit_reached` for too many reactions; `rate_limited`, since a change costs as much as a message.
    pub(crate) async fn amend(
        &self,
        who: &Identity,
        session: SessionId,
        seq: i64,
        amendment: Amendment,
        acting: Acting,
    ) -> Result<i64, Refusal> {
        self.sends.change(who.user.id, self.store.lobby() == Some(session))?;
        let (user, emojis) = (who.user.id, self.emojis);
        let amend = move |db: &mut Db, now| {
            let wanted = Wanted { user, session, seq, amendment: &amendment, emojis };
            let (rev, event) = amend(db, &wanted, now)?;
            let connection = acting.as_ref().map(|acting| acting.0);
            let mut out: Vec<Delivery> = Delivery::answer(acting, Answer::Changed(rev)).into_iter().collect();
            out.extend(event.map(|event| Delivery::new(Audience::Session(session), event).except(connection)));
            Ok((rev, out))
        };
        self.store.writer().run(amend).await
    }
}

/// A change that a user asks for.
struct Wanted<'a> {
    user: UserId,
    session: SessionId,
    /// Of the message.
    seq: i64,
    amendment: &'a Amendment,
    /// How many different reactions a message may have, 0 for any number.
    emojis: u32,
}

/// Changes a message. Gives the `rev` of the change and its event, or the session's present `rev` where nothing changes.
fn amend(db: &mut Db, wanted: &Wanted<'_>, now: Time) -> Result<(i64, Option<Event>), Error> {
    let Wanted { user, session, seq, .. } = *wanted;
    users::check(db, user)?;
    let membership = members::check(db, session, user)?;
    let message = messages::one(db, session, seq)?;
    may_amend(&message, wanted.amendment)?;
    let changed = match wanted.amendment {
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
                may_add_reaction(&message, emoji.as_str(), wanted.emojis)?;
                amend::react(db, &message, user, emoji, now)?
            }
        }
    };
    if !changed {
        return Ok((sessions::head(db, session)?.1, None));
    }
    let rev = amend::step(db, session, seq)?;
    Ok((rev, Some(Event::Changed(Arc::new(messages::one(db, session, seq)?)))))
}

/// Whether anybody may change this message: a deleted one can only be deleted again, which changes nothing.
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

/// Whether messages of such a session have reactions.
fn may_react(kind: SessionKind) -> Result<(), Refusal> {
    match kind {
        SessionKind::Direct | SessionKind::Group | SessionKind::Room => Ok(()),
        SessionKind::Lobby => Err(Refusal::Forbidden("There are no reactions in the lobby.")),
    }
}

/// Whether a message may have one more reaction; `most` is how many different ones it may have, 0 for any number.
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
    use crate::domain::{Emoji, sample};

    const SENDER: UserId = UserId(1);
    const OTHER: UserId = UserId(2);

    fn message() -> Message {
        sample::message(SessionId(1), SENDER, "avi")
    }

    #[test]
    fn only_the_sender_edits_and_those_who_rule_delete_too() {
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
