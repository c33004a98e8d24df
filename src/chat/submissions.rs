//! Handlers for what connections and callers send: messages and marks, which are handed to the writer in batches, and typing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::prelude::*;

use super::messages::{FlushSubmissions, MoveMark, SignalTyping, Submit};
use super::server::ChatServer;
use crate::domain::{Answer, Audience, CommitOutput, Event, Refusal, Reply, Target};
use crate::service::messages::destination;
use crate::store::{Job, Posting, Requester};

/// How long a send that found the queue full waits for its turn; with a tick it is less than a second until `busy`.
const BUSY: Duration = Duration::from_millis(750);

impl ChatServer {
    /// Holds a job back until the mailbox is empty, so that the writer receives all of them at once.
    fn gather(&mut self, job: Job, ctx: &mut Context<Self>) {
        self.pending_jobs.push(job);
        if self.pending_jobs.len() == 1 {
            ctx.notify(FlushSubmissions);
        }
    }

    fn refuse(&mut self, requester: Requester, refusal: Refusal) {
        match requester {
            Requester::Caller(caller) => drop(caller.send(Err(refusal))),
            Requester::Shared(_) | Requester::NoOne => {}
            Requester::Connection(connection, request_id) => {
                let event = Event::Reply(Reply { request_id, outcome: Err(refusal) });
                self.deliver(vec![CommitOutput::event(Audience::Connection(connection), event)], &[]);
            }
        }
    }

    /// Replies `busy` to sends that have been queued for too long.
    pub(super) fn refuse_overdue(&mut self, now: Instant) {
        while let Some((_, claim)) = self.busy_deadlines.pop_front_if(|(at, _)| *at <= now) {
            if let Some(requester) = claim.take() {
                self.refuse(requester, Refusal::Busy);
            }
        }
    }
}

impl Handler<Submit> for ChatServer {
    type Result = ();

    fn handle(&mut self, Submit { sender, draft, requester, from, echo }: Submit, ctx: &mut Context<Self>) {
        // The writer looks at the key first, and only then at this verdict: a retry is recognised before rates are applied.
        let session = if let Target::Session(session) = draft.target { session } else { None };
        let refused = self.limiter.message(sender, session).err();
        let destination = destination(sender, &draft.target, &self.limiter, &self.failures.names, from);
        let acting = requester.connection().filter(|_| !echo);
        let posting = Posting { sender, draft, destination, refused, acting, echo };
        let (job, claim) = self.writer.post(posting, requester);
        self.busy_deadlines.extend(claim.map(|claim| (Instant::now() + BUSY, claim)));
        self.gather(job, ctx);
    }
}

impl Handler<MoveMark> for ChatServer {
    type Result = ();

    fn handle(&mut self, MoveMark { user, session, mark, requester }: MoveMark, ctx: &mut Context<Self>) {
        if self.writer.is_full() {
            return self.refuse(requester, Refusal::Busy);
        }
        let job = self.writer.mark(user, session, mark, requester);
        self.gather(job, ctx);
    }
}

impl Handler<FlushSubmissions> for ChatServer {
    type Result = ();

    fn handle(&mut self, _: FlushSubmissions, _: &mut Context<Self>) {
        self.writer.enqueue(std::mem::take(&mut self.pending_jobs));
    }
}

impl Handler<SignalTyping> for ChatServer {
    type Result = ();

    fn handle(&mut self, message: SignalTyping, _: &mut Context<Self>) {
        let SignalTyping { connection, session, request_id } = message;
        let Some(user) = self.presence.connection(connection).map(|known| known.user) else { return };
        let mut outputs = Vec::with_capacity(2);
        let mut typing = None;
        if let (Some(known), Some(session)) = (self.presence.user(user), session)
            // The membership was checked before this was queued, and may have ended since.
            && known.sessions.contains(&session)
            && self.typing.take((user, session)).is_ok()
        {
            let event = Event::Typing { session, username: Arc::clone(&known.username) };
            typing = Some(CommitOutput::event(Audience::Session(session), event).except(Some(connection)));
        }
        if self.store.is_clustered() {
            // Members may be at other nodes.
            typing.into_iter().for_each(|typing| self.store.publish(typing));
        } else {
            outputs.extend(typing);
        }
        outputs.extend(request_id.and_then(|id| CommitOutput::reply(Some((connection, Some(id))), Answer::Done)));
        self.deliver(outputs, &[]);
    }
}
