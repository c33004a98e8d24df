//! What a client of an older system says, and what its translation wants done.

use std::rc::Rc;
use std::time::Instant;

use actix::prelude::*;

use super::super::connection::Connection;
use super::super::finishing::Finish;
use crate::accounts::{Accounts, Secret};
use crate::chat::{ChatServer, Settle};
use crate::dialect::translation::{Heard, Step, Tag, frame_type};
use crate::model::{Answer, Claim, Disconnect, Identity, Refusal, RequestId, TokenUse};

impl Connection {
    /// The client says something.
    pub(in super::super) fn hear(&mut self, said: Heard<'_>, ctx: &mut Context<Self>) {
        // What is said behind the end of a token is not said with it.
        self.leave_seat(ctx);
        let Some(translating) = self.translating.as_mut().filter(|translating| translating.words.knows(said.name))
        else {
            return;
        };
        let steps = translating.words.hear(said, Instant::now());
        if !steps.iter().any(|step| matches!(step, Step::Wrong(..))) {
            self.faults = 0;
        }
        self.follow(steps, ctx);
    }

    /// The client says something in a frame.
    pub(in super::super) fn hear_frame(&mut self, frame: &str, ctx: &mut Context<Self>) {
        match frame_type(frame) {
            Ok(name) => self.hear(Heard { name: &name, json: frame, ack: None }, ctx),
            Err(refusal) => self.take_command(None, Err(refusal), ctx),
        }
    }

    /// What the connection itself refuses, in the words of its dialect.
    pub(in super::super) fn refuse_in_words(&mut self, reference: Option<&RequestId>, refusal: &Refusal) {
        let Some(translating) = &mut self.translating else { return };
        let tag = reference.and_then(RequestId::number);
        for step in translating.words.answered(tag, &Err(refusal.clone())) {
            // Nothing else follows from a no.
            if let Step::Tell(words) = step {
                self.tell_words(&words);
            }
        }
    }

    /// Does what the translation wants done.
    pub(super) fn follow(&mut self, steps: Vec<Step>, ctx: &mut Context<Self>) {
        for step in steps {
            match step {
                Step::Tell(words) => self.tell_words(&words),
                Step::TellMessages => {
                    if let Some(translating) = &mut self.translating {
                        translating.replay.begin();
                    }
                    self.link.wake();
                }
                Step::Do(tag, command) => self.take_command(Some(tag.into()), Ok(command), ctx),
                Step::Wrong(tag, refusal) => self.take_command(tag.map(Into::into), Err(refusal), ctx),
                Step::Recognise(tag, token) => self.recognise_for_words(tag, token, ctx),
                Step::Arrive(tag, who) => {
                    self.rise(false);
                    self.identity = Some((*who).into());
                    self.arrive_as(tag, None, ctx);
                }
                Step::ArriveWith(tag, token) => self.arrive_as(tag, token, ctx),
                Step::EndToken => self.end_own_token(ctx),
                Step::EndLogin(tag, who) => self.end_login(tag, *who, ctx),
                Step::Close(why) => self.finish(Finish::Fault(why)),
            }
        }
    }

    fn tell_words(&self, words: &[u8]) {
        if let Some(said) = self.in_words(words) {
            self.link.tell(&said);
            self.link.wake();
        }
    }

    fn arrive_as(&mut self, tag: Tag, token: Option<Claim>, ctx: &mut Context<Self>) {
        if let Some(translating) = &mut self.translating {
            translating.arrival = tag;
        }
        self.arrive(token, ctx);
    }

    fn recognise_for_words(&mut self, tag: Tag, token: Claim, ctx: &mut Context<Self>) {
        let Some(translating) = &mut self.translating else { return };
        translating.asks = true;
        let accounts = self.house.desks.accounts.clone();
        let used = TokenUse { address: self.address.to_string(), client: None };
        let looking = async move { accounts.authenticate(&Secret::parse(&token.0)?, used).await };
        ctx.spawn(looking.into_actor(self).map(move |who, act, ctx| {
            act.leave_seat(ctx);
            let Some(translating) = &mut act.translating else { return };
            translating.asks = false;
            let steps = translating.words.recognised(tag, who, Instant::now());
            act.follow(steps, ctx);
            act.link.wake();
        }));
    }

    fn end_own_token(&mut self, ctx: &mut Context<Self>) {
        let (Some(translating), Some(who)) = (&mut self.translating, self.identity.clone()) else { return };
        translating.asks = true;
        self.goodbye = true;
        let ending = end(self.house.chat.clone(), self.house.desks.accounts.clone(), who);
        ctx.spawn(ending.into_actor(self).map(|ended, act, _| {
            // Ended meanwhile is ended too.
            if !matches!(ended, Ok(()) | Err(Refusal::NotFound)) {
                act.link.close(Disconnect::TryLater);
            }
        }));
    }

    fn end_login(&mut self, tag: Tag, who: Identity, ctx: &mut Context<Self>) {
        let Some(translating) = &mut self.translating else { return };
        translating.asks = true;
        let ending = end(self.house.chat.clone(), self.house.desks.accounts.clone(), who.into());
        ctx.spawn(ending.into_actor(self).map(move |ended, act, ctx| {
            let outcome = match ended {
                // Ended meanwhile is ended too.
                Ok(()) | Err(Refusal::NotFound) => Ok(Answer::Done),
                Err(Refusal::Unknown) => return act.link.close(Disconnect::TryLater),
                Err(refusal) => Err(refusal),
            };
            let Some(translating) = &mut act.translating else { return };
            translating.asks = false;
            let steps = translating.words.answered(Some(tag), &outcome);
            act.follow(steps, ctx);
            act.link.wake();
        }));
    }
}

/// Ends a login, behind what was said with it.
async fn end(chat: Addr<ChatServer>, accounts: Accounts, who: Rc<Identity>) -> Result<(), Refusal> {
    chat.send(Settle).await.map_err(|_| Refusal::Unavailable)?;
    accounts.end_token(&who, who.token, None).await
}
