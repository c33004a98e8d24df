//! A walk of random actions: its users, the next action, and its end.

use std::collections::{BTreeMap, BTreeSet};

use super::client::{Client, Memory};
use super::truth::{Kind, Truth};
use crate::kit::*;

const PEOPLE: [&str; 6] = ["avi", "lisa", "mark", "nina", "omar", "pia"];

const SETTINGS: [(&str, &str); 12] = [
    ("PARLOR_LOBBY", "on"),
    ("PARLOR_LOBBY_SENDS_PER_SECOND", "0"),
    ("PARLOR_TOTAL_LOBBY_SENDS_PER_SECOND", "0"),
    ("PARLOR_ROOM_GRACE_SECONDS", "86400"),
    ("PARLOR_SENDS_PER_SECOND", "0"),
    ("PARLOR_FRAMES_PER_SECOND", "0"),
    ("PARLOR_REQUESTS_PER_SECOND", "0"),
    ("PARLOR_INVITES_PER_MINUTE", "0"),
    ("PARLOR_INVITE_PAUSE_SECONDS", "0"),
    ("PARLOR_SESSIONS_PER_MINUTE", "0"),
    ("PARLOR_WORKERS", "2"),
    // A client of this walk may be left alone for long.
    ("PARLOR_HEARTBEAT_SECONDS", "3600"),
];

pub struct Walk {
    pub random: Random,
    pub server: Server,
    pub clients: Vec<Client>,
    /// By client: the account is deleted.
    pub gone: Vec<bool>,
    /// By session.
    pub sessions: BTreeMap<String, Truth>,
    /// Open invites to groups: the session, the sender, the recipient.
    pub invited: BTreeSet<(String, usize, usize)>,
    pub keys: u64,
}

/// A command on the socket, and the same as a request.
pub struct Deed {
    pub command: Value,
    pub method: &'static str,
    pub path: String,
    pub body: Value,
}

impl Walk {
    pub fn new(random: Random) -> Self {
        let server = Server::with(&SETTINGS);
        let (clients, gone, sessions) = (Vec::new(), Vec::new(), BTreeMap::new());
        let mut walk = Self { random, server, clients, gone, sessions, invited: BTreeSet::new(), keys: 0 };
        PEOPLE.iter().for_each(|name| walk.arrive(name));
        let listed = walk.clients[0].person.http.get("/sessions").ok();
        let lobby = text(&list(&listed, "sessions")[0], "id").to_owned();
        let members = (0..PEOPLE.len()).map(|who| (who, "member")).collect();
        walk.sessions.insert(lobby, Truth::new(Kind::Lobby, "Lobby", members));
        walk.meet();
        walk.make_group();
        walk.make_room();
        walk
    }

    /// A new account. Half of them must be invited to groups.
    pub fn arrive(&mut self, name: &str) {
        let person = register(&self.server, name);
        if self.clients.len().is_multiple_of(2) {
            person.accepts_only_invited();
        }
        for lobby in self.sessions.values_mut().filter(|truth| truth.kind == Kind::Lobby) {
            lobby.members.insert(self.clients.len(), "member");
        }
        self.clients.push(Client::new(person));
        self.gone.push(false);
    }

    /// One random action.
    pub fn step(&mut self) {
        let touched = match self.random.below(1_000) {
            0..220 => self.send(),
            220..270 => self.mark(),
            270..310 => self.send_again(),
            310..380 => self.edit(),
            380..420 => self.delete(),
            420..490 => self.react(),
            490..500 => self.meet(),
            500..515 => self.make_group(),
            515..530 => self.make_room(),
            530..570 => self.join(),
            570..600 => self.invite(),
            600..640 => self.answer(),
            640..670 => self.leave(),
            670..690 => self.remove(),
            690..720 => self.set_role(),
            720..740 => self.retitle(),
            740..750 => self.new_code(),
            750..756 => self.end(),
            756..760 => self.delete_account(),
            760..820 => self.cut(),
            820..910 => self.reconnect(),
            910..920 => self.burst(),
            920..930 => self.stop(),
            930..940 => self.kill(),
            _ => {
                self.check_one();
                None
            }
        };
        if let Some(session) = touched {
            self.recount(&session);
        }
        let one = self.anybody();
        self.clients[one].look();
    }

