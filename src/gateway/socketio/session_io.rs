//! Between the protocol state of a session ([`Peer`](crate::socketio::session::Peer)) and its connection: the peer's actions are
//! carried out, and the client's events become commands.

use std::task::Context as Task;
use std::time::{Duration, Instant};

use actix::prelude::*;
use bytestring::ByteString;
use serde::Deserialize;
use tokio::time::sleep;

use super::super::connection::{Connection, Finish};
use super::super::outbound::{Framing, Phase};
use crate::domain::{Credential, Disconnect, Refusal};
use crate::protocol::ClientFrame;
use crate::protocol::registry;
use crate::socketio::codec::packet::{EventPacket, Namespace};
use crate::socketio::session::{Action, SessionEnd};
use crate::websocket::frame;
use crate::websocket::inbox::Incoming;

/// Time for `hello` after a CONNECT without a token, unless a dialect is enabled that needs no authentication.
const HELLO_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct ConnectAuth {
    token: Option<Credential>,
}

impl Connection {
    pub(in super::super) fn process_session(&mut self, ctx: &mut Context<Self>) {
        self.run_actions(ctx);
        self.process_events(ctx);
        self.finish_if_drained();
    }

    pub(in super::super) fn run_actions(&mut self, ctx: &mut Context<Self>) {
        loop {
            let Some(session) = &mut self.session else { return };
            let Some(action) = session.peer.borrow_mut().next_action() else { break };
            #[cfg(feature = "conformance")]
            let Some(action) = self.run_conformance_action(action) else { continue };
            self.run_action(action, ctx);
        }
        if let Some(session) = &self.session {
            let is_on_socket = session.peer.borrow().engine().is_on_socket();
            self.link.queue.set_framing(if is_on_socket { Framing::PacketFrames } else { Framing::Packets });
        }
    }

    fn run_action(&mut self, action: Action, ctx: &mut Context<Self>) {
        let Some(session) = &mut self.session else { return };
        match action {
            Action::AnswerPoll(body) => {
                session.answering_poll = session.poll.take().is_some_and(|poll| poll.send(body).is_ok());
                if !session.answering_poll {
                    session.peer.borrow_mut().on_poll_lost(Instant::now());
                }
            }
            Action::Frame(number, frame) if session.socket == Some(number) => {
                // Behind all that is queued for a slow client a ping would arrive too late.
                if frame == frame::data(false, b"2") {
                    self.link.queue.append_urgent(frame);
                } else {
                    self.link.queue.append(frame);
                }
                self.link.wake();
            }
            Action::CloseSocket(number, why) if session.socket == Some(number) => {
                session.socket = None;
                self.link.queue.append(self.link.close_frame(why, why.code()));
                self.link.queue.flush();
                self.link.wake();
            }
            // Of a socket that has ended.
            Action::Frame(..) | Action::CloseSocket(..) => {}
            Action::Connect(namespace, auth) => self.on_connect(&namespace, auth, ctx),
            Action::Event(..) if self.finishing.is_some_and(Finish::discards_later_events) => {}
            Action::Event(_, event) => session.inbound.push_back(event),
            Action::Disconnected(namespace) if namespace.is_main() => self.finish(Finish::Left),
            // The server sends no events that clients acknowledge.
            Action::Disconnected(_) | Action::Message(_) => {}
            Action::Ended(ended) => self.end_session(ended),
        }
    }

    /// The Engine.IO session has ended: its `sid` is forgotten and its poll fails. A POST completes when its events are processed.
    fn end_session(&mut self, ended: SessionEnd) {
        if let Some(session) = &mut self.session {
            session.ended = true;
            (session.registration, session.poll) = (None, None);
        }
        self.finish(Finish::Session(ended));
        if self.link.is_closing() {
            self.release_post();
        }
        self.link.wake();
    }

    /// Drops the events that are not processed yet, and completes their POST.
    pub(in super::super) fn release_post(&mut self) {
        if let Some(session) = &mut self.session {
            session.inbound.clear();
            session.post = None;
        }
    }

    /// The client connects to a namespace. It authenticates with that, unless the session's first request did or `hello` will.
    fn on_connect(&mut self, namespace: &Namespace, auth: Option<ByteString>, ctx: &mut Context<Self>) {
        let Some(session) = &self.session else { return };
        if !namespace.is_main() {
            return session.peer.borrow_mut().refuse(namespace, "Invalid namespace", None);
        }
        let auth = auth.map(|auth| serde_json::from_str::<ConnectAuth>(&auth));
        match (auth, &session.handshake_identity) {
            _ if self.link.phase() != Phase::Unauthenticated => {
                self.fail_handshake(Refusal::invalid("this connection is taken"));
            }
            (Some(Err(_)), _) => self.fail_handshake(Refusal::Unauthenticated),
            (Some(Ok(ConnectAuth { token: Some(token) })), _) => self.begin_handshake(Some(token), ctx),
            (_, Ok(Some(identity))) => {
                self.identity = Some(identity.clone());
                self.begin_handshake(None, ctx);
            }
            (_, Err(refusal)) => self.fail_handshake(refusal.clone()),
            (_, Ok(None)) => {
                if registry::authenticates_by_events(&self.context.services.config) {
                    self.count_unauthenticated();
                    self.link.deadlines.expect_heartbeats();
                } else {
                    self.link.deadlines.expect_hello(HELLO_TIMEOUT);
                }
                self.accept_namespace();
            }
        }
    }

