//! Random inputs in random order.

use proptest::prelude::*;

use super::*;
use crate::domain::Disconnect;

/// An input of a session whose client follows the protocol.
#[derive(Clone, Copy, Debug)]
enum ClientStep {
    Send,
    /// The caller executes the actions.
    Drain,
    /// The client polls, unless a poll is pending or it has upgraded.
    Poll,
    /// The client sends so many packets at once.
    Receive(u8),
    /// The client opens a socket, unless it has one.
    Open,
    Probe,
    /// It completes the upgrade once its poll is answered.
    Finish,
    /// It loses the socket while it probes.
    LoseSocket,
    /// So many milliseconds pass.
    Wait(u8),
}

fn steps() -> impl Strategy<Value = Vec<ClientStep>> {
    let step = prop_oneof![
        4 => Just(ClientStep::Send),
        4 => Just(ClientStep::Drain),
        4 => Just(ClientStep::Poll),
        2 => (1_u8..4).prop_map(ClientStep::Receive),
        2 => Just(ClientStep::Open),
        2 => Just(ClientStep::Probe),
        2 => Just(ClientStep::Finish),
        1 => Just(ClientStep::LoseSocket),
        1 => any::<u8>().prop_map(ClientStep::Wait),
    ];
    proptest::collection::vec(step, 0..60)
}

/// A client that follows the protocol.
struct CorrectClient {
    engine: EngineSession,
    now: u64,
    polls: bool,
    socket: Option<SocketNo>,
    probed: bool,
    upgraded: bool,
    sent: u32,
    received: Vec<String>,
    posted: u32,
    server_received: Vec<String>,
}

impl CorrectClient {
    fn new(revision: Revision) -> Self {
        let engine = polling_with(CALM, revision);
        Self {
            engine,
            now: 0,
            polls: false,
            socket: None,
            probed: false,
            upgraded: false,
            sent: 0,
            received: vec![],
            posted: 0,
            server_received: vec![],
        }
    }

    fn drain(&mut self) {
        while let Some(action) = self.engine.next_action() {
            if matches!(action, Action::AnswerPoll(_)) {
                assert!(std::mem::take(&mut self.polls), "an answer without a poll");
            }
            let described = describe(action);
            if let Some(body) = described.strip_prefix("poll ") {
                self.received.extend(body.split('\x1e').filter(|packet| *packet != "6").map(str::to_owned));
            } else if let Some(text) = described.strip_prefix("message ") {
                self.server_received.push(text.to_owned());
            } else if described.starts_with("close") {
                (self.socket, self.probed) = (None, false);
            } else if described != "3probe" {
                self.received.push(described);
            }
        }
    }

    fn frame(&mut self, text: &str) {
        if let Some(socket) = self.socket {
            self.engine.on_socket_text(socket, &text.into(), at(self.now));
        }
    }

    fn act(&mut self, step: ClientStep) {
        match step {
            ClientStep::Send => {
                self.engine.send(message(&self.sent.to_string()));
                self.sent += 1;
            }
            ClientStep::Drain => self.drain(),
            ClientStep::Poll if !self.polls && !self.upgraded => {
                self.engine.on_poll(at(self.now)).unwrap();
                self.polls = true;
            }
            ClientStep::Receive(count) => {
                let packets: Vec<String> =
                    (0..u32::from(count)).map(|more| format!("4{}", self.posted + more)).collect();
                self.posted += u32::from(count);
                if self.upgraded {
                    packets.iter().for_each(|text| self.frame(text));
                } else {
                    self.engine.on_post_begin(at(self.now)).unwrap();
                    self.engine.on_post(false, &packets.join("\x1e").into(), at(self.now)).unwrap();
                }
            }
            ClientStep::Open if self.socket.is_none() => {
                self.drain();
                self.socket = Some(self.engine.on_socket_open(at(self.now)).unwrap());
            }
            ClientStep::Probe if !self.upgraded => {
                self.frame("2probe");
                self.probed = self.socket.is_some();
            }
            ClientStep::Finish if self.probed && !self.upgraded => {
                self.drain();
                if self.probed && !self.polls {
                    self.frame("5");
                    self.upgraded = true;
                }
            }
            ClientStep::LoseSocket if !self.upgraded => {
                if let Some(socket) = self.socket.take() {
                    self.engine.on_socket_close(socket, at(self.now));
                    self.probed = false;
                }
            }
            ClientStep::Wait(time) => {
                self.now += u64::from(time);
                self.engine.tick(at(self.now));
                self.drain();
            }
            _ => {}
        }
    }
}

/// Any input.
#[derive(Clone, Debug)]
enum Input {
    Poll,
    PollLost,
    PostBegin,
    Post(bool, String),
    PostLost,
    Open,
    Text(u32, String),
    Bytes(u32, Vec<u8>),
    Close(u32),
    Send,
    Pass(u16),
    End(Disconnect),
    Accept,
    Refuse,
    Disconnect,
    Drain,
}

fn packet_text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("2probe".to_owned()),
        Just("5".to_owned()),
        Just("40".to_owned()),
        "4[0-6]([0-9]-)?(/[ab]{0,2},?)?[0-9]{0,2}(\\[\"[ab]?\"(,\\{\"_placeholder\":true,\"num\":[01]\\})?\\]|\\{\\})?",
        "[0-6b]\\PC{0,6}",
        "([0-9]{1,2}:)?\\PC{0,10}",
    ]
}

