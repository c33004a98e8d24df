//! Whatever happens in whatever order.

use proptest::prelude::*;

use super::*;
use crate::domain::Disconnect;

/// Something that happens to a session whose client keeps to the protocol.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The server sends a packet.
    Send,
    /// The caller carries out what there is to do.
    Drain,
    /// The client polls, unless it does so already or has changed.
    Poll,
    /// The client says so many things in one go.
    Say(u8),
    /// The client opens a socket, unless it has one.
    Open,
    /// It probes.
    Probe,
    /// It finishes the change once its poll has come back.
    Finish,
    /// Its socket breaks while it probes.
    Break,
    /// So many milliseconds pass.
    Pass(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => Just(Step::Send),
        4 => Just(Step::Drain),
        4 => Just(Step::Poll),
        2 => (1_u8..4).prop_map(Step::Say),
        2 => Just(Step::Open),
        2 => Just(Step::Probe),
        2 => Just(Step::Finish),
        1 => Just(Step::Break),
        1 => any::<u8>().prop_map(Step::Pass),
    ];
    proptest::collection::vec(step, 0..60)
}

/// A client that keeps to the protocol, and what it has heard.
struct Client {
    line: Line,
    now: u64,
    polls: bool,
    socket: Option<SocketNo>,
    probed: bool,
    changed: bool,
    sent: u32,
    heard: Vec<String>,
    spoken: u32,
    said: Vec<String>,
}

impl Client {
    fn new(revision: Revision) -> Self {
        let line = polling_under(CALM, revision);
        Self {
            line,
            now: 0,
            polls: false,
            socket: None,
            probed: false,
            changed: false,
            sent: 0,
            heard: vec![],
            spoken: 0,
            said: vec![],
        }
    }

    fn drain(&mut self) {
        while let Some(action) = self.line.next_action() {
            if matches!(action, Action::AnswerPoll(_)) {
                assert!(std::mem::take(&mut self.polls), "an answer to no poll");
            }
            let shown = shown(action);
            if let Some(body) = shown.strip_prefix("poll ") {
                self.heard.extend(body.split('\x1e').filter(|packet| *packet != "6").map(str::to_owned));
            } else if let Some(text) = shown.strip_prefix("said ") {
                self.said.push(text.to_owned());
            } else if shown.starts_with("close") {
                (self.socket, self.probed) = (None, false);
            } else if shown != "3probe" {
                self.heard.push(shown);
            }
        }
    }

    fn frame(&mut self, text: &str) {
        if let Some(socket) = self.socket {
            self.line.on_socket_text(socket, &text.into(), at(self.now));
        }
    }

    fn act(&mut self, step: Step) {
        match step {
            Step::Send => {
                self.line.send(message(&self.sent.to_string()));
                self.sent += 1;
            }
            Step::Drain => self.drain(),
            Step::Poll if !self.polls && !self.changed => {
                self.line.on_poll(at(self.now)).unwrap();
                self.polls = true;
            }
            Step::Say(count) => {
                let said: Vec<String> = (0..u32::from(count)).map(|more| format!("4{}", self.spoken + more)).collect();
                self.spoken += u32::from(count);
                if self.changed {
                    said.iter().for_each(|text| self.frame(text));
                } else {
                    self.line.on_post_begin(at(self.now)).unwrap();
                    self.line.on_post(false, &said.join("\x1e").into(), at(self.now)).unwrap();
                }
            }
            Step::Open if self.socket.is_none() => {
                self.drain();
                self.socket = Some(self.line.on_socket_open(at(self.now)).unwrap());
            }
            Step::Probe if !self.changed => {
                self.frame("2probe");
                self.probed = self.socket.is_some();
            }
            Step::Finish if self.probed && !self.changed => {
                self.drain();
                if self.probed && !self.polls {
                    self.frame("5");
                    self.changed = true;
                }
            }
            Step::Break if !self.changed => {
                if let Some(socket) = self.socket.take() {
                    self.line.on_socket_close(socket, at(self.now));
                    self.probed = false;
                }
            }
            Step::Pass(time) => {
                self.now += u64::from(time);
                self.line.tick(at(self.now));
                self.drain();
            }
            _ => {}
        }
    }
}

/// Something that anybody may do.
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
    Dismiss,
    Drain,
}

