//! What becomes of a command: live ones go to the ChatServer, questions wait in line at the desks, changes go to a desk and
//! are answered in the stream.

use std::rc::Rc;

use actix::prelude::*;

use super::super::outbound::Stage;
use super::Connection;
use super::finishing::Finish;
use super::reading::Reading;
use crate::chat::{Move, Settle, Submit, Type};
use crate::desks::Desks;
use crate::dialect::protocol::Response;
use crate::limits::Address;
use crate::model::{Acting, Answer, Claim, Command, Disconnect, Identity, Refusal, RequestId, SessionId};
use crate::store::Origin;

impl Connection {
    /// Does what the client asks.
    pub(in crate::gateway) fn obey(&mut self, reference: Option<RequestId>, command: Command, ctx: &mut Context<Self>) {
        let who = match (self.link.stage(), &self.identity, command) {
            (Stage::Strange, _, Command::Hello(token)) => return self.take_hello(reference, token, ctx),
            (Stage::Strange, ..) => {
                self.refuse(reference.as_ref(), &Refusal::Unauthenticated);
                return self.link.close(Disconnect::Unauthenticated);
            }
            (_, _, Command::Hello(_)) => {
                return self.refuse(reference.as_ref(), &Refusal::invalid("`hello` was already sent"));
            }
            (_, Some(who), command) => (Rc::clone(who), command),
            (_, None, _) => return self.link.close(Disconnect::Unauthenticated),
        };
        let (who, command) = who;
        match command {
            Command::Send(draft) => {
                let origin = Origin::Connection(self.link.id, reference);
                // Where messages are replayed, senders are sent their own like everybody else.
                let echo = self.replaying.is_some();
                self.forward(Submit { sender: who.user.id, draft, origin, from: Some(self.address), echo });
            }
            Command::Mark(Some(session), mark) => {
                let origin = Origin::Connection(self.link.id, reference);
                self.forward(Move { user: who.user.id, session, mark, origin });
            }
            Command::Mark(None, _) | Command::Typing(None) => self.refuse(reference.as_ref(), &Refusal::NotFound),
            Command::Typing(Some(session)) => self.typing(&who, session, reference, ctx),
            Command::Sync { sessions, epoch } => {
                self.read(Reading::sync(reference, sessions, epoch), ctx);
            }
            Command::History { session, before, after, limit } => {
                self.read(Reading::History { reference, session, before, after, limit }, ctx);
            }
            Command::Sessions { cursor } => self.read(Reading::Sessions { reference, cursor }, ctx),
            Command::Invites { direction, cursor } => {
                self.read(Reading::Invites { reference, direction, cursor }, ctx);
            }
            Command::Members { session, cursor } => self.read(Reading::Members { reference, session, cursor }, ctx),
            Command::Search { query, session, cursor } => {
                self.read(Reading::Search { reference, query, session, cursor }, ctx);
            }
            Command::Ping => {
                self.respond(reference.as_ref(), Response::Outcome(&Ok(Answer::Pong)));
            }
            Command::Goodbye => {
                self.finish(Finish::Goodbye);
            }
            Command::Hello(_) => {}
            command => self.change(who, reference, command, ctx),
        }
    }

    /// The client authenticates by a command. Only an acknowledgement is answered by its number: the `ready` of a WebSocket
    /// has no `id`.
    fn take_hello(&mut self, request: Option<RequestId>, token: Option<Claim>, ctx: &mut Context<Self>) {
        if let Some(session) = &mut self.session {
            session.says_hello = true;
            self.arrival = request;
        }
        self.arrive(token, ctx);
    }

    /// Hands a command to the ChatServer; its answer comes through the hub.
    pub(in crate::gateway) fn forward<M>(&self, message: M)
    where
        M: Message<Result = ()> + Send + 'static,
        crate::chat::ChatServer: Handler<M>,
    {
        self.link.command_started();
        // Bounded by what each connection may have under way; beyond that it is not read.
        #[allow(clippy::disallowed_methods)]
        self.house.chat.do_send(message);
    }

    /// Lets a desk change something. A yes is answered in the stream, a no from here.
    fn change(&self, who: Rc<Identity>, reference: Option<RequestId>, command: Command, ctx: &mut Context<Self>) {
        self.link.command_started();
        let acting = Some((self.link.id, reference.clone()));
        let (chat, desks, from) = (self.house.chat.clone(), self.house.desks.clone(), self.address);
        let asking = async move {
            // Who says something and then leaves is heard first.
            chat.send(Settle).await.map_err(|_| Refusal::Unavailable)?;
            changing(desks, who, command, from, acting).await
        };
        ctx.spawn(asking.into_actor(self).map(move |answer, act, _| {
            if let Err(refusal) = answer {
                act.link.command_done();
                if refusal == Refusal::Unknown {
                    return act.link.close(Disconnect::TryLater);
                }
                act.refuse(reference.as_ref(), &refusal);
                act.link.wake();
            }
        }));
    }

    fn typing(&self, who: &Identity, session: SessionId, reference: Option<RequestId>, ctx: &mut Context<Self>) {
        let (history, user, id) = (self.house.desks.history.clone(), who.user.id, self.link.id);
        self.link.command_started();
        let looking = async move { history.may_write(user, session).await };
        ctx.spawn(looking.into_actor(self).map(move |may, act, _| {
            act.link.command_done();
            match may {
                Ok(told) => {
                    if reference.is_some() {
                        act.link.command_started();
                    }
                    #[allow(clippy::disallowed_methods)]
                    act.house.chat.do_send(Type { connection: id, session: told.then_some(session), reference });
                }
                Err(refusal) => act.refuse(reference.as_ref(), &refusal),
            }
            act.link.wake();
        }));
    }
}

/// The desk and the words for each command that changes something.
async fn changing(
    desks: Desks,
    who: Rc<Identity>,
    command: Command,
    from: Address,
    acting: Acting,
) -> Result<(), Refusal> {
    let known = |session: Option<SessionId>| session.ok_or(Refusal::NotFound);
    match command {
        Command::Amend { session, seq, amendment } => {
            desks.amendments.amend(&who, known(session)?, seq, amendment, acting).await.map(drop)
        }
        Command::Invite { username, session } => {
            let session = session.map(known).transpose()?;
            desks.invites.ask(&who, username, session, from, acting).await.map(drop)
        }
        Command::Answer { invite, accept } => desks.invites.answer(&who, invite, accept, acting).await.map(drop),
        Command::Open(new) => desks.sessions.make(&who, new, from, acting).await.map(drop),
        Command::Join { code } => desks.sessions.join(&who, &code, from, acting).await.map(drop),
        Command::Leave(session) => desks.sessions.remove(&who, known(session)?, None, acting).await.map(drop),
        Command::Remove { session, username } => {
            desks.sessions.remove(&who, known(session)?, Some(username), acting).await.map(drop)
        }
        Command::SetRole { session, username, role } => {
            desks.sessions.set_role(&who, known(session)?, username, role, acting).await.map(drop)
        }
        Command::Retitle { session, title } => {
            desks.sessions.retitle(&who, known(session)?, title, acting).await.map(drop)
        }
        // Everything else is no change; `obey` has dealt with it.
        _ => Err(Refusal::Internal),
    }
}
