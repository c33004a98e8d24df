//! Carrying out the steps of a protocol.

use std::rc::Rc;
use std::time::Instant;

use actix::prelude::*;

use super::super::super::outbound::EncodedEvent;
use super::super::Connection;
use super::super::finishing::Finish;
use crate::chat::{ChatServer, FlushSubmissions};
use crate::domain::{Answer, Credential, Disconnect, Identity, Refusal, RequestId, TokenUse};
use crate::protocol::{Response, Step, Tag};
use crate::service::accounts::{AccountService, Secret};

impl Connection {
    pub(in crate::gateway) fn follow(&mut self, steps: Vec<Step>, ctx: &mut Context<Self>) {
        for step in steps {
            match step {
                Step::Send(encoded) => self.send_encoded(&encoded),
                #[cfg(feature = "conformance")]
                Step::SendFrame(frame) => {
                    self.link.push(frame);
                    self.link.wake();
                }
                Step::StartReplay => {
                    if let Some(replaying) = &mut self.replaying {
                        replaying.replay.start();
                    }
                    self.link.wake();
                }
                Step::Execute(request, command) => self.on_command(request, Ok(command), ctx),
                Step::RejectMalformed(request, refusal) => self.on_command(request, Err(refusal), ctx),
                Step::Refuse(request, refusal) => self.refuse(request.as_ref(), &refusal),
                Step::LookUpToken(tag, token) => self.authenticate_for_protocol(tag, token, ctx),
                Step::SwitchUser(tag, who) => {
                    self.reset_identity(false);
                    self.identity = Some((*who).into());
                    self.begin_handshake_as(tag, None, ctx);
                }
                Step::Authenticate(tag, token) => self.begin_handshake_as(tag, token, ctx),
                Step::EndOwnToken => self.end_own_token(ctx),
                Step::EndOtherToken(tag, who) => self.end_login(tag, *who, ctx),
                Step::Close(why) => self.finish(Finish::Fault(why)),
            }
        }
    }

    pub(super) fn send_encoded(&self, encoded: &[u8]) {
        let write = |to: &mut Vec<u8>| {
            to.extend_from_slice(encoded);
            true
        };
        let event = if self.session.is_some() { EncodedEvent::only_packet(write) } else { EncodedEvent::new(write) };
        if let Some(event) = event {
            self.link.send(&event);
            self.link.wake();
        }
    }

    fn begin_handshake_as(&mut self, tag: Tag, token: Option<Credential>, ctx: &mut Context<Self>) {
        self.handshake_request = Some(tag.into());
        self.begin_handshake(token, ctx);
    }

    fn authenticate_for_protocol(&mut self, tag: Tag, token: Credential, ctx: &mut Context<Self>) {
        self.lookup_pending = true;
        let accounts = self.context.services.accounts.clone();
        let used = TokenUse { address: self.address.to_string(), client: None };
        let authenticating = async move { accounts.authenticate(&Secret::parse(&token.0)?, used).await };
        ctx.spawn(authenticating.into_actor(self).map(move |who, act, ctx| {
            act.notice_token_end(ctx);
            act.lookup_pending = false;
            let steps = act.protocol.token_resolved(tag, who, Instant::now());
            act.follow(steps, ctx);
            act.link.wake();
        }));
    }

    fn end_own_token(&mut self, ctx: &mut Context<Self>) {
        let Some(who) = self.identity.clone() else { return };
        self.lookup_pending = true;
        self.goodbye = true;
        let ending = end(self.context.chat.clone(), self.context.services.accounts.clone(), who);
        ctx.spawn(ending.into_actor(self).map(|ended, act, _| {
            // One that has ended meanwhile has ended too.
            if !matches!(ended, Ok(()) | Err(Refusal::NotFound)) {
                act.link.close(Disconnect::TryLater);
            }
        }));
    }

    fn end_login(&mut self, tag: Tag, who: Identity, ctx: &mut Context<Self>) {
        self.lookup_pending = true;
        let ending = end(self.context.chat.clone(), self.context.services.accounts.clone(), who.into());
        ctx.spawn(ending.into_actor(self).map(move |ended, act, ctx| {
            let outcome = match ended {
                // One that has ended meanwhile has ended too.
                Ok(()) | Err(Refusal::NotFound) => Ok(Answer::Done),
                Err(Refusal::Unknown) => return act.link.close(Disconnect::TryLater),
                Err(refusal) => Err(refusal),
            };
            act.lookup_pending = false;
            let steps = act.protocol.respond(Some(&RequestId::Number(tag)), Response::Outcome(&outcome));
            act.follow(steps, ctx);
            act.link.wake();
        }));
    }
}

/// Ends a login once the messages that were sent with it are stored.
async fn end(chat: Addr<ChatServer>, accounts: AccountService, who: Rc<Identity>) -> Result<(), Refusal> {
    chat.send(FlushSubmissions).await.map_err(|_| Refusal::Unavailable)?;
    accounts.end_token(&who, who.token, None).await
}
