//! A walk of random actions, and what must be true wherever it pauses.

use std::collections::BTreeMap;

use super::client::Client;
use crate::kit::*;

const PEOPLE: [&str; 5] = ["avi", "lisa", "mark", "nina", "omar"];

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

/// What was said and what became of it.
struct Said {
    who: usize,
    command: Value,
    seq: u64,
}

/// What the walk itself knows of a session.
#[derive(Default)]
struct Truth {
    said: Vec<Said>,
    /// By user: how far read.
    read: BTreeMap<usize, u64>,
}

pub struct Walk {
    dice: Dice,
    server: Server,
    clients: Vec<Client>,
    /// By session, with the two who are in it.
    sessions: BTreeMap<String, ([usize; 2], Truth)>,
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
        let messages: usize = self.sessions.values().map(|(_, truth)| truth.said.len()).sum();
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
        self.said(&session, who, command, &ok);
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
            self.said(&session, who, command, &ok);
        }
    }

    /// A known key is answered with its first `seq` and changes nothing.
    fn send_again(&mut self) {
        let Some((session, _)) = self.pick() else { return };
        let truth = &self.sessions[&session].1;
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
        let truth = &mut self.sessions.get_mut(&session).unwrap().1;
        let seq = self.dice.below(truth.said.len() as u64 + 1);
        let kind = if self.dice.once_in(2) { "read" } else { "received" };
        let online = self.clients[who].line.is_some();
        if kind == "read" {
            let read = truth.read.entry(who).or_default();
            *read = seq.max(*read);
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
        let known = self.sessions.values().any(|(two, _)| two.contains(&one) && two.contains(&other));
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
        self.sessions.insert(id.clone(), ([one, other], Truth::default()));
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
        for (session, (two, _)) in &self.sessions {
            if two.contains(&who) && self.clients[who].held.contains_key(session) && self.dice.once_in(3) {
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
            self.said(&session, who, command, &ok);
        }
    }

    // Looking

    fn check_one(&mut self) {
        let who = self.dice.place(PEOPLE.len());
        if self.clients[who].line.is_some() {
            self.check(who);
        }
    }

    /// For each session of a connected client: what it heard live, what `sync` makes of it, and what `sync` makes of an
    /// older state are each what a fresh load gives, and that is what was done.
    fn check(&mut self, who: usize) {
        let client = &mut self.clients[who];
        let mut loads = Vec::new();
        // All is heard first, so that no event of one session comes while another is looked at.
        for (session, (two, truth)) in self.sessions.iter().filter(|(_, (two, _))| two.contains(&who)) {
            let fresh = Held::load(&client.person, session);
            check_truth(&fresh, who, *two, truth);
            client.hear_of(session, fresh.rev);
            assert!(client.held[session].messages == fresh.messages, "{session}: live is not what a load gives");
            loads.push((session, fresh));
        }
        let line = client.line.as_mut().unwrap();
        for (session, fresh) in loads {
            let older = fresh.back_at(self.dice.below(fresh.rev + 1));
            let from = older.rev;
            for mut held in [client.held[session].clone(), older.clone(), Held::default()] {
                held.catch_up(line, session, |_| ()).unwrap();
                assert!(held == fresh, "{session} from {from}: sync gives {held:#?}, a load {fresh:#?}");
            }
            let by_rest = client.person.http.get(&format!("/sessions/{session}/changes?rev={from}")).ok();
            let mut held = older;
            if !held.page(&by_rest) {
                assert!(held == fresh, "{session} from {from}: REST gives {held:#?}, a load {fresh:#?}");
            }
            check_reset(line, session, fresh.rev);
        }
    }

    // Knowing

    /// A session and one of its two.
    fn pick(&mut self) -> Option<(String, usize)> {
        let place = self.dice.place(self.sessions.len());
        let (session, (two, _)) = self.sessions.iter().nth(place)?;
        Some((session.clone(), two[self.dice.place(2)]))
    }

    fn message(&mut self, session: &str) -> Value {
        self.keys += 1;
        let words = "на ".repeat(self.dice.place(30)) + &self.keys.to_string();
        let mut command = json!({"type": "send", "session": session, "text": words, "key": format!("k{}", self.keys)});
        let said = self.sessions[session].1.said.len() as u64;
        if said > 0 && self.dice.once_in(5) {
            command["reply_to"] = json!(1 + self.dice.below(said));
        }
        command
    }

    fn said(&mut self, session: &str, who: usize, command: Value, ok: &Value) {
        let truth = &mut self.sessions.get_mut(session).unwrap().1;
        let seq = number(ok, "seq");
        assert_eq!(seq, truth.said.len() as u64 + 1, "{ok}");
        truth.said.push(Said { who, command, seq });
        truth.read.insert(who, seq);
    }
}

/// A load tells exactly what was done.
fn check_truth(fresh: &Held, who: usize, two: [usize; 2], truth: &Truth) {
    fresh.is_whole();
    assert_eq!(fresh.messages.len(), truth.said.len());
    for (message, said) in fresh.messages.values().zip(&truth.said) {
        assert_eq!((&message["text"], &message["reply_to"]), (&said.command["text"], &said.command["reply_to"]));
        assert_eq!(message["username"], PEOPLE[said.who]);
    }
    let read = |who: usize| truth.read.get(&who).copied().unwrap_or_default();
    assert_eq!(fresh.read, read(who), "what {} has read", PEOPLE[who]);
    let unread = truth.said.iter().filter(|said| said.who != who && said.seq > fresh.read).count();
    assert_eq!(fresh.unread, unread.min(1_000) as u64);
    let reads: Vec<_> = fresh.receipts.iter().map(|(name, (read, _))| (name.as_str(), *read)).collect();
    let mut wanted = two.map(|who| (PEOPLE[who], read(who)));
    wanted.sort_unstable();
    assert_eq!(reads, wanted);
}

/// A `rev` that the server never gave, or another history's, is never met with silence.
fn check_reset(line: &mut Line, session: &str, rev: u64) {
    let epoch = line.ready["server"]["epoch"].clone();
    for (rev, epoch) in [(rev + 1, epoch), (rev, json!("another"))] {
        let mut told = Vec::new();
        let command = json!({"type": "sync", "sessions": {session: rev}, "epoch": epoch});
        line.ask(command, |frame| told.push(frame)).unwrap();
        told.retain(|frame| frame["session"] == session && frame["type"] != "receipt");
        assert_eq!(told, [json!({"type": "reset", "session": session})]);
    }
}
