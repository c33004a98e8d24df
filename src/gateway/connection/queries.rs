//! The queries of one connection, answered one after the other. The next is read from the database only when the last reply has
//! left the write queue, so catching up never makes a client too slow.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use actix::prelude::*;

use super::super::outbound::{Phase, Position};
use super::Connection;
use crate::domain::reply::{Hits, Invites, Members, Messages, Sessions};
use crate::domain::{Answer, Identity, NamePage, Page, Refusal, Removal, RequestId, Resync, SessionId};
use crate::protocol::Response;
use crate::protocol::native::ListPage;
use crate::rate_limit::Cost;
use crate::service::Services;
use crate::store::invites::Direction;

/// Queries of one connection that may be queued; while there are as many, it is not read from.
const MAX_QUEUED_QUERIES: usize = 16;

/// A query, with the request that its reply belongs to.
pub(crate) struct QueuedQuery {
    request: Option<RequestId>,
    kind: QueryKind,
    /// `None` once it was counted.
    cost: Option<Cost>,
}

/// What a query reads. An id is `None` where the client's names nothing; a cursor where the first page is read. `Sync` catches up
/// with its sessions one after the other, each from the last `rev` that the client has; `Search` without a session reads all of the
/// user's.
pub(crate) enum QueryKind {
    Sync { sessions: VecDeque<(String, i64)>, epoch: Option<String> },
    History { session: Option<SessionId>, before: Option<i64>, after: Option<i64>, limit: Option<i64> },
    Sessions { cursor: Option<String> },
    Members { session: Option<SessionId>, cursor: Option<String> },
    Search { query: String, session: Option<Option<SessionId>>, cursor: Option<String> },
    Invites { direction: Option<String>, cursor: Option<String> },
}

enum QueryResult {
    ListPage(ListPage),
    /// One session of a sync, and the rest of the sync.
    Part(Resync, QueryKind),
    /// A session of a sync that the user was not in when it was read, and the sync, which still begins with it.
    Missing(String, QueryKind),
    Done,
}

#[derive(Default)]
pub(crate) struct QueryQueue {
    queue: VecDeque<QueuedQuery>,
    is_reading: bool,
    /// The session that is being read.
    session: Option<SessionId>,
    /// Where the last reply ends in the stream to the client.
    position: Position,
}

impl QueryQueue {
    pub(crate) fn has_room(&self) -> bool {
        self.queue.len() < MAX_QUEUED_QUERIES
    }

    pub(crate) fn is_idle(&self) -> bool {
        !self.is_reading && self.queue.is_empty()
    }
}

impl QueryKind {
    pub(crate) fn sync(sessions: BTreeMap<String, i64>, epoch: Option<String>) -> Self {
        Self::Sync { sessions: sessions.into_iter().collect(), epoch }
    }

    /// The one session that is read next.
    fn session(&self) -> Option<SessionId> {
        match self {
            Self::Sync { sessions, .. } => sessions.front().and_then(|(name, _)| name.parse().ok()),
            Self::History { session, .. } | Self::Members { session, .. } => *session,
            Self::Search { session, .. } => session.flatten(),
            Self::Sessions { .. } | Self::Invites { .. } => None,
        }
    }

    async fn read(self, who: Rc<Identity>, services: Services) -> Result<QueryResult, Refusal> {
        let history = &services.history;
        let listing = match self {
            Self::Sync { mut sessions, epoch } => {
                let Some((name, rev)) = sessions.front().cloned() else { return Ok(QueryResult::Done) };
                let part = match name.parse() {
                    Ok(id) => history.changes(who.user.id, id, rev, epoch.as_deref()).await,
                    Err(()) => Err(Refusal::NotFound),
                };
                return match part {
                    Ok(part) => {
                        sessions.pop_front();
                        Ok(QueryResult::Part(part, Self::Sync { sessions, epoch }))
                    }
                    Err(Refusal::NotFound) => Ok(QueryResult::Missing(name, Self::Sync { sessions, epoch })),
                    Err(refusal) => Err(refusal),
                };
            }
            Self::History { session, before, after, limit } => {
                let session = session.ok_or(Refusal::NotFound)?;
                let page = history.messages(&who, session, before, after, Page::limit(limit)?).await?;
                ListPage::Messages(Messages { messages: page.0, complete: page.1 })
            }
            Self::Sessions { cursor } => {
                let (sessions, next) = history.sessions(&who, Page::parse(None, cursor.as_deref())?).await?;
                ListPage::Sessions(Sessions { sessions, next })
            }
            Self::Members { session, cursor } => {
                let session = session.ok_or(Refusal::NotFound)?;
                let page = NamePage::parse(None, cursor.as_deref())?;
                let (members, next) = history.members(&who, session, page).await?;
                ListPage::Members(Members { members, next })
            }
            Self::Search { query, session, cursor } => {
                let session = session.map(|id| id.ok_or(Refusal::NotFound)).transpose()?;
                let page = Page::parse(None, cursor.as_deref())?;
                let (messages, next) = services.search.find(&who, &query, session, page).await?;
                ListPage::Hits(Hits { messages, next })
            }
            Self::Invites { direction, cursor } => {
                let direction = match direction.as_deref() {
                    None | Some("in") => Direction::In,
                    Some("out") => Direction::Out,
                    Some(_) => return Err(Refusal::invalid("`direction` must be `in` or `out`")),
                };
                let page = Page::parse(None, cursor.as_deref())?;
                let (invites, next) = services.invites.list(&who, direction, page).await?;
                ListPage::Invites(Invites { invites, next })
            }
        };
        Ok(QueryResult::ListPage(listing))
    }
}