fn said() -> impl Strategy<Value = String> {
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
    let body = proptest::collection::vec(said(), 0..4).prop_map(|said| said.join("\x1e"));
    let input = prop_oneof![
        4 => Just(Input::Poll),
        1 => Just(Input::PollLost),
        2 => Just(Input::PostBegin),
        4 => (any::<bool>(), body).prop_map(|(octets, body)| Input::Post(octets, body)),
        1 => Just(Input::PostLost),
        2 => Just(Input::Open),
        8 => (1_u32..3, said()).prop_map(|(socket, text)| Input::Text(socket, text)),
        2 => (1_u32..3, proptest::collection::vec(any::<u8>(), 0..5)).prop_map(|(socket, bytes)| Input::Bytes(socket, bytes)),
        1 => (1_u32..3).prop_map(Input::Close),
        4 => Just(Input::Send),
        2 => (0_u16..400).prop_map(Input::Pass),
        1 => ends.prop_map(Input::End),
        3 => Just(Input::Accept),
        1 => Just(Input::Refuse),
        1 => Just(Input::Dismiss),
        4 => Just(Input::Drain),
    ];
    proptest::collection::vec(input, 0..40)
}

/// Watches that what is told makes sense.
#[derive(Default)]
struct Watch {
    polls: u32,
    over: bool,
}

impl Watch {
    fn drain(&mut self, peer: &mut Peer) {
        while let Some(action) = peer.next_action() {
            assert!(!self.over, "{action:?} behind the end");
            match action {
                Action::AnswerPoll(_) => self.polls = self.polls.checked_sub(1).expect("an answer to no poll"),
                Action::Ended(_) => self.over = true,
                Action::Message(_) => panic!("a message was told"),
                _ => {}
            }
        }
        assert!(peer.line().left() <= peer.line().pushed());
        if self.over {
            assert!(self.polls == 0 && peer.due().is_none() && peer.line().waiting() == 0);
        }
    }
}

proptest! {
    #[test]
    fn every_packet_leaves_once_and_in_order(steps in steps()) {
        let mut client = Client::new(Four);
        for step in steps {
            client.act(step);
        }
        client.drain();
        while !client.changed && client.line.waiting() > 0 {
            client.act(Step::Poll);
            client.drain();
        }
        let sent: Vec<String> = (0..client.sent).map(|number| format!("4{number}")).collect();
        let spoken: Vec<String> = (0..client.spoken).map(|number| number.to_string()).collect();
        prop_assert_eq!(client.heard, sent);
        prop_assert_eq!(client.said, spoken);
        prop_assert_eq!(client.line.pushed(), client.line.left());
    }

    #[test]
    fn nothing_that_anybody_does_makes_no_sense(
        inputs in inputs(),
        three in any::<bool>(),
        base64 in any::<bool>(),
        by_socket in any::<bool>(),
    ) {
        let revision = if three { Three } else { Four };
        let (terms, mut watch, mut now) = (Rc::new(TERMS), Watch::default(), 0_u64);
        let mut peer = if by_socket {
            Peer::by_socket(terms, revision, base64, "abc", at(0)).0
        } else {
            watch.polls = 1;
            Peer::by_polling(terms, revision, base64, "abc", at(0))
        };
        let main = Namespace::main();
        for input in inputs {
            match input {
                Input::Poll => watch.polls += u32::from(peer.on_poll(at(now)).is_ok()),
                Input::PollLost => {
                    watch.drain(&mut peer);
                    peer.on_poll_lost(at(now));
                    watch.polls = 0;
                }
                Input::PostBegin => drop(peer.on_post_begin(at(now))),
                Input::Post(octets, body) => drop(peer.on_post(octets, &body.into(), at(now))),
                Input::PostLost => peer.on_post_lost(at(now)),
                Input::Open => drop(peer.on_socket_open(at(now))),
                Input::Text(socket, text) => peer.on_socket_text(SocketNo(socket), &text.into(), at(now)),
                Input::Bytes(socket, bytes) => peer.on_socket_binary(SocketNo(socket), bytes.into(), at(now)),
                Input::Close(socket) => peer.on_socket_close(SocketNo(socket), at(now)),
                Input::Send => peer.send(event(&main, None, "x")),
                Input::Pass(time) => {
                    now += u64::from(time);
                    peer.tick(at(now));
                }
                Input::End(why) => peer.close(why, at(now)),
                Input::Accept => drop(peer.accept(&main, "s")),
                Input::Refuse => peer.refuse(&main, "no", Some("x")),
                Input::Dismiss => peer.dismiss(&main),
                Input::Drain => watch.drain(&mut peer),
            }
        }
        watch.drain(&mut peer);
        prop_assert!(size_of::<Peer>() <= 1_024);
        // Left alone, it comes to its end by what it says is due.
        for _ in 0..10 {
            if let Some(due) = peer.due() {
                peer.tick(due);
            }
            watch.drain(&mut peer);
        }
        prop_assert!(watch.over, "it does not end");
    }
}