    /// Accepts a pending CONNECT to the main namespace. The `sid` there is the connection's id, which is no secret.
    pub(in super::super) fn accept_namespace(&self) {
        if let Some(session) = &self.session {
            session.peer.borrow_mut().accept(&Namespace::main(), &self.link.id.to_string());
            self.link.wake();
        }
    }

    /// Refuses a pending CONNECT to the main namespace. False where the connection is no session, or is in the namespace already.
    pub(in super::super) fn refuse_namespace(&self, refusal: &Refusal) -> bool {
        let Some(session) = &self.session else { return false };
        let main = Namespace::main();
        if session.peer.borrow().is_in(&main) {
            return false;
        }
        session.peer.borrow_mut().refuse(&main, &refusal.to_string(), Some(refusal.code()));
        self.link.wake();
        true
    }

    pub(in super::super) fn on_packet(&mut self, incoming: Incoming, ctx: &mut Context<Self>) {
        let Some(session) = &mut self.session else { return };
        let Some(number) = session.socket else { return };
        let now = Instant::now();
        match incoming {
            Incoming::Text(text) => session.peer.borrow_mut().on_socket_text(number, &text.into(), now),
            Incoming::Binary(bytes) => session.peer.borrow_mut().on_socket_binary(number, bytes.freeze(), now),
            Incoming::Ping(payload) => self.link.push_urgent(frame::pong(&payload)),
            Incoming::Pong => {}
            Incoming::Close(code) => {
                session.socket = None;
                self.link.queue.append(frame::close(code, ""));
                self.link.queue.flush();
                session.peer.borrow_mut().on_socket_close(number, now);
                let has_ended = !session.peer.borrow().engine().is_open();
                if has_ended {
                    self.finish(Finish::Session(SessionEnd::ByClient));
                }
            }
        }
        self.process_session(ctx);
    }

    pub(in super::super) fn on_socket_lost(&mut self) {
        if self.session.as_ref().is_some_and(|session| session.peer.borrow().engine().is_on_socket()) {
            self.drop_undelivered();
        }
        self.link.queue.detach();
        let Some(session) = &mut self.session else { return };
        if let Some(number) = session.socket.take() {
            session.peer.borrow_mut().on_socket_close(number, Instant::now());
            self.link.wake();
        }
    }

    /// Processes the client's events, as far as the limits allow. See `connection/rate_limit.rs`.
    fn process_events(&mut self, ctx: &mut Context<Self>) {
        let rate = self.context.services.config.limits.frames();
        while self.can_take_commands() {
            let Some(session) = &mut self.session else { return };
            if session.rate_pause.is_some() {
                return;
            }
            if session.inbound.is_empty() {
                session.inbound.shrink_to(0);
                break;
            }
            // Events from a socket were counted when their frame was read.
            if !session.peer.borrow().engine().is_on_socket()
                && let Err(wait) = self.frame_bucket.take(rate, Instant::now())
            {
                session.rate_pause = Some(Box::pin(sleep(wait)));
                return self.link.wake();
            }
            if let Some(event) = session.inbound.pop_front() {
                self.extend_finish();
                self.on_event(&event, ctx);
                self.run_actions(ctx);
            }
        }
        if let Some(session) = &mut self.session
            && session.inbound.is_empty()
            && let Some(post) = session.post.take()
        {
            let _ = post.send(());
        }
    }

    /// Ends a pause of [`process_events`](Self::process_events) that is over, and has the task woken at the end of one that is
    /// not.
    pub(in super::super) fn poll_rate_pause(&mut self, task: &mut Task<'_>) {
        if let Some(session) = &mut self.session
            && let Some(pause) = &mut session.rate_pause
            && pause.as_mut().poll(task).is_ready()
        {
            session.rate_pause = None;
        }
    }

    fn on_event(&mut self, event: &EventPacket, ctx: &mut Context<Self>) {
        let limits = &self.context.services.config.limits;
        if limits.frame_bytes > 0 && event.json.len() > limits.frame_bytes {
            return self.finish(Finish::Fault(Disconnect::TooLarge));
        }
        if !self.is_authenticated() {
            self.switch_protocol_by_event(&event.name);
        }
        self.receive(ClientFrame::Event(event), ctx);
    }
}
