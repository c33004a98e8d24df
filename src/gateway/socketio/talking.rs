//! Between a peer and the connection above it: what the peer tells is carried out, what its client says becomes commands.

use std::task::Context as Task;
use std::time::{Duration, Instant};

use actix::prelude::*;
use bytestring::ByteString;
use serde::Deserialize;
use tokio::time::sleep;

use super::super::connection::{Connection, Finish};
use super::super::outbound::{Framing, Stage};
use crate::domain::{Claim, Disconnect, Refusal};
use crate::protocol::ClientFrame;
use crate::protocol::registry;
use crate::socketio::codec::packet::{Event, Namespace};
use crate::socketio::session::{Action, Ended};
use crate::websocket::frame;
use crate::websocket::inbox::Incoming;

/// Who comes without a token must say `hello` by then, unless there is a dialect in which one may say nothing at all.
const NAMELESS: Duration = Duration::from_secs(10);

/// What a client may say when it connects.
#[derive(Deserialize)]
struct Auth {
    token: Option<Claim>,
}

impl Connection {
    /// Carries out what the peer tells, and looks at what its client has said.
    pub(in super::super) fn go_on(&mut self, ctx: &mut Context<Self>) {
        self.carry_out(ctx);
        self.take_received(ctx);
        self.go_on_finishing();
    }

    /// Carries out all that the peer tells.
    pub(in super::super) fn carry_out(&mut self, ctx: &mut Context<Self>) {
        loop {
            let Some(session) = &mut self.session else { return };
            let Some(action) = session.peer.borrow_mut().next_action() else { break };
            #[cfg(feature = "conformance")]
            let Some(action) = self.conform(action) else { continue };
            let Some(session) = &mut self.session else { return };
            match action {
                Action::AnswerPoll(body) => {
                    session.answers = session.poll.take().is_some_and(|poll| poll.send(body).is_ok());
                    if !session.answers {
                        session.peer.borrow_mut().on_poll_lost(Instant::now());
                    }
                }
                Action::Frame(number, frame) if session.socket == Some(number) => {
                    // A ping that waited behind all that a slow reader has to take would come too late.
                    if frame == frame::data(false, b"2") {
                        self.link.queue.append_urgent(frame);
                    } else {
                        self.link.queue.append(frame);
                    }
                    self.link.wake();
                }
                Action::CloseSocket(number, why) if session.socket == Some(number) => {
                    let last = self.link.close_frame(why, why.code());
                    self.link.queue.append(last);
                    self.link.queue.flush();
                    session.socket = None;
                    self.link.wake();
                }
                // Of a socket that is gone.
                Action::Frame(..) | Action::CloseSocket(..) => {}
                Action::Connect(namespace, auth) => self.connect(&namespace, auth, ctx),
                Action::Event(..) if self.finishing.is_some_and(Finish::is_deaf) => {}
                Action::Event(_, event) => session.received.push_back(event),
                Action::Disconnected(namespace) if namespace.is_main() => self.finish(Finish::Left),
                // Nothing is asked of clients.
                Action::Disconnected(_) | Action::Ack(..) | Action::Message(_) => {}
                Action::Ended(ended) => self.end_session(ended),
            }
        }
        if let Some(session) = &self.session {
            let is_on_socket = session.peer.borrow().line().is_on_socket();
            self.link.queue.set_framing(if is_on_socket { Framing::PacketFrames } else { Framing::Packets });
        }
    }

    /// The session is over: its name means nothing any more, and its requests are let go, a post only when what it said is
    /// carried out.
    fn end_session(&mut self, ended: Ended) {
        if let Some(session) = &mut self.session {
            session.over = true;
            (session.entry, session.poll) = (None, None);
        }
        self.finish(Finish::Session(ended));
        if self.link.is_closing() {
            self.let_post_go();
        }
        self.link.wake();
    }

    /// What the client has said is not looked at any more, where anything is left of it.
    pub(in super::super) fn let_post_go(&mut self) {
        if let Some(session) = &mut self.session {
            session.received.clear();
            session.post = None;
        }
    }