impl Connection {
    pub(super) fn query(&mut self, request: Option<RequestId>, kind: QueryKind, cost: Cost, ctx: &mut Context<Self>) {
        self.queries.queue.push_back(QueuedQuery { request, kind, cost: Some(cost) });
        self.run_queries(ctx);
    }

    /// Begins the next query if the last reply has left the write queue.
    pub(in crate::gateway) fn run_queries(&mut self, ctx: &mut Context<Self>) {
        if self.queries.is_reading || self.link.phase() != Phase::Live {
            return;
        }
        if !self.can_respond() {
            self.queries.queue.clear();
            return;
        }
        let has_left = self.link.queue.has_left(self.queries.position);
        self.link.query_blocked.set(!has_left && !self.queries.queue.is_empty());
        if !has_left {
            return;
        }
        let (Some(who), Some(query)) = (self.identity.clone(), self.queries.queue.pop_front()) else { return };
        self.queries.is_reading = true;
        self.queries.session = query.kind.session();
        self.link.memberships.reset_removed();
        let (services, from) = (self.context.services.clone(), self.address);
        let QueuedQuery { request, kind, cost } = query;
        let reading = async move {
            if let Some(cost) = cost {
                services.limiter.admit(who.user.id, from, cost)?;
            }
            kind.read(who, services).await
        };
        ctx.spawn(reading.into_actor(self).map(|result, act, ctx| act.send_result(request, result, ctx)));
    }

    fn send_result(
        &mut self,
        request: Option<RequestId>,
        result: Result<QueryResult, Refusal>,
        ctx: &mut Context<Self>,
    ) {
        // What was read of a session before the user was removed from it must not be sent.
        let removed = self.queries.session.take().filter(|id| self.link.memberships.was_removed(*id));
        let removal = |session| Resync::SessionRemoved { session, reason: Removal::NotFound };
        match result {
            Ok(QueryResult::ListPage(_)) if removed.is_some() => self.refuse(request.as_ref(), &Refusal::NotFound),
            Ok(QueryResult::ListPage(mut listing)) => {
                listing.forget(&self.link.memberships.removed());
                self.respond(request.as_ref(), Response::ListPage(&listing));
            }
            Ok(QueryResult::Part(part, kind)) => {
                let part = removed.map_or(part, |session| removal(session.to_string()));
                self.respond(None, Response::Resync(&part));
                self.queries.queue.push_front(QueuedQuery { request, kind, cost: None });
            }
            Ok(QueryResult::Missing(name, mut kind)) => {
                // If the user has joined it since, `session_added` is in the stream already, and it is read once more.
                let has_joined = name.parse().is_ok_and(|id| self.link.memberships.sessions().contains(&id));
                if let (false, QueryKind::Sync { sessions, .. }) = (has_joined, &mut kind) {
                    sessions.pop_front();
                    self.respond(None, Response::Resync(&removal(name)));
                }
                self.queries.queue.push_front(QueuedQuery { request, kind, cost: None });
            }
            Ok(QueryResult::Done) => self.respond(request.as_ref(), Response::Outcome(&Ok(Answer::Done))),
            Err(refusal) => self.refuse(request.as_ref(), &refusal),
        }
        self.queries.position = self.link.queue.position();
        self.queries.is_reading = false;
        self.link.wake();
        self.run_queries(ctx);
    }
}
