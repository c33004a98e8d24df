//! Reading sessions, messages, members and changes. Membership is checked in the same snapshot as the read; all others get
//! `not_found`.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::domain::{
    Backlog, Identity, Invite, Member, Message, NamePage, Page, Refusal, Resync, Session, SessionId, SessionKind, Time,
    User, UserId,
};
use crate::service::Listed;
use crate::store::backlogs::Scope;
use crate::store::invites::{self, Direction};
use crate::store::messages::{self, Span};
use crate::store::{Db, Error, Store, backlogs, members, sessions, sync, tokens, users, visibility};

/// A page ends here at the latest, so that no frame is larger than 256 KiB: a page of `changes` has memberships and
/// receipts beside its messages.
const PAGE_BYTES: usize = 208 * 1_024;

/// Invites for clients of dialects without a way to list the rest.
const PENDING_INVITES: i64 = 200;

/// The state that a new connection receives, from one database snapshot.
pub(crate) struct Snapshot {
    /// The first page, latest activity first.
    pub sessions: Vec<Session>,
    pub sessions_next: Option<String>,
    /// The newest incoming ones.
    pub invites: Vec<Invite>,
    pub invites_next: Option<String>,
    /// Of all sessions of the user.
    pub revs: Vec<(SessionId, i64)>,
}

/// A session with its newest messages, ascending.
pub(crate) struct Recent {
    pub session: Session,
    pub messages: Vec<Message>,
    pub senders: Vec<User>,
}

#[derive(Clone)]
pub(crate) struct HistoryService {
    pub(super) store: Store,
}

impl HistoryService {
    pub(crate) fn epoch(&self) -> Arc<str> {
        self.store.epoch()
    }

    /// Latest activity first.
    pub(crate) async fn sessions(&self, identity: &Identity, page: Page) -> Listed<Session> {
        let me = identity.user.id;
        let list = move |db: &mut Db| {
            let (mut page, mut next) = sessions::list(db, me, page)?;
            let mut bytes = 0;
            // Serialized once more than needed, since only JSON has a length; few pages are so long that they end here.
            let fits = page.iter().take_while(|session| {
                bytes += serde_json::to_vec(session).map_or(0, |json| json.len() + 1);
                bytes <= PAGE_BYTES
            });
            let count = fits.count().max(1);
            if count < page.len() {
                page.truncate(count);
                next = page.last().map(sessions::cursor_behind);
            }
            Ok((page, next))
        };
        self.store.read_long(me, list).await
    }

    pub(crate) async fn session(&self, identity: &Identity, id: SessionId) -> Result<Session, Refusal> {
        let me = identity.user.id;
        self.store.read(move |db| sessions::view(db, me, id)).await
    }

    /// By name.
    ///
    /// # Errors
    /// `forbidden` for the lobby.
    pub(crate) async fn members(&self, identity: &Identity, id: SessionId, page: NamePage) -> Listed<Member> {
        let me = identity.user.id;
        let list = move |db: &mut Db| {
            if members::check(db, id, me)?.kind == SessionKind::Lobby {
                return Err(Refusal::Forbidden("The lobby has no member list.").into());
            }
            let (members, last) = members::list(db, id, page.after.as_deref(), page.limit)?;
            Ok((members, NamePage::cursor(last)))
        };
        self.store.read_long(me, list).await
    }

    /// Messages, ascending, and whether they reach the end of the history in that direction; without `before` and `after` the
    /// newest.
    ///
    /// # Errors
    /// `invalid_request` for both ends at once.
    pub(crate) async fn messages(
        &self,
        identity: &Identity,
        id: SessionId,
        before: Option<i64>,
        after: Option<i64>,
        limit: i64,
    ) -> Result<(Vec<Message>, bool), Refusal> {
        let me = identity.user.id;
        let span = match (before, after) {
            (Some(_), Some(_)) => return Err(Refusal::invalid("give `before` or `after`, not both")),
            (_, Some(after)) => Span::After(after),
            (before, None) => Span::Before(before.unwrap_or(i64::MAX)),
        };
        let list = move |db: &mut Db| {
            members::check(db, id, me)?;
            messages::list(db, id, span, limit, PAGE_BYTES)
        };
        self.store.read_long(me, list).await
    }

    /// At most `count` sessions without the lobby, latest activity first.
    pub(crate) async fn newest(&self, identity: &Identity, count: i64) -> Result<Vec<SessionId>, Refusal> {
        let me = identity.user.id;
        let sessions = self.store.read_long(me, move |db| sessions::list(db, me, Page::first(count + 1))).await?.0;
        // The lobby, which the sessions dialect does not have, may be one of the newest.
        let own = sessions.iter().filter(|session| session.kind != SessionKind::Lobby);
        Ok(own.map(|session| session.id).take(usize::try_from(count).unwrap_or_default()).collect())
    }