    pub fn finish(&mut self) {
        for who in (0..self.clients.len()).filter(|who| !self.gone[*who]).collect::<Vec<_>>() {
            if self.clients[who].line.is_none() {
                self.clients[who].reconnect();
            }
            self.check(who);
        }
        let messages: usize = self.sessions.values().map(|truth| truth.posted.len()).sum();
        println!("{} sessions, {messages} messages, {} people", self.sessions.len(), self.clients.len());
    }

    // Doing

    /// On the socket where there is one, or by REST: the answer's `rev`, and whether the client itself was answered.
    pub fn act(&mut self, who: usize, deed: &Deed) -> (Value, bool) {
        if self.clients[who].line.is_some() && !deed.command.is_null() && !self.random.once_in(3) {
            let ok = self.clients[who].request(deed.command.clone());
            assert_eq!(ok["type"], "ok", "{}: {ok}", deed.command);
            return (ok, true);
        }
        let reply = self.clients[who].person.http.call(deed.method, &deed.path).json(&deed.body).send();
        assert!([200, 204].contains(&reply.status), "{} {}: {}", deed.method, deed.path, reply.text());
        let answer = if reply.status == 204 { Value::Null } else { reply.json() };
        (answer, false)
    }

    /// What a client knows of its own command when the answer carries only its `rev`.
    pub fn own(
        &mut self,
        who: usize,
        session: &str,
        answer: &(Value, bool),
        change: impl FnOnce(&mut SessionReplica, u64),
    ) {
        if let (ok, true) = answer {
            let rev = number(ok, "rev");
            let held = self.clients[who].memory.held.get_mut(session).expect("told of the session before");
            change(held, rev);
            held.step(rev);
        }
    }

    // Knowing

    /// The present names of all users.
    pub fn names(&self) -> Vec<String> {
        let named = |(who, client): (usize, &Client)| match self.gone[who] {
            true => "deleted-user".to_owned(),
            false => client.person.username.clone(),
        };
        self.clients.iter().enumerate().map(named).collect()
    }

    pub fn name(&self, who: usize) -> String {
        self.clients[who].person.username.clone()
    }

    /// A user with an account.
    pub fn anybody(&mut self) -> usize {
        let people: Vec<usize> = (0..self.clients.len()).filter(|who| !self.gone[*who]).collect();
        people[self.random.place(people.len())]
    }

    /// One of these.
    pub fn one_of<T: Clone>(&mut self, these: &[T]) -> Option<T> {
        these.get(self.random.place(these.len())).cloned()
    }

    /// A session that may be sent to, and one of its members.
    pub fn pick(&mut self) -> Option<(String, usize)> {
        self.pick_where(|_, _| true)
    }

    /// The same, where this holds for the member's role.
    pub fn pick_where(&mut self, fits: impl Fn(&Truth, &str) -> bool) -> Option<(String, usize)> {
        let mut found = Vec::new();
        for (session, truth) in &self.sessions {
            let closed = truth.kind == Kind::Direct && truth.members.keys().any(|who| self.gone[*who]);
            let members = truth.members.iter().filter(|(who, role)| !closed && !self.gone[**who] && fits(truth, role));
            let members: Vec<usize> = members.map(|(who, _)| *who).collect();
            if !members.is_empty() {
                found.push((session.clone(), members));
            }
        }
        let (session, members) = self.one_of(&found)?;
        let who = self.one_of(&members)?;
        Some((session, who))
    }

    /// The state of all users with an account.
    pub fn memories(&mut self) -> impl Iterator<Item = &mut Memory> {
        self.clients.iter_mut().map(|client| &mut client.memory)
    }
}
