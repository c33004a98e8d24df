//! How each command is carried out: what concerns live state goes to the ChatServer, queries are queued, and changes are made by a
//! service. The replies to changes arrive with the events of their commits.

use std::rc::Rc;

use actix::prelude::*;

use super::super::outbound::Phase;
use super::Connection;
use super::finishing::Finish;
use super::queries::QueryKind;
use crate::chat::{MoveMark, SignalTyping, Submit};
use crate::domain::{Answer, Command, Credential, Disconnect, Draft, Identity, Mark, Refusal, RequestId, SessionId};
use crate::protocol::Response;
use crate::rate_limit::Cost;
use crate::store::Requester;

/// So many malformed frames in a row close the connection.
const MAX_MALFORMED_FRAMES: u8 = 10;

impl Connection {
    pub(super) fn on_command(
        &mut self,
        request: Option<RequestId>,
        command: Result<Command, Refusal>,
        ctx: &mut Context<Self>,
    ) {
        match command {
            Ok(command) => {
                self.malformed_frames = 0;
                self.dispatch(request, command, ctx);
            }
            // A text that is too long is a mistake of the user, and not of the client.
            Err(refusal @ Refusal::TooLarge(_)) => self.refuse(request.as_ref(), &refusal),
            Err(refusal) => {
                self.refuse(request.as_ref(), &refusal);
                self.malformed_frames += 1;
                if self.malformed_frames >= MAX_MALFORMED_FRAMES {
                    self.finish(Finish::Fault(Disconnect::NotTheProtocol));
                }
            }
        }
    }

    fn dispatch(&mut self, request: Option<RequestId>, command: Command, ctx: &mut Context<Self>) {
        match (self.link.phase(), &self.identity, command) {
            (Phase::Unauthenticated, _, Command::Hello(token)) => self.on_hello(request, token, ctx),
            (Phase::Unauthenticated, ..) => {
                self.refuse(request.as_ref(), &Refusal::Unauthenticated);
                self.link.close(Disconnect::Unauthenticated);
            }
            (_, Some(who), command) => self.execute(Rc::clone(who), request, command, ctx),
            (_, None, Command::Hello(_)) => self.refuse_second_hello(request.as_ref()),
            (_, None, _) => self.link.close(Disconnect::Unauthenticated),
        }
    }

    fn refuse_second_hello(&mut self, request: Option<&RequestId>) {
        self.refuse(request, &Refusal::invalid("`hello` was already sent"));
    }

    /// Every command has a place here: live ones go to the ChatServer, queries are queued, changes go to a service.
    fn execute(&mut self, who: Rc<Identity>, request: Option<RequestId>, command: Command, ctx: &mut Context<Self>) {
        let cost = Cost::of(&command);
        match command {
            Command::Hello(_) => self.refuse_second_hello(request.as_ref()),
            Command::Ping => self.respond(request.as_ref(), Response::Outcome(&Ok(Answer::Pong))),
            Command::Goodbye => self.finish(Finish::Goodbye),
            Command::Send(draft) => self.submit(&who, request, draft),
            Command::Mark(session, mark) => self.mark(&who, request, session, mark),
            Command::Typing(session) => self.typing(&who, request, session, ctx),
            Command::Sync { sessions, epoch } => self.query(request, QueryKind::sync(sessions, epoch), cost, ctx),
            Command::History { session, before, after, limit } => {
                self.query(request, QueryKind::History { session, before, after, limit }, cost, ctx);
            }
            Command::Sessions { cursor } => self.query(request, QueryKind::Sessions { cursor }, cost, ctx),
            Command::Invites { direction, cursor } => {
                self.query(request, QueryKind::Invites { direction, cursor }, cost, ctx);
            }
            Command::Members { session, cursor } => {
                self.query(request, QueryKind::Members { session, cursor }, cost, ctx)
            }
            Command::Search { query, session, cursor } => {
                self.query(request, QueryKind::Search { query, session, cursor }, cost, ctx);
            }
            Command::Amend { session, seq, amendment } => {
                self.change(who, request, cost, move |change| change.amend(session, seq, amendment), ctx);
            }
            Command::Invite { username, session } => {
                self.change(who, request, cost, move |change| change.invite(username, session), ctx);
            }
            Command::Answer { invite, accept } => {
                self.change(who, request, cost, move |change| change.answer(invite, accept), ctx);
            }
            Command::Open(new) => self.change(who, request, cost, move |change| change.open(new), ctx),
            Command::Join { code } => self.change(who, request, cost, move |change| change.join(code), ctx),
            Command::Leave(session) => self.change(who, request, cost, move |change| change.remove(session, None), ctx),
            Command::Remove { session, username } => {
                self.change(who, request, cost, move |change| change.remove(session, Some(username)), ctx);
            }
            Command::SetRole { session, username, role } => {
                self.change(who, request, cost, move |change| change.set_role(session, username, role), ctx);
            }
            Command::Retitle { session, title } => {
                self.change(who, request, cost, move |change| change.retitle(session, title), ctx);
            }
        }
    }

    fn submit(&self, who: &Identity, request: Option<RequestId>, draft: Draft) {
        let requester = Requester::Connection(self.link.id, request);
        // Where messages are replayed, senders receive their own as well.
        let echo = self.replaying.is_some();
        self.forward(Submit { sender: who.user.id, draft, requester, from: Some(self.address), echo });
    }

    fn mark(&mut self, who: &Identity, request: Option<RequestId>, session: Option<SessionId>, mark: Mark) {
        let Some(session) = session else { return self.refuse(request.as_ref(), &Refusal::NotFound) };
        let requester = Requester::Connection(self.link.id, request);
        self.forward(MoveMark { user: who.user.id, session, mark, requester });
    }

    /// Authenticates by a command. Only an acknowledgement of Socket.IO has its number: the `ready` of a WebSocket has no `id`.
    fn on_hello(&mut self, request: Option<RequestId>, token: Option<Credential>, ctx: &mut Context<Self>) {
        if let Some(session) = &mut self.session {
            session.uses_hello = true;
            self.handshake_request = request;
        }
        self.begin_handshake(token, ctx);
    }

    /// Forwards a command to the ChatServer; its reply arrives through the hub.
    pub(in crate::gateway) fn forward<M>(&self, message: M)
    where
        M: Message<Result = ()> + Send + 'static,
        crate::chat::ChatServer: Handler<M>,
    {
        self.link.command_started();
        // Bounded by the commands that a connection may have in flight.
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
        let checking = async move { history.may_write(user, session).await };
        ctx.spawn(checking.into_actor(self).map(move |checked, act, _| {
            act.link.command_done();
            match checked {
                Ok(is_announced) => {
                    if request.is_some() {
                        act.link.command_started();
                    }
                    let session = is_announced.then_some(session);
                    #[allow(clippy::disallowed_methods)]
                    act.context.chat.do_send(SignalTyping { connection: id, session, request_id: request });
                }
                Err(refusal) => act.refuse(request.as_ref(), &refusal),
            }
            act.link.wake();
        }));
    }
}
