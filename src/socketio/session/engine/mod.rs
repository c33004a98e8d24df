//! One Engine.IO session as a state machine: its transport, its outbound queue and its end.
//!
//! Inputs return at once; their outputs are collected by [`EngineSession::next_action`] until it returns `None`. Only then a
//! pending poll is answered, so that one response has everything that was sent before. Inputs carry the time as `now`;
//! between them the caller calls [`EngineSession::tick`] at [`EngineSession::next_deadline`].

mod closing;
mod polling;
mod websocket;

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Instant;

use bytes::Bytes;

use super::action::{Action, EngineMessage, SessionEnd, SocketNo};
use super::config::SessionConfig;
use super::heartbeat::{Heartbeat, HeartbeatAction};
use super::outgoing::{Outgoing, OutgoingQueue, poll_response};
use crate::domain::Disconnect;
use crate::socketio::codec::engine::{EnginePacket, Handshake, Revision};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Open,
    /// Ends once a poll has collected the queued packets, at `deadline` at the latest. Packets of the client are ignored.
    Closing {
        why: Disconnect,
        deadline: Instant,
    },
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carrier {
    Polling,
    /// Polling, while the client tries a WebSocket.
    Probing {
        socket: SocketNo,
        /// The probe was answered: polls are answered at once.
        probed: bool,
        deadline: Instant,
    },
    /// A WebSocket, until the end.
    Socket(SocketNo),
}

#[derive(Debug)]
pub(crate) struct EngineSession {
    revision: Revision,
    /// The client cannot receive binary data.
    base64: bool,
    config: Rc<SessionConfig>,
    stage: Stage,
    carrier: Carrier,
    /// A poll is pending.
    poll: bool,
    /// The body of a post is being received.
    post: bool,
    /// Since when no poll has been pending.
    last_poll: Instant,
    heartbeat: Heartbeat,
    /// The server does not read from the client at the moment.
    is_paused: bool,
    queue: OutgoingQueue,
    actions: VecDeque<Action>,
    /// Sockets that were opened.
    sockets: u32,
    packets_queued: u64,
    packets_written: u64,
    now: Instant,
}

impl EngineSession {
    /// A session that begins with a poll: the first action answers it with the handshake. `base64`: the client cannot receive
    /// binary data.
    pub(crate) fn by_polling(
        config: Rc<SessionConfig>,
        revision: Revision,
        base64: bool,
        sid: &str,
        now: Instant,
    ) -> Self {
        let mut engine = Self::new(config, revision, base64, now);
        let body = poll_response(revision, base64, engine.handshake(sid, &["websocket"]));
        (engine.packets_queued, engine.packets_written) = (1, 1);
        engine.actions.push_back(Action::AnswerPoll(body));
        engine
    }

    /// A session that begins with a WebSocket: the first action sends the handshake.
    pub(crate) fn by_socket(
        config: Rc<SessionConfig>,
        revision: Revision,
        base64: bool,
        sid: &str,
        now: Instant,
    ) -> (Self, SocketNo) {
        let mut engine = Self::new(config, revision, base64, now);
        let socket = engine.new_socket();
        engine.carrier = Carrier::Socket(socket);
        engine.push(Outgoing::packet(engine.handshake(sid, &[])));
        (engine, socket)
    }

    fn new(config: Rc<SessionConfig>, revision: Revision, base64: bool, now: Instant) -> Self {
        let heartbeat = Heartbeat::new(revision, &config, now);
        Self {
            revision,
            base64,
            config,
            stage: Stage::Open,
            carrier: Carrier::Polling,
            poll: false,
            post: false,
            last_poll: now,
            heartbeat,
            is_paused: false,
            queue: OutgoingQueue::default(),
            actions: VecDeque::new(),
            sockets: 0,
            packets_queued: 0,
            packets_written: 0,
            now,
        }
    }

    fn handshake(&self, sid: &str, upgrades: &[&str]) -> EnginePacket {
        let config = &self.config;
        let handshake = Handshake {
            sid,
            upgrades,
            ping_interval: config.ping_interval.as_millis(),
            ping_timeout: config.ping_timeout.as_millis(),
            max_payload: config.post.bytes,
        };
        handshake.packet()
    }

    pub(crate) const fn revision(&self) -> Revision {
        self.revision
    }

    pub(crate) fn is_open(&self) -> bool {
        self.stage == Stage::Open
    }

    /// True where the transport is a WebSocket: packets are not queued here.
    pub(crate) const fn is_on_socket(&self) -> bool {
        matches!(self.carrier, Carrier::Socket(_))
    }

    /// The time of the latest input.
    pub(crate) const fn now(&self) -> Instant {
        self.now
    }

    /// All packets sent so far, those of the transport itself among them.
    pub(crate) const fn packets_queued(&self) -> u64 {
        self.packets_queued
    }

    /// Those of them that were written to a response or a socket.
    pub(crate) const fn packets_written(&self) -> u64 {
        self.packets_written
    }

