//! Queries of one connection, answered one after the other: the next only when the last answer has left the queue, so
//! that catching up never makes a connection too slow.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use actix::prelude::*;

use super::super::outbound::{Position, Stage};
use super::Connection;
use crate::domain::reply::{Hits, Invites, Members, Messages, Sessions};
use crate::domain::{Answer, Identity, NamePage, Page, Refusal, Removal, RequestId, Resync, SessionId};
use crate::protocol::Response;
use crate::protocol::native::Listing;
use crate::service::Services;
use crate::store::invites::Direction;

/// Queries that may wait; the next ones wait unread.
const WAITING: usize = 16;

/// A query.
pub(crate) enum Query {
    /// Catch up, session by session.
    Sync {
        /// The client's own name for it.
        reference: Option<RequestId>,
        /// What is left to be answered.
        sessions: VecDeque<(String, i64)>,
        /// The epoch the revs are from.
        epoch: Option<String>,
    },
    /// Read messages.
    History {
        /// The client's own name for it.
        reference: Option<RequestId>,
        /// Which session.
        session: Option<SessionId>,
        /// Only below.
        before: Option<i64>,
        /// Only above.
        after: Option<i64>,
        /// How many.
        limit: Option<i64>,
    },
    /// List my sessions.
    Sessions {
        /// The client's own name for it.
        reference: Option<RequestId>,
        /// Where the last page ended.
        cursor: Option<String>,
    },
    /// List who is in a session.
    Members {
        /// The client's own name for it.
        reference: Option<RequestId>,
        /// Which session.
        session: Option<SessionId>,
        /// Where the last page ended.
        cursor: Option<String>,
    },
    /// Search my sessions.
    Search {
        /// The client's own name for it.
        reference: Option<RequestId>,
        /// What for.
        query: String,
        /// Only here. `Some(None)`: the id named nothing.
        session: Option<Option<SessionId>>,
        /// Where the last page ended.
        cursor: Option<String>,
    },
    /// List invites.
    Invites {
        /// The client's own name for it.
        reference: Option<RequestId>,
        /// `in` or `out`.
        direction: Option<String>,
        /// Where the last page ended.
        cursor: Option<String>,
    },
}

/// One frame of an answer.
enum QueryResult {
    /// The whole answer.
    Listing(Option<RequestId>, Listing),
    /// One session's part of a sync, and the rest of it.
    Part(Resync, Query),
    /// A session of a sync that was none of the user's when it was looked for, and the sync, which still begins with it.
    Missing(String, Query),
    /// Everything has been answered.
    Done(Option<RequestId>),
    /// No.
    No(Option<RequestId>, Refusal),
}

/// Queries that wait, in line.
#[derive(Default)]
pub(crate) struct QueryQueue {
    line: VecDeque<Query>,
    busy: bool,
    /// Which session the query that is being answered is about.
    about: Option<SessionId>,
    /// Where the last answer ends in the stream.
    mark: Position,
}

impl QueryQueue {
    /// True while another query may be taken.
    pub(crate) fn takes(&self) -> bool {
        self.line.len() < WAITING
    }

    /// True where nothing is asked that is not answered.
    pub(crate) fn is_idle(&self) -> bool {
        !self.busy && self.line.is_empty()
    }
}

