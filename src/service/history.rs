//! Reading: sessions, messages, members, and what changed. Membership is looked at in the same snapshot as what is read.

use std::collections::VecDeque;

use crate::domain::{
    Conversation, Identity, Invite, Member, Message, NamePage, Page, Refusal, Resync, Session, SessionId, SessionKind,
    Time, User, UserId,
};
use crate::store::conversations::Scope;
use crate::store::invites::{self, Direction};
use crate::store::messages::{self, Span};
use crate::store::{Db, Error, Store, conversations, members, sessions, sync, tokens, users, visibility};

/// A page ends here at the latest, so that no frame is larger than 256 KiB: a page of `changes` has memberships and
/// receipts beside its messages.
const PAGE_BYTES: usize = 208 * 1_024;

/// So many questions are told to those who cannot ask for the rest.
const ASKED: i64 = 200;

/// What a new connection is told of its user, in one snapshot.
pub(crate) struct Snapshot {
    /// The first of them, latest activity first.
    pub sessions: Vec<Session>,
    /// Where the rest begins.
    pub sessions_next: Option<String>,
    /// The newest incoming.
    pub invites: Vec<Invite>,
    /// Where the rest begins.
    pub invites_next: Option<String>,
    /// The `rev` of every session of the user.
    pub revs: Vec<(SessionId, i64)>,
}

/// A session with what was said in it last.
pub(crate) struct Recent {
    /// Which.
    pub session: Session,
    /// The newest, ascending.
    pub messages: Vec<Message>,
    /// Who said them.
    pub senders: Vec<User>,
}

/// The desk for reading. Cheap to clone.
#[derive(Clone)]
pub(crate) struct History {
    store: Store,
}

impl History {
    /// The desk on `store`.
    pub(crate) const fn new(store: Store) -> Self {
        Self { store }
    }

    /// The identity of the database's history.
    pub(crate) fn epoch(&self) -> &str {
        self.store.epoch()
    }

    /// My sessions, latest activity first.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn sessions(&self, who: &Identity, page: Page) -> Result<(Vec<Session>, Option<String>), Refusal> {
        let me = who.user.id;
        let list = move |db: &mut Db| {
            let (mut page, mut next) = sessions::list(db, me, page)?;
            let mut bytes = 0;
            // Said once more than needed, since only JSON knows how long it is; a page is seldom so long that it ends here.
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

    /// One of my sessions.
    ///
    /// # Errors
    /// `not_found` where I am not in it, or there is none.
    pub(crate) async fn session(&self, who: &Identity, id: SessionId) -> Result<Session, Refusal> {
        let me = who.user.id;
        self.store.read(move |db| sessions::view(db, me, id)).await
    }

    /// Who is in one of my sessions, by name.
    ///
    /// # Errors
    /// `not_found` where I am not in it, or there is none.
    pub(crate) async fn members(
        &self,
        who: &Identity,
        id: SessionId,
        page: NamePage,
    ) -> Result<(Vec<Member>, Option<String>), Refusal> {
        let me = who.user.id;
        self.store
            .read_long(me, move |db| {
                if members::check(db, id, me)?.kind == SessionKind::Lobby {
                    return Err(Refusal::Forbidden("The lobby has no member list.").into());
                }
                let (members, last) = members::list(db, id, page.after.as_deref(), page.limit)?;
                Ok((members, NamePage::cursor(last)))
            })
            .await
    }

    /// Messages of one of my sessions, ascending, and whether nothing lies further that way; without `before` and `after`
    /// the newest.
    ///
    /// # Errors
    /// `not_found` where I am not in it, or there is none; `invalid_request` for both ends at once.
    pub(crate) async fn messages(
        &self,
        who: &Identity,
        id: SessionId,
        before: Option<i64>,
        after: Option<i64>,
        limit: i64,
    ) -> Result<(Vec<Message>, bool), Refusal> {
        let me = who.user.id;
        let span = match (before, after) {
            (Some(_), Some(_)) => return Err(Refusal::invalid("give `before` or `after`, not both")),
            (_, Some(after)) => Span::After(after),
            (before, None) => Span::Before(before.unwrap_or(i64::MAX)),
        };
        self.store
            .read_long(me, move |db| {
                members::check(db, id, me)?;
                messages::list(db, id, span, limit, PAGE_BYTES)
            })
            .await
    }

    /// My newest sessions but the lobby, latest activity first, at most `count`.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn newest(&self, who: &Identity, count: i64) -> Result<Vec<SessionId>, Refusal> {
        let me = who.user.id;
        let sessions = self.store.read_long(me, move |db| sessions::list(db, me, Page::first(count + 1))).await?.0;
        // The lobby belongs to another system; it may be one of the newest.
        let own = sessions.iter().filter(|session| session.kind != SessionKind::Lobby);
        Ok(own.map(|session| session.id).take(usize::try_from(count).unwrap_or_default()).collect())
    }