    /// The first of these sessions, each with its newest `messages`, and the remaining ones. Reads until it has about `piece`
    /// bytes of text, and of one session at most `most`. Sessions that were left meanwhile are skipped.
    pub(crate) async fn recent(
        &self,
        identity: &Identity,
        mut sessions: VecDeque<SessionId>,
        messages: i64,
        piece: usize,
        most: usize,
    ) -> Result<(Vec<Recent>, VecDeque<SessionId>), Refusal> {
        let me = identity.user.id;
        let read = move |db: &mut Db| {
            let (mut bytes, mut found) = (0, Vec::new());
            while bytes < piece {
                let Some(id) = sessions.pop_front() else { break };
                let session = match sessions::view(db, me, id) {
                    Err(Error::Refused(Refusal::NotFound)) => continue,
                    session => session?,
                };
                let (newest, _) = messages::list(db, id, Span::Before(i64::MAX), messages, most)?;
                bytes += newest.iter().map(|message| message.text.len()).sum::<usize>();
                let senders: Vec<UserId> = newest.iter().map(|message| message.sender).collect();
                found.push(Recent { session, messages: newest, senders: users::find_all(db, &senders)? });
            }
            Ok((found, sessions))
        };
        self.store.read_long(me, read).await
    }

    /// The changes since the revision `from`. A missing epoch is not checked.
    pub(crate) async fn changes(
        &self,
        me: UserId,
        id: SessionId,
        from: i64,
        epoch: Option<&str>,
    ) -> Result<Resync, Refusal> {
        let fits = epoch.is_none_or(|epoch| epoch == &*self.epoch());
        self.store.read_long(me, move |db| sync::changes(db, me, id, from, fits, PAGE_BYTES)).await
    }

    /// A user's sessions, and the users whose presence is pushed to them. Checks the token once more: it may have ended after
    /// it was authenticated and before the connection was registered, which nothing else would notice.
    ///
    /// # Errors
    /// `unauthenticated` where the token has ended.
    pub(crate) async fn subscriptions(&self, identity: &Identity) -> Result<(Vec<SessionId>, Vec<UserId>), Refusal> {
        let (user, token) = (identity.user.id, identity.token);
        let read = move |db: &mut Db| {
            tokens::check(db, token, Time::now())?;
            Ok((members::sessions_of(db, user)?, visibility::acquaintances(db, user)?))
        };
        self.store.read(read).await
    }

    pub(crate) async fn snapshot(&self, user: UserId) -> Result<Snapshot, Refusal> {
        let read = move |db: &mut Db| {
            let (sessions, sessions_next) = sessions::list(db, user, Page::first(100))?;
            let (invites, invites_next) = invites::list(db, user, Direction::In, Time::now(), Page::first(50))?;
            let revs = members::revs_of(db, user)?;
            Ok(Snapshot { sessions, sessions_next, invites, invites_next, revs })
        };
        self.store.read(read).await
    }

    /// The conversations that a connection replays: the sessions of `scope`, and `room` where the user is a member. A guest who
    /// `has_entered` the room just now receives the notice of that too.
    pub(crate) async fn backlogs(
        &self,
        user: UserId,
        scope: Scope,
        room: Option<SessionId>,
        has_entered: bool,
    ) -> Result<Vec<Backlog>, Refusal> {
        let mut all = self.store.read(move |db| backlogs::list(db, user, scope, room)).await?;
        let own = all.iter_mut().find(|one| has_entered && Some(one.session) == room);
        own.into_iter().for_each(|one| one.received -= 1);
        Ok(all)
    }

    /// The newest invites that await this user's answer, the oldest of them first.
    pub(crate) async fn pending_invites(&self, user: UserId) -> Result<Vec<Invite>, Refusal> {
        let page = Page::first(PENDING_INVITES);
        let read = move |db: &mut Db| invites::list(db, user, Direction::In, Time::now(), page);
        let (mut pending, _) = self.store.read(read).await?;
        pending.reverse();
        Ok(pending)
    }

    /// Whether typing is broadcast in a session in which the user may write.
    ///
    /// # Errors
    /// `blocked` or `forbidden` where either has blocked the other.
    pub(crate) async fn may_write(&self, user: UserId, session: SessionId) -> Result<bool, Refusal> {
        self.store.read(move |db| crate::service::messages::may_write(db, session, user)).await
    }
}
