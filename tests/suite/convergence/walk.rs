//! A walk of random actions, and what must be true wherever it pauses.

use std::collections::BTreeMap;

use super::client::Client;
use super::truth::Truth;
use crate::kit::*;

pub const PEOPLE: [&str; 5] = ["avi", "lisa", "mark", "nina", "omar"];

const SETTINGS: [(&str, &str); 7] = [
    ("PARLOR_SENDS_PER_SECOND", "0"),
    ("PARLOR_FRAMES_PER_SECOND", "0"),
    ("PARLOR_REQUESTS_PER_SECOND", "0"),
    ("PARLOR_INVITES_PER_MINUTE", "0"),
    ("PARLOR_SESSIONS_PER_MINUTE", "0"),
    ("PARLOR_WORKERS", "2"),
    // A client of this walk may be left alone for long.
    ("PARLOR_HEARTBEAT_SECONDS", "3600"),
];

pub struct Walk {
    pub dice: Dice,
    server: Server,
    pub clients: Vec<Client>,
    /// By session.
    pub sessions: BTreeMap<String, Truth>,
    keys: u64,
}

impl Walk {
    pub fn new(dice: Dice) -> Self {
        let server = Server::with(&SETTINGS);
        let clients: Vec<Client> = PEOPLE.iter().map(|name| Client::new(register(&server, name))).collect();
        // Half of them are asked first.
        clients.iter().step_by(2).for_each(|client| client.person.accepts_only_invited());
        let mut walk = Self { dice, server, clients, sessions: BTreeMap::new(), keys: 0 };
        walk.meet();
        walk
    }

    /// One random action.
    pub fn step(&mut self) {
        match self.dice.below(100) {
            0..40 => self.send(),
            40..50 => self.mark(),
            50..58 => self.send_again(),
            58..62 => self.meet(),
            62..72 => self.cut(),
            72..86 => self.come(),
            86..88 => self.burst(),
            88..90 => self.stop(),
            90..92 => self.kill(),
            _ => self.check_one(),
        }
        let one = self.dice.place(PEOPLE.len());
        self.clients[one].look();
    }

    pub fn finish(&mut self) {
        for who in 0..PEOPLE.len() {
            if self.clients[who].line.is_none() {
                self.clients[who].come();
            }
            self.check(who);
        }
        let messages: usize = self.sessions.values().map(|truth| truth.said.len()).sum();
        println!("{} sessions, {messages} messages", self.sessions.len());
    }

    // Talking

    fn send(&mut self) {
        let Some((session, who)) = self.pick() else { return };
        let command = self.message(&session);
        let ok = if self.clients[who].line.is_some() && !self.dice.once_in(4) {
            let ok = self.clients[who].ask(command.clone());
            self.clients[who].sent(&command, &ok);
            ok
        } else {
            self.clients[who].person.http.post(&format!("/sessions/{session}/messages"), command.clone()).ok()
        };
        self.sessions.get_mut(&session).unwrap().add(who, command, &ok);
    }

    /// More than a page of `sync` or history, under way at once.
    fn burst(&mut self) {
        let Some((session, who)) = self.pick() else { return };
        let commands: Vec<Value> = (0..250).map(|_| self.message(&session)).collect();
        let mut line = Line::connect(self.clients[who].person.http.door(), &self.clients[who].person.token).unwrap();
        for command in &commands {
            line.tell(command.clone()).unwrap();
        }
        for command in commands {
            let ok = loop {
                let frame = line.hear(PATIENCE).unwrap().expect("an answer");
                if frame["type"] == "ok" {
                    break frame;
                }
            };
            self.sessions.get_mut(&session).unwrap().add(who, command, &ok);
        }
    }

    /// A known key is answered with its first `seq` and changes nothing.
    fn send_again(&mut self) {
        let Some((session, _)) = self.pick() else { return };
        let truth = &self.sessions[&session];
        if truth.said.is_empty() {
            return;
        }
        let old = &truth.said[self.dice.place(truth.said.len())];
        let (who, command) = (old.who, old.command.clone());
        let ok = match self.clients[who].line {
            Some(_) => self.clients[who].ask(command),
            None => self.clients[who].person.http.post(&format!("/sessions/{session}/messages"), command).ok(),
        };
        assert_eq!((&ok["seq"], &ok["duplicate"]), (&json!(old.seq), &json!(true)), "{ok}");
    }