    /// The first of these sessions, each with its newest `messages`, and the sessions that remain. Reads until it has about
    /// `piece` bytes of text, and of one session at most `most`. Sessions that I have left meanwhile are left out.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn recent(
        &self,
        who: &Identity,
        mut sessions: VecDeque<SessionId>,
        messages: i64,
        piece: usize,
        most: usize,
    ) -> Result<(Vec<Recent>, VecDeque<SessionId>), Refusal> {
        let me = who.user.id;
        let read = move |db: &mut Db| {
            let (mut bytes, mut found) = (0, Vec::new());
            while bytes < piece {
                let Some(id) = sessions.pop_front() else { break };
                let session = match sessions::view(db, me, id) {
                    Err(Error::Refused(Refusal::NotFound)) => continue,
                    session => session?,
                };
                let (said, _) = messages::list(db, id, Span::Before(i64::MAX), messages, most)?;
                bytes += said.iter().map(|message| message.text.len()).sum::<usize>();
                let senders: Vec<UserId> = said.iter().map(|message| message.sender).collect();
                found.push(Recent { session, messages: said, senders: users::several(db, &senders)? });
            }
            Ok((found, sessions))
        };
        self.store.read_long(me, read).await
    }

    /// What changed in one of my sessions since `from`. A missing epoch is not checked.
    ///
    /// # Errors
    /// `not_found` where I am not in it, or there is none.
    pub(crate) async fn changes(
        &self,
        me: UserId,
        id: SessionId,
        from: i64,
        epoch: Option<&str>,
    ) -> Result<Resync, Refusal> {
        let fits = epoch.is_none_or(|epoch| epoch == self.epoch());
        self.store.read_long(me, move |db| sync::changes(db, me, id, from, fits, PAGE_BYTES)).await
    }

    /// The sessions a user is in, and the people whose presence is pushed to them. The token is looked at once more: it may
    /// have ended after it was recognised and before its connection was registered, where nothing would end it.
    ///
    /// # Errors
    /// `unauthenticated` where the token has ended.
    pub(crate) async fn surroundings(&self, who: &Identity) -> Result<(Vec<SessionId>, Vec<UserId>), Refusal> {
        let (user, token) = (who.user.id, who.token);
        self.store
            .read(move |db| {
                tokens::check(db, token, Time::now())?;
                Ok((members::sessions_of(db, user)?, visibility::acquaintances(db, user)?))
            })
            .await
    }

    /// What a new connection of this user is told.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn snapshot(&self, user: UserId) -> Result<Snapshot, Refusal> {
        self.store
            .read(move |db| {
                let (sessions, sessions_next) = sessions::list(db, user, Page::first(100))?;
                let (invites, invites_next) = invites::list(db, user, Direction::In, Time::now(), Page::first(50))?;
                let revs = members::revs_of(db, user)?;
                Ok(Snapshot { sessions, sessions_next, invites, invites_next, revs })
            })
            .await
    }

    /// What a connection of this user needs that tells of messages one by one: the sessions of `scope`, and `room` where they
    /// are in it. A guest who `has_entered` it just now is told of that as well.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn conversations(
        &self,
        user: UserId,
        scope: Scope,
        room: Option<SessionId>,
        has_entered: bool,
    ) -> Result<Vec<Conversation>, Refusal> {
        let mut all = self.store.read(move |db| conversations::list(db, user, scope, room)).await?;
        let own = all.iter_mut().find(|one| has_entered && Some(one.session) == room);
        own.into_iter().for_each(|one| one.received -= 1);
        Ok(all)
    }

    /// What awaits this user's answer, as much of it as a page may have; the oldest first.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn asked(&self, user: UserId) -> Result<Vec<Invite>, Refusal> {
        let page = Page::first(ASKED);
        let read = move |db: &mut Db| invites::list(db, user, Direction::In, Time::now(), page);
        let (mut asked, _) = self.store.read(read).await?;
        asked.reverse();
        Ok(asked)
    }

    /// Whether a user may write in a session now; true where the others are told that they do.
    ///
    /// # Errors
    /// `not_found` where they are not in it, `blocked` or `forbidden` where either has blocked the other.
    pub(crate) async fn may_write(&self, user: UserId, session: SessionId) -> Result<bool, Refusal> {
        self.store.read(move |db| crate::service::messages::may_write(db, session, user)).await
    }
}
