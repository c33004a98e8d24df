//! What connections and callers send: messages, marks and typing. Messages and marks go to the writer, those that come together
//! in one batch.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::prelude::*;

use super::messages::{Move, Settle, Submit, Type};
use super::server::ChatServer;
use crate::domain::{Answer, Audience, Delivery, Event, Refusal, Reply, Target};
use crate::service::messages::RULES;
use crate::store::{Job, Opening, Origin, Posting};

/// Whoever found the queue full waits at most so long behind it; together with a tick less than a second.
const BUSY: Duration = Duration::from_millis(750);

impl ChatServer {
    /// Keeps work until everything that is in the mailbox now has been looked at, so that it goes to the writer together.
    fn gather(&mut self, job: Job, ctx: &mut Context<Self>) {
        self.gathered.push(job);
        if self.gathered.len() == 1 {
            ctx.notify(HandOver);
        }
    }

    /// Says no to whoever waits.
    fn refuse(&mut self, origin: Origin, refusal: Refusal) {
        match origin {
            Origin::Caller(caller) => drop(caller.send(Err(refusal))),
            Origin::Claimed(_) | Origin::Nobody => {}
            Origin::Connection(connection, reference) => {
                let event = Event::Answered(Reply { reference, outcome: Err(refusal) });
                self.deliver(vec![Delivery::new(Audience::Connection(connection), event)], &[]);
            }
        }
    }

    /// Says `busy` to those who have waited for it long enough.
    pub(super) fn refuse_waiting(&mut self, now: Instant) {
        while let Some((_, claim)) = self.refusals.pop_front_if(|(at, _)| *at <= now) {
            if let Some(origin) = claim.take() {
                self.refuse(origin, Refusal::Busy);
            }
        }
    }
}

impl Handler<Submit> for ChatServer {
    type Result = ();

    fn handle(&mut self, Submit { sender, draft, origin, from, echo }: Submit, ctx: &mut Context<Self>) {
        // The writer looks at the key before it says this: a retry is recognised before rates are applied.
        let in_lobby = matches!(draft.target, Target::Session(Some(session)) if Some(session) == self.lobby);
        let verdict = self.sends.say(sender, in_lobby).err();
        let opening = matches!(draft.target, Target::User(_)).then(|| Opening {
            openings: Arc::clone(&self.openings),
            names: Arc::clone(&self.names),
            from,
        });
        let acting = origin.connection().filter(|_| !echo);
        let (job, claim) =
            self.writer.post(Posting { sender, draft, verdict, acting, opening, rules: RULES, echo }, origin);
        self.refusals.extend(claim.map(|claim| (Instant::now() + BUSY, claim)));
        self.gather(job, ctx);
    }
}

impl Handler<Move> for ChatServer {
    type Result = ();

    fn handle(&mut self, Move { user, session, mark, origin }: Move, ctx: &mut Context<Self>) {
        if self.writer.is_full() {
            return self.refuse(origin, Refusal::Busy);
        }
        let job = self.writer.mark(user, session, mark, origin);
        self.gather(job, ctx);
    }
}

/// Everything that was in the mailbox before has been looked at.
#[derive(Message)]
#[rtype(result = "()")]
struct HandOver;

impl Handler<HandOver> for ChatServer {
    type Result = ();

    fn handle(&mut self, _: HandOver, _: &mut Context<Self>) {
        self.writer.hand_over(std::mem::take(&mut self.gathered));
    }
}

impl Handler<Settle> for ChatServer {
    type Result = ();

    fn handle(&mut self, _: Settle, _: &mut Context<Self>) {
        self.writer.hand_over(std::mem::take(&mut self.gathered));
    }
}

impl Handler<Type> for ChatServer {
    type Result = ();

    fn handle(&mut self, Type { connection, session, reference }: Type, _: &mut Context<Self>) {
        let Some(user) = self.people.connection(connection).map(|known| known.user) else { return };
        let mut told = Vec::with_capacity(2);
        if let (Some(person), Some(session)) = (self.people.person(user), session)
            // Looked at before it came here; somebody removed since is not told to be writing.
            && person.sessions.contains(&session)
            && self.typing.take((user, session)).is_ok()
        {
            let event = Event::Typing { session, username: Arc::clone(&person.username) };
            told.push(Delivery::new(Audience::Session(session), event).except(Some(connection)));
        }
        if reference.is_some() {
            let reply = Reply { reference, outcome: Ok(Answer::Done) };
            told.push(Delivery::new(Audience::Connection(connection), Event::Answered(reply)));
        }
        self.deliver(told, &[]);
    }
}