    /// Bytes that are queued for the next poll.
    pub(crate) const fn queued_bytes(&self) -> usize {
        self.queue.bytes()
    }

    pub(crate) const fn pause_reading(&mut self, is_paused: bool) {
        self.is_paused = is_paused;
    }

    pub(crate) fn next_action(&mut self) -> Option<Action> {
        if self.actions.is_empty() && self.poll && (!self.queue.is_empty() || self.answers_polls_at_once()) {
            self.flush_poll();
        }
        let action = self.actions.pop_front();
        if action.is_none() {
            // Idle sessions are many, so free the memory.
            self.actions = VecDeque::new();
        }
        action
    }

    /// Sends a packet; without effect once the session is closing. A queue beyond its bound ends the session.
    pub(crate) fn send(&mut self, packet: Outgoing) {
        if self.is_open() {
            self.push(packet);
        }
    }

    pub(crate) fn send_shared(&mut self, packet: &Outgoing) -> Option<Bytes> {
        if self.is_open() && self.is_on_socket() && self.actions.is_empty() {
            self.packets_queued += 1;
            self.packets_written += 1;
            return Some(packet.frame(self.revision, self.base64));
        }
        self.send(packet.clone());
        None
    }

    pub(crate) fn tick(&mut self, now: Instant) {
        self.now = self.now.max(now);
        match self.stage {
            Stage::Open => {}
            Stage::Closing { why, deadline } if now >= deadline => return self.end(SessionEnd::ByServer(why)),
            Stage::Closing { .. } | Stage::Over => return,
        }
        if matches!(self.carrier, Carrier::Probing { deadline, .. } if now >= deadline) {
            self.drop_probe(Disconnect::NoHello);
        }
        loop {
            match self.heartbeat.poll(self.is_on_socket() || self.poll, self.is_paused, now) {
                HeartbeatAction::None => break,
                HeartbeatAction::Ping => self.push(Outgoing::packet(EnginePacket::Ping("".into()))),
                HeartbeatAction::Missed => return self.end(SessionEnd::ByServer(Disconnect::HeartbeatMissed)),
            }
        }
        if self.poll_deadline().is_some_and(|deadline| now >= deadline) {
            self.end(SessionEnd::ByServer(Disconnect::HeartbeatMissed));
        }
    }

    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        match (self.stage, self.carrier) {
            (Stage::Over, _) => None,
            (Stage::Closing { deadline, .. }, _) => Some(deadline),
            (_, Carrier::Probing { deadline, .. }) => Some(self.heartbeat.deadline().min(deadline)),
            _ => self.poll_deadline().into_iter().chain([self.heartbeat.deadline()]).min(),
        }
    }

    /// When the session ends unless it is polled.
    fn poll_deadline(&self) -> Option<Instant> {
        let is_unpolled = self.carrier == Carrier::Polling && !self.poll;
        is_unpolled.then(|| self.last_poll + self.config.ping_interval + self.config.ping_timeout)
    }

    /// True during an upgrade, which waits for the last poll.
    const fn answers_polls_at_once(&self) -> bool {
        matches!(self.carrier, Carrier::Probing { probed: true, .. })
    }

    fn receive(&mut self, packet: EnginePacket) {
        if !self.is_open() {
            return;
        }
        self.heartbeat.packet_received(&packet, self.now);
        match packet {
            EnginePacket::Message(text) => self.actions.push_back(Action::Message(EngineMessage::Text(text))),
            EnginePacket::Binary(bytes) => self.actions.push_back(Action::Message(EngineMessage::Binary(bytes))),
            EnginePacket::Ping(data) if self.heartbeat.client_pings() => {
                self.push(Outgoing::packet(EnginePacket::Pong(data)))
            }
            EnginePacket::Pong(_) if !self.heartbeat.client_pings() => {}
            EnginePacket::Noop => {}
            EnginePacket::Close => self.end(SessionEnd::ByClient),
            // A heartbeat in the wrong direction, or a packet of the handshake.
            EnginePacket::Ping(_) | EnginePacket::Pong(_) | EnginePacket::Open(_) | EnginePacket::Upgrade => {
                self.end(SessionEnd::ByServer(Disconnect::NotTheProtocol));
            }
        }
    }

    fn push(&mut self, packet: Outgoing) {
        self.packets_queued += 1;
        if let Carrier::Socket(socket) = self.carrier {
            return self.write_frame(socket, &packet);
        }
        if self.queue.push(packet, self.config.queue_bytes) {
            return;
        }
        // A client is too slow only if its pending poll cannot empty the queue.
        if self.poll {
            self.flush_poll();
        }
        if self.queue.bytes() > self.config.queue_bytes {
            self.end(SessionEnd::ByServer(Disconnect::TooSlow));
        }
    }

    fn write_frame(&mut self, socket: SocketNo, packet: &Outgoing) {
        self.packets_written += 1;
        self.actions.push_back(Action::Frame(socket, packet.frame(self.revision, self.base64)));
    }
}