impl Query {
    /// Catching up with `sessions`.
    pub(crate) fn sync(reference: Option<RequestId>, sessions: BTreeMap<String, i64>, epoch: Option<String>) -> Self {
        Self::Sync { reference, sessions: sessions.into_iter().collect(), epoch }
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

    /// Leaves out the session that a sync would read next.
    fn skip(&mut self) {
        if let Self::Sync { sessions, .. } = self {
            sessions.pop_front();
        }
    }

    async fn answer(self, who: Rc<Identity>, services: Services) -> QueryResult {
        let history = &services.history;
        match self {
            Self::Sync { reference, mut sessions, epoch } => {
                let Some((name, rev)) = sessions.front().cloned() else { return QueryResult::Done(reference) };
                let part = match name.parse() {
                    Ok(id) => history.changes(who.user.id, id, rev, epoch.as_deref()).await,
                    Err(()) => Err(Refusal::NotFound),
                };
                match part {
                    Ok(part) => {
                        sessions.pop_front();
                        QueryResult::Part(part, Self::Sync { reference, sessions, epoch })
                    }
                    Err(Refusal::NotFound) => QueryResult::Missing(name, Self::Sync { reference, sessions, epoch }),
                    Err(no) => QueryResult::No(reference, no),
                }
            }
            Self::History { reference, session, before, after, limit } => {
                let read = async {
                    let session = session.ok_or(Refusal::NotFound)?;
                    history.messages(&who, session, before, after, Page::limit(limit)?).await
                };
                listed(
                    reference,
                    read.await.map(|(messages, complete)| Listing::Messages(Messages { messages, complete })),
                )
            }
            Self::Sessions { reference, cursor } => {
                let read = async { history.sessions(&who, Page::parse(None, cursor.as_deref())?).await };
                listed(reference, read.await.map(|(sessions, next)| Listing::Sessions(Sessions { sessions, next })))
            }
            Self::Members { reference, session, cursor } => {
                let read = async {
                    let session = session.ok_or(Refusal::NotFound)?;
                    history.members(&who, session, NamePage::parse(None, cursor.as_deref())?).await
                };
                listed(reference, read.await.map(|(members, next)| Listing::Members(Members { members, next })))
            }
            Self::Search { reference, query, session, cursor } => {
                let read = async {
                    let session = session.map(|id| id.ok_or(Refusal::NotFound)).transpose()?;
                    services.search.find(&who, &query, session, Page::parse(None, cursor.as_deref())?).await
                };
                listed(reference, read.await.map(|(messages, next)| Listing::Hits(Hits { messages, next })))
            }
            Self::Invites { reference, direction, cursor } => {
                let read = async {
                    let direction = match direction.as_deref() {
                        None | Some("in") => Direction::In,
                        Some("out") => Direction::Out,
                        Some(_) => return Err(Refusal::invalid("`direction` must be `in` or `out`")),
                    };
                    services.invites.list(&who, direction, Page::parse(None, cursor.as_deref())?).await
                };
                listed(reference, read.await.map(|(invites, next)| Listing::Invites(Invites { invites, next })))
            }
        }
    }
}

fn listed(reference: Option<RequestId>, answer: Result<Listing, Refusal>) -> QueryResult {
    match answer {
        Ok(listing) => QueryResult::Listing(reference, listing),
        Err(no) => QueryResult::No(reference, no),
    }
}

impl Connection {
    /// Puts a query at the end of the line.
    pub(in crate::gateway) fn query(&mut self, query: Query, ctx: &mut Context<Self>) {
        self.queries.line.push_back(query);
        self.run_queries(ctx);
    }

    /// Answers the next query if the last answer has left the queue.
    pub(in crate::gateway) fn run_queries(&mut self, ctx: &mut Context<Self>) {
        if self.queries.busy || self.link.stage() != Stage::Live {
            return;
        }
        if !self.can_answer() {
            // Nobody is there to be answered.
            self.queries.line.clear();
            return;
        }
        let has_left = self.link.queue.has_left(self.queries.mark);
        self.link.waits_for_room.set(!has_left && !self.queries.line.is_empty());
        if !has_left {
            return;
        }
        let (Some(who), Some(query)) = (self.identity.clone(), self.queries.line.pop_front()) else { return };
        self.queries.busy = true;
        self.queries.about = query.session();
        self.link.memberships.forget_removed();
        let answer = query.answer(who, self.context.services.clone());
        ctx.spawn(answer.into_actor(self).map(|found, act, ctx| act.send_result(found, ctx)));
    }

    fn send_result(&mut self, found: QueryResult, ctx: &mut Context<Self>) {
        // Read before somebody was removed and not sent yet: dropped.
        let parted = self.queries.about.take().filter(|id| self.link.memberships.was_removed(*id));
        match found {
            QueryResult::Listing(reference, _) if parted.is_some() => {
                self.refuse(reference.as_ref(), &Refusal::NotFound)
            }
            QueryResult::Listing(reference, mut listing) => {
                listing.forget(&self.link.memberships.removed());
                self.respond(reference.as_ref(), Response::Listing(&listing));
            }
            QueryResult::Part(part, rest) => {
                let gone = |session: SessionId| Resync::SessionRemoved {
                    session: session.to_string(),
                    reason: Removal::NotFound,
                };
                let part = parted.map_or(part, gone);
                self.respond(None, Response::Resync(&part));
                self.queries.line.push_front(rest);
            }
            QueryResult::Missing(name, mut sync) => {
                // Come into it since: `session_added` stands in the stream already, so it is looked for once more.
                let has_come = name.parse().is_ok_and(|id| self.link.memberships.sessions().contains(&id));
                if !has_come {
                    sync.skip();
                    let part = Resync::SessionRemoved { session: name, reason: Removal::NotFound };
                    self.respond(None, Response::Resync(&part));
                }
                self.queries.line.push_front(sync);
            }
            QueryResult::Done(reference) => {
                self.respond(reference.as_ref(), Response::Outcome(&Ok(Answer::Done)));
            }
            QueryResult::No(reference, refusal) => self.refuse(reference.as_ref(), &refusal),
        }
        self.queries.mark = self.link.queue.position();
        self.queries.busy = false;
        self.link.wake();
        self.run_queries(ctx);
    }
}
