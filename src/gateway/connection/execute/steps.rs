//! Doing what a protocol wants done.

use std::rc::Rc;
use std::time::Instant;

use actix::prelude::*;

use super::super::super::outbound::EncodedEvent;
use super::super::Connection;
use super::super::finishing::Finish;
use crate::chat::{ChatServer, Settle};
use crate::domain::{Answer, Claim, Disconnect, Identity, Refusal, RequestId, TokenUse};
use crate::protocol::{Response, Step, Tag};
use crate::service::accounts::{Accounts, Secret};

impl Connection {
    /// Does what the protocol wants done.
    pub(in crate::gateway) fn follow(&mut self, steps: Vec<Step>, ctx: &mut Context<Self>) {
        for step in steps {
            match step {
                Step::Send(words) => self.send_words(&words),
                #[cfg(feature = "conformance")]
                Step::SendFrame(frame) => {
                    self.link.push(frame);
                    self.link.wake();
                }
                Step::StartReplay => {
                    if let Some(replaying) = &mut self.replaying {
                        replaying.replay.begin();
                    }
                    self.link.wake();
                }
                Step::Do(request, command) => self.take_command(request, Ok(command), ctx),
                Step::Wrong(request, refusal) => self.take_command(request, Err(refusal), ctx),
                Step::Refuse(request, refusal) => self.refuse(request.as_ref(), &refusal),
                Step::Recognise(tag, token) => self.recognise_for_protocol(tag, token, ctx),
                Step::Arrive(tag, who) => {
                    self.become_nobodys(false);
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

    /// Sends what the protocol has encoded.
    pub(in crate::gateway) fn send_words(&self, words: &[u8]) {
        if let Some(said) = self.encoded(words) {
            self.link.tell(&said);
            self.link.wake();
        }
    }

    /// What the protocol has encoded as it goes to this client: as a packet, or as a frame.
    pub(super) fn encoded(&self, words: &[u8]) -> Option<EncodedEvent> {
        let write = |to: &mut Vec<u8>| {
            to.extend_from_slice(words);
            true
        };
        if self.session.is_some() { EncodedEvent::only_packet(write) } else { EncodedEvent::new(write) }
    }

    fn arrive_as(&mut self, tag: Tag, token: Option<Claim>, ctx: &mut Context<Self>) {
        self.arrival = Some(tag.into());
        self.arrive(token, ctx);
    }

    fn recognise_for_protocol(&mut self, tag: Tag, token: Claim, ctx: &mut Context<Self>) {
        self.looks_up = true;
        let accounts = self.context.services.accounts.clone();
        let used = TokenUse { address: self.address.to_string(), client: None };
        let looking = async move { accounts.authenticate(&Secret::parse(&token.0)?, used).await };
        ctx.spawn(looking.into_actor(self).map(move |who, act, ctx| {
            act.notice_token_end(ctx);
            act.looks_up = false;
            let steps = act.protocol.recognised(tag, who, Instant::now());
            act.follow(steps, ctx);
            act.link.wake();
        }));
    }

    fn end_own_token(&mut self, ctx: &mut Context<Self>) {
        let Some(who) = self.identity.clone() else { return };
        self.looks_up = true;
        self.goodbye = true;
        let ending = end(self.context.chat.clone(), self.context.services.accounts.clone(), who);
        ctx.spawn(ending.into_actor(self).map(|ended, act, _| {
            // Ended meanwhile is ended too.
            if !matches!(ended, Ok(()) | Err(Refusal::NotFound)) {
                act.link.close(Disconnect::TryLater);
            }
        }));
    }

    fn end_login(&mut self, tag: Tag, who: Identity, ctx: &mut Context<Self>) {
        self.looks_up = true;
        let ending = end(self.context.chat.clone(), self.context.services.accounts.clone(), who.into());
        ctx.spawn(ending.into_actor(self).map(move |ended, act, ctx| {
            let outcome = match ended {
                // Ended meanwhile is ended too.
                Ok(()) | Err(Refusal::NotFound) => Ok(Answer::Done),
                Err(Refusal::Unknown) => return act.link.close(Disconnect::TryLater),
                Err(refusal) => Err(refusal),
            };
            act.looks_up = false;
            let steps = act.protocol.respond(Some(&RequestId::Number(tag)), Response::Outcome(&outcome));
            act.follow(steps, ctx);
            act.link.wake();
        }));
    }
}

/// Ends a login, behind what was sent with it.
async fn end(chat: Addr<ChatServer>, accounts: Accounts, who: Rc<Identity>) -> Result<(), Refusal> {
    chat.send(Settle).await.map_err(|_| Refusal::Unavailable)?;
    accounts.end_token(&who, who.token, None).await
}
