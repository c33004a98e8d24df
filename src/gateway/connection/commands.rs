//! What becomes of a command: live ones go to the ChatServer, queries wait in line, changes go to a service and are answered in
//! the stream.

use std::rc::Rc;

use actix::prelude::*;

use super::super::outbound::Stage;
use super::Connection;
use super::finishing::Finish;
use super::queries::Query;
use crate::chat::{Move, Submit, Type};
use crate::domain::{Answer, Claim, Command, Disconnect, Draft, Identity, Mark, Refusal, RequestId, SessionId};
use crate::protocol::Response;
use crate::store::Origin;

impl Connection {
    /// Does what the client asks, as far as it is authenticated.
    pub(in crate::gateway) fn obey(&mut self, request: Option<RequestId>, command: Command, ctx: &mut Context<Self>) {
        match (self.link.stage(), &self.identity, command) {
            (Stage::Strange, _, Command::Hello(token)) => self.take_hello(request, token, ctx),
            (Stage::Strange, ..) => {
                self.refuse(request.as_ref(), &Refusal::Unauthenticated);
                self.link.close(Disconnect::Unauthenticated);
            }
            (_, Some(who), command) => self.carry_out_command(Rc::clone(who), request, command, ctx),
            (_, None, Command::Hello(_)) => self.refuse_second_hello(request.as_ref()),
            (_, None, _) => self.link.close(Disconnect::Unauthenticated),
        }
    }

    fn refuse_second_hello(&mut self, request: Option<&RequestId>) {
        self.refuse(request, &Refusal::invalid("`hello` was already sent"));
    }

    /// Every command has a place here: live ones go to the ChatServer, queries wait in line, changes go to a service.
    fn carry_out_command(
        &mut self,
        who: Rc<Identity>,
        request: Option<RequestId>,
        command: Command,
        ctx: &mut Context<Self>,
    ) {
        match command {
            Command::Hello(_) => self.refuse_second_hello(request.as_ref()),
            Command::Ping => self.respond(request.as_ref(), Response::Outcome(&Ok(Answer::Pong))),
            Command::Goodbye => self.finish(Finish::Goodbye),
            Command::Send(draft) => self.send(&who, request, draft),
            Command::Mark(session, mark) => self.mark(&who, request, session, mark),
            Command::Typing(session) => self.typing(&who, request, session, ctx),
            Command::Sync { sessions, epoch } => self.query(Query::sync(request, sessions, epoch), ctx),
            Command::History { session, before, after, limit } => {
                self.query(Query::History { reference: request, session, before, after, limit }, ctx);
            }
            Command::Sessions { cursor } => self.query(Query::Sessions { reference: request, cursor }, ctx),
            Command::Invites { direction, cursor } => {
                self.query(Query::Invites { reference: request, direction, cursor }, ctx);
            }
            Command::Members { session, cursor } => {
                self.query(Query::Members { reference: request, session, cursor }, ctx);
            }
            Command::Search { query, session, cursor } => {
                self.query(Query::Search { reference: request, query, session, cursor }, ctx);
            }
            Command::Amend { session, seq, amendment } => {
                self.change(who, request, move |change| change.amend(session, seq, amendment), ctx);
            }
            Command::Invite { username, session } => {
                self.change(who, request, move |change| change.invite(username, session), ctx);
            }
            Command::Answer { invite, accept } => {
                self.change(who, request, move |change| change.answer(invite, accept), ctx);
            }
            Command::Open(new) => self.change(who, request, move |change| change.open(new), ctx),
            Command::Join { code } => self.change(who, request, move |change| change.join(code), ctx),
            Command::Leave(session) => self.change(who, request, move |change| change.remove(session, None), ctx),
            Command::Remove { session, username } => {
                self.change(who, request, move |change| change.remove(session, Some(username)), ctx);
            }
            Command::SetRole { session, username, role } => {
                self.change(who, request, move |change| change.set_role(session, username, role), ctx);
            }
            Command::Retitle { session, title } => {
                self.change(who, request, move |change| change.retitle(session, title), ctx);
            }
        }
    }

    fn send(&self, who: &Identity, request: Option<RequestId>, draft: Draft) {
        let origin = Origin::Connection(self.link.id, request);
        // Where messages are replayed, senders are sent their own like everybody else.
        let echo = self.replaying.is_some();
        self.forward(Submit { sender: who.user.id, draft, origin, from: Some(self.address), echo });
    }

    fn mark(&mut self, who: &Identity, request: Option<RequestId>, session: Option<SessionId>, mark: Mark) {
        let Some(session) = session else { return self.refuse(request.as_ref(), &Refusal::NotFound) };
        let origin = Origin::Connection(self.link.id, request);
        self.forward(Move { user: who.user.id, session, mark, origin });
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
        self.context.chat.do_send(message);
    }

    fn typing(
        &mut self,
        who: &Identity,
        request: Option<RequestId>,
        session: Option<SessionId>,
        ctx: &mut Context<Self>,
    ) {
        let Some(session) = session else { return self.refuse(request.as_ref(), &Refusal::NotFound) };
        let (history, user, id) = (self.context.services.history.clone(), who.user.id, self.link.id);
        self.link.command_started();
        let looking = async move { history.may_write(user, session).await };
        ctx.spawn(looking.into_actor(self).map(move |may, act, _| {
            act.link.command_done();
            match may {
                Ok(told) => {
                    if request.is_some() {
                        act.link.command_started();
                    }
                    #[allow(clippy::disallowed_methods)]
                    act.context.chat.do_send(Type {
                        connection: id,
                        session: told.then_some(session),
                        reference: request,
                    });
                }
                Err(refusal) => act.refuse(request.as_ref(), &refusal),
            }
            act.link.wake();
        }));
    }
}
