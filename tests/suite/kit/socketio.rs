//! A Socket.IO client (Engine.IO 4) that does nothing on its own but answer pings: over polls, over a socket, or over both,
//! one after the other.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::database::nodes_under_test;
use super::endpoint::{Endpoint, catch_up};
use super::http::{Call, Http};
use super::reply::Reply;
use super::socket::{Incoming, Socket};
use super::{PATIENCE, text};

/// What carries a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Polling,
    Socket,
    /// Polling first, then a socket.
    Upgrade,
}

/// All of them.
pub const TRANSPORTS: [Transport; 3] = [Transport::Polling, Transport::Socket, Transport::Upgrade];

/// One session.
#[derive(Debug)]
pub struct SocketIoClient {
    endpoint: Endpoint,
    headers: Vec<(String, String)>,
    pub sid: String,
    /// The answer to the handshake.
    pub handshake: Value,
    socket: Option<Socket>,
    /// Engine.IO packets that came together with another.
    came: VecDeque<String>,
    /// Socket.IO packets that were passed over while another was waited for.
    kept: VecDeque<String>,
    ids: u64,
    pub answers_pings: bool,
    /// How it ended, once it has.
    pub end: Option<u16>,
}

impl SocketIoClient {
    /// A session without namespaces. A handshake that is refused is the error.
    pub fn open(endpoint: &Endpoint, transport: Transport, headers: &[(&str, &str)]) -> Result<Self, Reply> {
        let headers: Vec<_> = headers.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        // A node has only the sessions that it has opened.
        let endpoint = endpoint.sticky();
        let mut client = Self {
            endpoint: endpoint.clone(),
            headers,
            sid: String::new(),
            handshake: Value::Null,
            socket: None,
            came: VecDeque::new(),
            kept: VecDeque::new(),
            ids: 0,
            answers_pings: true,
            end: None,
        };
        let first = if transport == Transport::Socket {
            client.socket = Some(Socket::open_at(&endpoint, &client.path("websocket"), &client.borrowed())?);
            client.next().expect("a handshake")
        } else {
            let reply = client.call("GET").send();
            if reply.status != 200 {
                return Err(reply);
            }
            reply.text()
        };
        client.handshake = serde_json::from_str(first.strip_prefix('0').expect("an open packet")).unwrap();
        client.sid = text(&client.handshake, "sid").to_owned();
        endpoint.has_opened(&client.sid);
        if transport == Transport::Upgrade {
            client.upgrade();
        }
        Ok(client)
    }

    /// A session that has entered `/` with this token and has received `ready`.
    #[track_caller]
    pub fn connect(endpoint: &Endpoint, transport: Transport, token: &str) -> Self {
        let mut client = Self::open(endpoint, transport, &[]).expect("a handshake");
        client.enter(json!({"token": token})).expect("it is let in");
        client.expect("ready");
        client
    }

