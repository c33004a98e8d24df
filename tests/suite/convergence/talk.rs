//! Messages, and what users do with them.

use super::truth::{Kind, Posted};
use super::walk::{Deed, Walk};
use crate::kit::*;

const EMOJIS: [&str; 4] = ["👍", "🎉", "❤️", "🇮🇱"];

impl Walk {
    pub fn send(&mut self) -> Option<String> {
        let (session, who) = self.pick()?;
        let (command, mentions) = self.message(&session, who);
        let path = format!("/sessions/{session}/messages");
        let (ok, live) = self.act(who, &Deed { command: command.clone(), method: "POST", path, body: command.clone() });
        if live {
            let person = &self.clients[who].person;
            let mut message =
                json!({"type": "message", "kind": "text", "sender": person.id, "username": person.username});
            for (from, fields) in [(&ok, &["session", "seq", "rev", "at"][..]), (&command, &["text", "reply_to"][..])] {
                for field in fields.iter().filter(|field| !from[**field].is_null()) {
                    message[*field] = from[*field].clone();
                }
            }
            if !mentions.is_empty() {
                message["mentions"] = json!(mentions);
            }
            self.clients[who].memory.held.get_mut(&session).unwrap().live(&message);
        }
        self.sessions.get_mut(&session).unwrap().add(who, command, mentions, &ok);
        Some(session)
    }

    /// More than a page of `sync` or history, under way at once.
    pub fn burst(&mut self) -> Option<String> {
        let (session, who) = self.pick()?;
        let posted: Vec<(Value, Vec<String>)> = (0..250).map(|_| self.message(&session, who)).collect();
        let mut line =
            TrySocket::connect(self.clients[who].person.http.endpoint(), &self.clients[who].person.token).unwrap();
        for (command, _) in &posted {
            line.submit(command.clone()).unwrap();
        }
        for (command, mentions) in posted {
            let ok = loop {
                let frame = line.receive(PATIENCE).unwrap().expect("an answer");
                if frame["type"] == "ok" {
                    break frame;
                }
            };
            self.sessions.get_mut(&session).unwrap().add(who, command, mentions, &ok);
        }
        Some(session)
    }

    /// A known key is answered with its first `seq` and changes nothing, whatever has become of the message.
    pub fn send_again(&mut self) -> Option<String> {
        let (session, who) = self.pick()?;
        let own = |posted: &&Posted| posted.who == who && !posted.is_notice();
        let posted: Vec<(Value, u64)> = self.sessions[&session]
            .posted
            .iter()
            .filter(own)
            .map(|posted| (posted.command.clone(), posted.seq))
            .collect();
        let (command, seq) = self.one_of(&posted)?;
        let path = format!("/sessions/{session}/messages");
        let (ok, _) = self.act(who, &Deed { command: command.clone(), method: "POST", path, body: command });
        assert_eq!((&ok["seq"], &ok["duplicate"]), (&json!(seq), &json!(true)), "{ok}");
        Some(session)
    }

    pub fn mark(&mut self) -> Option<String> {
        let (session, who) = self.pick()?;
        let seq = self.random.below(self.sessions[&session].seq() + 1);
        if self.clients[who].line.is_some() && self.random.once_in(2) {
            let ok = self.clients[who].request(json!({"type": "received", "session": session, "seq": seq}));
            assert_eq!(ok["type"], "ok", "{ok}");
        } else {
            let (command, path) =
                (json!({"type": "read", "session": session, "seq": seq}), format!("/sessions/{session}/read"));
            self.act(who, &Deed { command, method: "PUT", path, body: json!({"seq": seq}) });
            self.sessions.get_mut(&session).unwrap().read_up_to(who, seq);
        }
        Some(session)
    }

    pub fn edit(&mut self) -> Option<String> {
        let (session, who) = self.pick()?;
        let seq = self.text_where(&session, |posted| posted.who == who)?;
        let (words, mentions) = match self.random.once_in(6) {
            // The same again changes nothing.
            true => {
                let posted = &self.sessions[&session].posted[seq as usize - 1];
                (posted.text.clone(), posted.mentions.clone())
            }
            false => self.words(&session, who),
        };
        let command = json!({"type": "edit", "session": session, "seq": seq, "text": words});
        let path = format!("/sessions/{session}/messages/{seq}");
        let answer = self.act(who, &Deed { command, method: "PATCH", path, body: json!({"text": words}) });
        let posted = &mut self.sessions.get_mut(&session).unwrap().posted[seq as usize - 1];
        if posted.text == words {
            return Some(session);
        }
        (posted.text, posted.mentions, posted.edited) = (words.clone(), mentions.clone(), true);
        self.own_message(who, &session, seq, &answer, |message| {
            (message["text"], message["edited_at"]) = (json!(words), json!(OWN));
            let fields = message.as_object_mut().unwrap();
            fields.remove("mentions");
            if !mentions.is_empty() {
                fields.insert("mentions".to_owned(), json!(mentions));
            }
        });
        Some(session)
    }

