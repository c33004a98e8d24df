//! PostgreSQL: what a batch needs is read ahead, and what it changes is written at its end, in a few statements, since each of
//! them is a round trip. Reading locks the sessions, in the order of their ids, so that two writers neither number a message
//! alike nor wait for each other.

pub(super) mod locking;
mod statements;
mod write;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use diesel::prelude::*;

use self::statements::{ExistingSessions, Heads, HeadsUnlocked, KnownSends, Opening, Writers};
pub(super) use self::write::Changes;
use super::keys::{SendKey, StoredSend};
use crate::domain::{Answer, Key, Message, MessageId, SessionId, Time, UserId};
use crate::store::Error;

/// A send in the form in which it is looked up again.
type SendName = (SessionId, UserId, Key);

/// What was read ahead, beside sessions and members, and what is not written yet.
#[derive(Default)]
pub(super) struct Bulk {
    ids: VecDeque<i64>,
    /// The sends with these keys; `None` where there is none yet.
    sends: HashMap<SendName, Option<StoredSend>>,
    messages: Vec<NewMessage>,
    /// Sessions that another transaction has locked are passed over instead of waited for.
    pub(super) skip_locked: bool,
}

/// A message with the key and the fingerprint with which it was sent.
struct NewMessage {
    message: Arc<Message>,
    key: Option<(Key, i64)>,
}

/// A session as the ledger caches it.
#[derive(Queryable)]
pub(super) struct HeadRow {
    pub id: SessionId,
    pub kind: i16,
    pub seq: i64,
    pub rev: i64,
    pub at: Time,
    /// Members, counted up to one more than may see each other's marks.
    pub members: i64,
    /// The lobby, and switched on.
    pub is_lobby: bool,
}

/// A user with their membership in a session.
#[derive(Queryable)]
pub(super) struct WriterRow {
    pub session: SessionId,
    pub user: UserId,
    /// `None` without a membership.
    pub state: Option<i16>,
    pub read: Option<i64>,
    pub received: Option<i64>,
    pub username: String,
    pub display_name: String,
    pub user_state: i16,
    /// Of the other user in a direct session.
    pub partner_state: Option<i16>,
    pub has_blocked: bool,
    pub is_blocked: bool,
}

impl Bulk {
    /// Begins a transaction that may store so many messages: gives its id and the database's time. Ids that it does not need are
    /// given to no message: another server may have taken the next ones.
    pub(super) fn open(&mut self, db: &mut PgConnection, messages: usize) -> QueryResult<(i64, Time)> {
        let count = i64::try_from(messages).unwrap_or(i64::MAX);
        let (transaction, now, ids): (i64, Time, Vec<i64>) = Opening { count: &count }.get_result(db)?;
        self.ids = ids.into();
        Ok((transaction, now))
    }

    /// The id for the next message; `None` where more are needed than were reserved.
    pub(super) fn next_id(&mut self) -> Option<MessageId> {
        self.ids.pop_front().map(MessageId)
    }

    /// Locks and reads sessions, and gives those that another transaction has locked.
    pub(super) fn heads(
        &self,
        db: &mut PgConnection,
        sessions: &[SessionId],
    ) -> QueryResult<(Vec<HeadRow>, HashSet<SessionId>)> {
        if !self.skip_locked {
            return Ok((Heads { sessions }.load(db)?, HashSet::new()));
        }
        let heads: Vec<HeadRow> = HeadsUnlocked { sessions }.load(db)?;
        let found: HashSet<SessionId> = heads.iter().map(|head| head.id).collect();
        let missing: Vec<SessionId> = sessions.iter().filter(|id| !found.contains(id)).copied().collect();
        let locked = if missing.is_empty() { Vec::new() } else { ExistingSessions { sessions: &missing }.load(db)? };
        Ok((heads, locked.into_iter().collect()))
    }

    /// Reads users and their memberships.
    pub(super) fn writers(&self, db: &mut PgConnection, pairs: &[(SessionId, UserId)]) -> QueryResult<Vec<WriterRow>> {
        let (sessions, users): (Vec<SessionId>, Vec<UserId>) = pairs.iter().copied().unzip();
        Writers { sessions: &sessions, users: &users }.load(db)
    }

    /// Looks keys of sends up.
    pub(super) fn read_sends(&mut self, db: &mut PgConnection, names: Vec<SendName>) -> QueryResult<()> {
        if names.is_empty() {
            return Ok(());
        }
        let sessions: Vec<SessionId> = names.iter().map(|(session, ..)| *session).collect();
        let senders: Vec<UserId> = names.iter().map(|(_, sender, _)| *sender).collect();
        let keys: Vec<&str> = names.iter().map(|(.., key)| key.as_str()).collect();
        let statement = KnownSends { sessions: &sessions, senders: &senders, keys: &keys };
        let found: Vec<(i64, MessageId, i64, i64, Time, Option<i64>)> = statement.load(db)?;
        let mut found: HashMap<i64, StoredSend> = found
            .into_iter()
            .map(|(index, id, seq, rev, at, fingerprint)| (index, StoredSend { id, seq, rev, at, fingerprint }))
            .collect();
        // PostgreSQL counts from one.
        self.sends.extend((1..).zip(names).map(|(index, name)| (name, found.remove(&index))));
        Ok(())
    }

    /// The reply to an earlier send with this key, and the refusal where it had other content; the outer `None` where the key
    /// was not looked up.
    pub(super) fn duplicate(&self, key: &SendKey<'_>) -> Result<Option<Option<Answer>>, Error> {
        let Some((name, fingerprint)) = key.name() else { return Ok(Some(None)) };
        let Some(stored) = self.sends.get(&name) else { return Ok(None) };
        stored.as_ref().map(|stored| key.answer(stored, fingerprint)).transpose().map(Some)
    }

    /// Adds a message, to be written with all others.
    pub(super) fn add(&mut self, message: &Arc<Message>, key: Option<(&Key, i64)>) {
        let key = key.map(|(key, fingerprint)| (key.clone(), fingerprint));
        if let Some((key, fingerprint)) = &key {
            let Message { id, seq, rev, at, .. } = **message;
            let stored = StoredSend { id, seq, rev, at, fingerprint: Some(*fingerprint) };
            self.sends.insert((message.session, message.sender, key.clone()), Some(stored));
        }
        self.messages.push(NewMessage { message: Arc::clone(message), key });
    }

    /// Forgets what was read ahead and what is not written.
    pub(super) fn clear(&mut self) {
        self.sends.clear();
        self.messages.clear();
    }
}