    fn borrowed(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    fn path(&self, transport: &str) -> String {
        let sid = if self.sid.is_empty() { String::new() } else { format!("&sid={}", self.sid) };
        format!("/socket.io/?EIO=4&transport={transport}{sid}")
    }

    /// The node that it is at.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// A polling request of this session, to be shaped further.
    pub fn call(&self, method: &str) -> Call {
        let call = Http::new(&self.endpoint, None).call(method, &format!("/{}", self.path("polling")));
        self.headers.iter().fold(call, |call, (name, value)| call.header(name, value))
    }

    /// A WebSocket handshake for this session, beside its present transport.
    pub fn open_websocket(&self, headers: &[(&str, &str)]) -> Result<Socket, Reply> {
        Socket::open_at(&self.endpoint, &self.path("websocket"), headers)
    }

    /// Goes on over a socket. What the last poll brings is kept.
    pub fn upgrade(&mut self) {
        let mut socket = self.open_websocket(&self.borrowed()).expect("the upgrade is accepted");
        socket.send_text("2probe");
        let deadline = Instant::now() + PATIENCE;
        assert_eq!(socket.incoming_until(deadline), Some(Incoming::Text("3probe".to_owned())));
        self.poll();
        socket.send_text("5");
        self.socket = Some(socket);
    }

    /// One poll, whose packets are kept; `false`: it was refused.
    pub fn poll(&mut self) -> bool {
        let reply = self.call("GET").send();
        if reply.status == 200 {
            self.came.extend(reply.text().split('\x1e').filter(|packet| *packet != "6").map(str::to_owned));
        }
        reply.status == 200
    }

    /// Sends an Engine.IO packet.
    #[track_caller]
    pub fn send(&mut self, packet: &str) {
        if nodes_under_test() > 1 {
            // What these clients are answered depends on what their node has delivered.
            catch_up(self.endpoint.fixed());
        }
        match &mut self.socket {
            Some(socket) => socket.send_text(packet),
            None => {
                let reply = self.call("POST").body(packet.as_bytes()).send();
                assert_eq!((reply.status, reply.text().as_str()), (200, "ok"));
            }
        }
    }

    /// The next Engine.IO packet but pings, which are answered; `None`: the session is over.
    #[track_caller]
    pub fn next(&mut self) -> Option<String> {
        self.next_by(Instant::now() + PATIENCE).expect("a packet in time")
    }

    /// The same; `None` outside: not in time.
    pub fn next_by(&mut self, deadline: Instant) -> Option<Option<String>> {
        loop {
            let packet = match self.came.pop_front() {
                Some(packet) => packet,
                None if self.end.is_some() => return Some(None),
                None => match &mut self.socket {
                    Some(socket) => match socket.incoming_until(deadline)? {
                        Incoming::Text(packet) => packet,
                        Incoming::Close(code, _) => {
                            self.end = Some(code.unwrap_or(1005));
                            continue;
                        }
                        Incoming::End => {
                            self.end = Some(1006);
                            continue;
                        }
                        _ => continue,
                    },
                    None if Instant::now() >= deadline => return None,
                    None => {
                        if !self.poll() {
                            self.end = Some(0);
                        }
                        continue;
                    }
                },
            };
            if packet != "2" {
                return Some(Some(packet));
            }
            if self.answers_pings {
                self.send("3");
            }
        }
    }

    /// The next Socket.IO packet that `wanted` knows; others are kept, in order.
    #[track_caller]
    pub fn wait_for<T>(&mut self, what: &str, wanted: impl Fn(&str) -> Option<T>) -> T {
        for at in 0..self.kept.len() {
            if let Some(found) = wanted(&self.kept[at]) {
                self.kept.remove(at);
                return found;
            }
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.next_by(deadline) {
                Some(Some(packet)) => match packet.strip_prefix('4').and_then(&wanted) {
                    Some(found) => return found,
                    None => self.kept.extend(packet.strip_prefix('4').map(str::to_owned)),
                },
                Some(None) => panic!("no {what}, it ended with {:?}; kept {:#?}", self.end, self.kept),
                None => panic!("no {what}; kept {:#?}", self.kept),
            }
        }
    }

    /// Sends CONNECT for `/`; the error is the payload of CONNECT_ERROR.
    #[track_caller]
    pub fn enter(&mut self, auth: Value) -> Result<Value, Value> {
        self.send(&format!("40{auth}"));
        self.wait_for("answer to CONNECT", |packet| {
            let read = |rest: &str| serde_json::from_str(rest).ok();
            match packet.split_at(1) {
                ("0", rest) => Some(Ok(read(rest)?)),
                ("4", rest) => Some(Err(read(rest)?)),
                _ => None,
            }
        })
    }

    /// Sends an event without an acknowledgement.
    #[track_caller]
    pub fn emit(&mut self, name: &str, fields: Value) {
        self.send(&format!("42{}", json!([name, fields])));
    }

    /// Sends an event with an acknowledgement; returns its id.
    #[track_caller]
    pub fn submit(&mut self, name: &str, fields: Value) -> u64 {
        self.ids += 1;
        self.send(&format!("42{}{}", self.ids, json!([name, fields])));
        self.ids
    }

    /// The acknowledgement with this id.
    #[track_caller]
    pub fn answer(&mut self, id: u64) -> Value {
        let head = format!("3{id}[");
        self.wait_for("acknowledgement", |packet| {
            let rest = packet.strip_prefix(&head)?.strip_suffix(']')?;
            serde_json::from_str(rest).ok()
        })
    }

    /// Sends an event and waits for its acknowledgement.
    #[track_caller]
    pub fn request(&mut self, name: &str, fields: Value) -> Value {
        let id = self.submit(name, fields);
        self.answer(id)
    }

    /// The same; fails unless it is `ok`.
    #[track_caller]
    pub fn ok(&mut self, name: &str, fields: Value) -> Value {
        let answer = self.request(name, fields);
        assert_eq!(answer["ok"], true, "{answer}");
        answer
    }

    /// The same; fails unless it is refused with this code.
    #[track_caller]
    pub fn refused(&mut self, name: &str, fields: Value, code: &str) {
        let answer = self.request(name, fields);
        assert_eq!((&answer["ok"], &answer["code"]), (&json!(false), &json!(code)), "{answer}");
        assert!(answer["message"].is_string(), "{answer}");
    }

    /// The next event of this name.
    #[track_caller]
    pub fn expect(&mut self, name: &str) -> Value {
        self.wait_for(name, |packet| {
            let event: Value = serde_json::from_str(packet.strip_prefix('2')?).ok()?;
            (event[0] == name).then(|| event[1].clone())
        })
    }

    /// All packets up to the end, which must come within `patience`.
    #[track_caller]
    pub fn rest(&mut self, patience: Duration) -> Vec<String> {
        let (deadline, mut rest) = (Instant::now() + patience, Vec::new());
        rest.extend(self.kept.drain(..).map(|packet| format!("4{packet}")));
        loop {
            match self.next_by(deadline) {
                Some(Some(packet)) => rest.push(packet),
                Some(None) => return rest,
                None => panic!("it goes on: {rest:#?}"),
            }
        }
    }

    /// The socket that carries it, for tests that end it by hand.
    pub fn into_socket(self) -> Socket {
        self.socket.expect("a socket")
    }

    /// The socket that carries it, for tests that write by hand.
    pub fn socket(&mut self) -> &mut Socket {
        self.socket.as_mut().expect("a socket")
    }
}