fn inputs() -> impl Strategy<Value = Vec<Input>> {
    let ends = prop_oneof![Just(Disconnect::Restart), Just(Disconnect::TokenEnded), Just(Disconnect::TooSlow)];
    let body = proptest::collection::vec(packet_text(), 0..4).prop_map(|packets| packets.join("\x1e"));
    let input = prop_oneof![
        4 => Just(Input::Poll),
        1 => Just(Input::PollLost),
        2 => Just(Input::PostBegin),
        4 => (any::<bool>(), body).prop_map(|(octets, body)| Input::Post(octets, body)),
        1 => Just(Input::PostLost),
        2 => Just(Input::Open),
        8 => (1_u32..3, packet_text()).prop_map(|(socket, text)| Input::Text(socket, text)),
        2 => (1_u32..3, proptest::collection::vec(any::<u8>(), 0..5)).prop_map(|(socket, bytes)| Input::Bytes(socket, bytes)),
        1 => (1_u32..3).prop_map(Input::Close),
        4 => Just(Input::Send),
        2 => (0_u16..400).prop_map(Input::Pass),
        1 => ends.prop_map(Input::End),
        3 => Just(Input::Accept),
        1 => Just(Input::Refuse),
        1 => Just(Input::Disconnect),
        4 => Just(Input::Drain),
    ];
    proptest::collection::vec(input, 0..40)
}

/// Checks the invariants of the actions.
#[derive(Default)]
struct ActionChecker {
    polls: u32,
    over: bool,
}

impl ActionChecker {
    fn drain(&mut self, peer: &mut Peer) {
        while let Some(action) = peer.next_action() {
            assert!(!self.over, "{action:?} after the end");
            match action {
                Action::AnswerPoll(_) => self.polls = self.polls.checked_sub(1).expect("an answer without a poll"),
                Action::Ended(_) => self.over = true,
                Action::Message(_) => panic!("a message was returned"),
                _ => {}
            }
        }
        assert!(peer.engine().packets_written() <= peer.engine().packets_queued());
        if self.over {
            assert!(self.polls == 0 && peer.next_deadline().is_none() && peer.engine().queued_bytes() == 0);
        }
    }
}

proptest! {
    #[test]
    fn every_packet_is_delivered_once_and_in_order(steps in steps()) {
        let mut client = CorrectClient::new(Four);
        for step in steps {
            client.act(step);
        }
        client.drain();
        while !client.upgraded && client.engine.queued_bytes() > 0 {
            client.act(ClientStep::Poll);
            client.drain();
        }
        let sent: Vec<String> = (0..client.sent).map(|number| format!("4{number}")).collect();
        let posted: Vec<String> = (0..client.posted).map(|number| number.to_string()).collect();
        prop_assert_eq!(client.received, sent);
        prop_assert_eq!(client.server_received, posted);
        prop_assert_eq!(client.engine.packets_queued(), client.engine.packets_written());
    }

    #[test]
    fn any_input_in_any_order_keeps_the_invariants(
        inputs in inputs(),
        three in any::<bool>(),
        base64 in any::<bool>(),
        by_socket in any::<bool>(),
    ) {
        let revision = if three { Three } else { Four };
        let (config, mut checker, mut now) = (Rc::new(CONFIG), ActionChecker::default(), 0_u64);
        let mut peer = if by_socket {
            Peer::by_socket(config, revision, base64, "abc", at(0)).0
        } else {
            checker.polls = 1;
            Peer::by_polling(config, revision, base64, "abc", at(0))
        };
        let main = Namespace::main();
        for input in inputs {
            match input {
                Input::Poll => checker.polls += u32::from(peer.on_poll(at(now)).is_ok()),
                Input::PollLost => {
                    checker.drain(&mut peer);
                    peer.on_poll_lost(at(now));
                    checker.polls = 0;
                }
                Input::PostBegin => drop(peer.on_post_begin(at(now))),
                Input::Post(octets, body) => drop(peer.on_post(octets, &body.into(), at(now))),
                Input::PostLost => peer.on_post_lost(at(now)),
                Input::Open => drop(peer.on_socket_open(at(now))),
                Input::Text(socket, text) => peer.on_socket_text(SocketNo(socket), &text.into(), at(now)),
                Input::Bytes(socket, bytes) => peer.on_socket_binary(SocketNo(socket), bytes.into(), at(now)),
                Input::Close(socket) => peer.on_socket_close(SocketNo(socket), at(now)),
                Input::Send => peer.send(event(&main, "x")),
                Input::Pass(time) => {
                    now += u64::from(time);
                    peer.tick(at(now));
                }
                Input::End(why) => peer.close(why, at(now)),
                Input::Accept => drop(peer.accept(&main, "s")),
                Input::Refuse => peer.refuse(&main, "no", Some("x")),
                Input::Disconnect => peer.disconnect(&main),
                Input::Drain => checker.drain(&mut peer),
            }
        }
        checker.drain(&mut peer);
        prop_assert!(size_of::<Peer>() <= 1_024);
        // Without further input it ends by its own deadlines.
        for _ in 0..10 {
            if let Some(due) = peer.next_deadline() {
                peer.tick(due);
            }
            checker.drain(&mut peer);
        }
        prop_assert!(checker.over, "it does not end");
    }
}