    pub fn delete(&mut self) -> Option<String> {
        let (session, who) = self.pick()?;
        let truth = &self.sessions[&session];
        let may_all = truth.members[&who] != "member" && truth.kind != Kind::Direct;
        let seq = self.text_where(&session, |posted| posted.who == who || may_all)?;
        let command = json!({"type": "delete", "session": session, "seq": seq});
        let path = format!("/sessions/{session}/messages/{seq}");
        let answer = self.act(who, &Deed { command, method: "DELETE", path, body: json!({}) });
        let posted = &mut self.sessions.get_mut(&session).unwrap().posted[seq as usize - 1];
        (posted.deleted, posted.edited) = (true, false);
        posted.text.clear();
        posted.mentions.clear();
        posted.reactions.clear();
        self.own_message(who, &session, seq, &answer, |message| {
            (message["text"], message["deleted"]) = (json!(""), json!(true));
            for gone in ["mentions", "reactions", "edited_at"] {
                message.as_object_mut().unwrap().remove(gone);
            }
        });
        Some(session)
    }

    pub fn react(&mut self) -> Option<String> {
        let (session, who) = self.pick_where(|truth, _| truth.kind != Kind::Lobby)?;
        let seq = self.text_where(&session, |_| true)?;
        let (emoji, on) = (EMOJIS[self.random.place(EMOJIS.len())], !self.random.once_in(3));
        let command = json!({"type": "react", "session": session, "seq": seq, "emoji": emoji, "on": on});
        let path = format!("/sessions/{session}/messages/{seq}/reactions/{}", percent(emoji));
        let method = if on { "PUT" } else { "DELETE" };
        let answer = self.act(who, &Deed { command, method, path, body: json!({}) });
        let reactions = &mut self.sessions.get_mut(&session).unwrap().posted[seq as usize - 1].reactions;
        let names = reactions.entry(emoji.to_owned()).or_default();
        let changes = if on { names.insert(who) } else { names.remove(&who) };
        reactions.retain(|_, names| !names.is_empty());
        if changes {
            let name = json!(self.name(who));
            self.own_message(who, &session, seq, &answer, |message| {
                let mut all = message["reactions"].as_object().cloned().unwrap_or_default();
                let names = all.entry(emoji).or_insert(json!([])).as_array_mut().unwrap();
                names.retain(|one| *one != name);
                if on {
                    names.push(name);
                    names.sort_by_key(ToString::to_string);
                }
                all.retain(|_, names| names != &json!([]));
                message.as_object_mut().unwrap().remove("reactions");
                if !all.is_empty() {
                    message["reactions"] = Value::Object(all);
                }
            });
        }
        Some(session)
    }

    /// What the acting client makes of its own copy.
    fn own_message(
        &mut self,
        who: usize,
        session: &str,
        seq: u64,
        answer: &(Value, bool),
        change: impl FnOnce(&mut Value),
    ) {
        let held = self.clients[who].memory.held.get(session);
        // Of one that is not loaded yet it does not know what the step brought; loading will show it.
        if held.is_some_and(|held| held.messages.contains_key(&seq)) {
            self.own(who, session, answer, |held, rev| {
                let message = held.messages.get_mut(&seq).unwrap();
                change(message);
                message["rev"] = json!(rev);
            });
        }
    }

    /// The `seq` of a message that is not deleted and for which this holds.
    fn text_where(&mut self, session: &str, fits: impl Fn(&Posted) -> bool) -> Option<u64> {
        let posted = self.sessions[session]
            .posted
            .iter()
            .filter(|posted| !posted.is_notice() && !posted.deleted && fits(posted));
        let seqs: Vec<u64> = posted.map(|posted| posted.seq).collect();
        self.one_of(&seqs)
    }

    /// A new text, and the users that it mentions.
    fn words(&mut self, session: &str, who: usize) -> (String, Vec<String>) {
        self.keys += 1;
        let mut words = "на ".repeat(self.random.place(30)) + &self.keys.to_string();
        let other = self.anybody();
        if other == who || !self.random.once_in(4) {
            return (words, Vec::new());
        }
        let name = self.name(other);
        words += &format!(" @{name}, hm?");
        let is_in = self.sessions[session].members.contains_key(&other);
        (words, if is_in { vec![name] } else { Vec::new() })
    }

    pub fn message(&mut self, session: &str, who: usize) -> (Value, Vec<String>) {
        let (words, mentions) = self.words(session, who);
        let mut command = json!({"type": "send", "session": session, "text": words, "key": format!("k{}", self.keys)});
        let posted = self.sessions[session].seq();
        if posted > 0 && self.random.once_in(5) {
            command["reply_to"] = json!(1 + self.random.below(posted));
        }
        (command, mentions)
    }
}