    /// The client wants into a namespace: with that it says who it is, unless the handshake did, or `hello` will.
    fn connect(&mut self, namespace: &Namespace, auth: Option<ByteString>, ctx: &mut Context<Self>) {
        let Some(session) = &self.session else { return };
        if !namespace.is_main() {
            return session.peer.borrow_mut().refuse(namespace, "Invalid namespace", None);
        }
        let auth = auth.map(|auth| serde_json::from_str::<Auth>(&auth));
        match (auth, &session.carried) {
            _ if self.link.stage() != Stage::Strange => self.reject(Refusal::invalid("this connection is taken")),
            (Some(Err(_)), _) => self.reject(Refusal::Unauthenticated),
            (Some(Ok(Auth { token: Some(token) })), _) => self.arrive(Some(token), ctx),
            (_, Ok(Some(identity))) => {
                self.identity = Some(identity.clone().into());
                self.arrive(None, ctx);
            }
            (_, Err(refusal)) => {
                let refusal = refusal.clone();
                self.reject(refusal);
            }
            (_, Ok(None)) => {
                if registry::authenticates_by_events(&self.context.services.config) {
                    self.count_unauthenticated();
                    self.link.deadlines.expect_heartbeats();
                } else {
                    self.link.deadlines.expect_hello(NAMELESS);
                }
                self.let_into_namespace();
            }
        }
    }

    /// Lets the client into the namespace that it wants into, if it does. The `sid` there is the connection's id, no secret.
    pub(in super::super) fn let_into_namespace(&self) {
        if let Some(session) = &self.session {
            session.peer.borrow_mut().accept(&Namespace::main(), &self.link.id.to_string());
            self.link.wake();
        }
    }

    /// Tells a client that wants into the namespace why it is not let in; `false` where none wants.
    pub(in super::super) fn keep_out_of_namespace(&self, refusal: &Refusal) -> bool {
        let Some(session) = &self.session else { return false };
        let main = Namespace::main();
        if session.peer.borrow().is_in(&main) {
            return false;
        }
        session.peer.borrow_mut().refuse(&main, &refusal.to_string(), Some(refusal.code()));
        self.link.wake();
        true
    }

    /// What came in a frame.
    pub(in super::super) fn take_packet(&mut self, incoming: Incoming, ctx: &mut Context<Self>) {
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
                let is_over = !session.peer.borrow().line().is_open();
                if is_over {
                    self.finish(Finish::Session(Ended::Said));
                }
            }
        }
        self.go_on(ctx);
    }

    /// The socket has ended.
    pub(in super::super) fn lose_socket(&mut self) {
        if self.session.as_ref().is_some_and(|session| session.peer.borrow().line().is_on_socket()) {
            self.lose_untaken();
        }
        self.link.queue.detach();
        let Some(session) = &mut self.session else { return };
        if let Some(number) = session.socket.take() {
            session.peer.borrow_mut().on_socket_close(number, Instant::now());
            self.link.wake();
        }
    }

    /// Looks at what was said, for as long as commands may be taken.
    fn take_received(&mut self, ctx: &mut Context<Self>) {
        let rate = self.context.services.config.limits.frames();
        while self.takes_commands() {
            let Some(session) = &mut self.session else { return };
            if session.pause.is_some() {
                return;
            }
            if session.received.is_empty() {
                session.received.shrink_to(0);
                break;
            }
            // What came in frames was counted there.
            if !session.peer.borrow().line().is_on_socket() {
                let now = Instant::now();
                if let Err(wait) = self.frames.take(rate, now) {
                    session.pause = Some(Box::pin(sleep(wait)));
                    return self.link.wake();
                }
            }
            if let Some(event) = session.received.pop_front() {
                self.extend_finish();
                self.take_event(&event, ctx);
                self.carry_out(ctx);
            }
        }
        if let Some(session) = &mut self.session
            && session.received.is_empty()
            && let Some(post) = session.post.take()
        {
            let _ = post.send(());
        }
    }

    /// Where the rate is used up, has the task woken when it is not any more.
    pub(in super::super) fn rest(&mut self, task: &mut Task<'_>) {
        if let Some(session) = &mut self.session
            && let Some(pause) = &mut session.pause
            && pause.as_mut().poll(task).is_ready()
        {
            session.pause = None;
        }
    }

    fn take_event(&mut self, event: &Event, ctx: &mut Context<Self>) {
        let limits = &self.context.services.config.limits;
        if limits.frame_bytes > 0 && event.json.len() > limits.frame_bytes {
            return self.finish(Finish::Fault(Disconnect::TooLarge));
        }
        if !self.is_authenticated() {
            self.speak_as_sent(&event.name);
        }
        self.receive(ClientFrame::Event(event), ctx);
    }
}