    fn mark(&mut self) {
        let Some((session, who)) = self.pick() else { return };
        let truth = self.sessions.get_mut(&session).unwrap();
        let seq = self.dice.below(truth.said.len() as u64 + 1);
        let kind = if self.dice.once_in(2) { "read" } else { "received" };
        let online = self.clients[who].line.is_some();
        if kind == "read" {
            truth.read_up_to(who, seq);
        }
        if online {
            let ok = self.clients[who].ask(json!({"type": kind, "session": session, "seq": seq}));
            assert_eq!(ok["type"], "ok", "{ok}");
        } else if kind == "read" {
            self.clients[who].person.http.put(&format!("/sessions/{session}/read"), json!({"seq": seq})).ok();
        }
    }

    /// Two who have no session yet get one: at once, or by an invite.
    fn meet(&mut self) {
        let (one, other) = (self.dice.place(PEOPLE.len()), self.dice.place(PEOPLE.len()));
        let known = self.sessions.values().any(|truth| truth.two.contains(&one) && truth.two.contains(&other));
        if one == other || known {
            return;
        }
        let asks = self.clients[one].person.http.clone();
        let session = if other % 2 == 0 {
            let invite = asks.post("/invites", json!({"username": PEOPLE[other]})).ok();
            let path = format!("/invites/{}/accept", text(&invite["invite"], "id"));
            self.clients[other].person.http.post(&path, json!({})).ok()
        } else {
            asks.post("/sessions", json!({"kind": "direct", "username": PEOPLE[other]})).ok()
        };
        let id = text(&session["session"], "id").to_owned();
        self.sessions.insert(id.clone(), Truth::new([one, other]));
        for who in [one, other] {
            if self.clients[who].line.is_some() {
                self.clients[who].hear_of(&id, 0);
            }
        }
    }

    // Coming and going

    fn come(&mut self) {
        let who = self.dice.place(PEOPLE.len());
        if self.clients[who].line.is_none() {
            self.forget_some(who);
            self.clients[who].come();
        }
    }

    fn cut(&mut self) {
        let who = self.dice.place(PEOPLE.len());
        if let Some(mut line) = self.clients[who].line.take()
            && self.dice.once_in(2)
        {
            line.say(&json!({"type": "goodbye"})).unwrap();
        }
    }

    /// A client that was not able to store all it heard comes back from further behind.
    fn forget_some(&mut self, who: usize) {
        for (session, truth) in &self.sessions {
            if truth.two.contains(&who) && self.clients[who].held.contains_key(session) && self.dice.once_in(3) {
                let rev = self.dice.below(self.clients[who].held[session].rev + 1);
                self.clients[who].forget_from(session, rev);
            }
        }
    }

    fn stop(&mut self) {
        self.server.signal("TERM");
        for client in &mut self.clients {
            assert!(matches!(client.ended(), None | Some(Lost::Closed(1012, _))));
        }
        assert!(self.server.wait().success());
        self.server.open().unwrap();
    }

    /// A kill with a message under way: what became of it, its key tells.
    fn kill(&mut self) {
        let under_way = self.pick().map(|(session, who)| (self.message(&session), session, who));
        if let Some((command, _, who)) = &under_way
            && let Some(line) = &mut self.clients[*who].line
        {
            line.say(command).unwrap();
        }
        std::thread::sleep(std::time::Duration::from_micros(self.dice.below(3_000)));
        self.server.kill();
        for client in &mut self.clients {
            assert!(matches!(client.ended(), None | Some(Lost::Cut(_))));
        }
        self.server.open().unwrap();
        if let Some((command, session, who)) = under_way {
            let path = format!("/sessions/{session}/messages");
            let ok = self.clients[who].person.http.post(&path, command.clone()).ok();
            self.sessions.get_mut(&session).unwrap().add(who, command, &ok);
        }
    }

    // Knowing

    /// A session and one of its two.
    fn pick(&mut self) -> Option<(String, usize)> {
        let place = self.dice.place(self.sessions.len());
        let (session, truth) = self.sessions.iter().nth(place)?;
        Some((session.clone(), truth.two[self.dice.place(2)]))
    }

    fn message(&mut self, session: &str) -> Value {
        self.keys += 1;
        let words = "на ".repeat(self.dice.place(30)) + &self.keys.to_string();
        let mut command = json!({"type": "send", "session": session, "text": words, "key": format!("k{}", self.keys)});
        let said = self.sessions[session].said.len() as u64;
        if said > 0 && self.dice.once_in(5) {
            command["reply_to"] = json!(1 + self.dice.below(said));
        }
        command
    }
}
