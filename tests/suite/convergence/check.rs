//! What must be true wherever a walk pauses.

use super::truth::Kind;
use super::walk::Walk;
use crate::kit::*;

impl Walk {
    pub fn check_one(&mut self) {
        let who = self.anybody();
        if self.clients[who].line.is_some() {
            self.check(who);
        }
    }

    /// For each session of a connected client: what it received live, what `sync` makes of it, and what `sync` makes of an
    /// older state are each what a fresh load gives, and that is what was done.
    pub fn check(&mut self, who: usize) {
        let names = self.names();
        let client = &mut self.clients[who];
        let mut loads = Vec::new();
        // Every event is received first, so that no event of one session comes while another is looked at.
        for (session, truth) in self.sessions.iter().filter(|(_, truth)| truth.members.contains_key(&who)) {
            let fresh = SessionReplica::load(&client.person, session);
            truth.check(&fresh, who, &names);
            client.receive_up_to(session, fresh.rev);
            // What an own edit left open is known now.
            for (seq, message) in &mut client.memory.held.get_mut(session).unwrap().messages {
                if message["edited_at"] == OWN {
                    message["edited_at"] = fresh.messages[seq]["edited_at"].clone();
                }
            }
            let held = &client.memory.held[session];
            for (held, fresh) in held.messages.values().zip(fresh.messages.values()) {
                assert_eq!(held, fresh, "{session}: live is not what a load gives");
            }
            assert_eq!(held.messages.len(), fresh.messages.len(), "{session}: live is not what a load gives");
            assert_eq!(held.members.roles(), fresh.members.roles(), "{session}: live is not what a load gives");
            assert_eq!((&held.title, &held.code), (&fresh.title, &fresh.code), "{session}");
            loads.push((session, fresh, truth.kind));
        }
        let over: Vec<String> =
            client.memory.held.keys().filter(|id| !loads.iter().any(|(one, ..)| one == id)).cloned().collect();
        for session in over {
            client.receive_removal(&session);
            client.person.http.get(&format!("/sessions/{session}")).refused(404, "not_found");
        }
        let line = client.line.as_mut().unwrap();
        for (session, fresh, kind) in loads {
            let older = fresh.back_at(self.random.below(fresh.rev + 1));
            let from = older.rev;
            let nothing = SessionReplica { members: fresh.members.clone(), ..SessionReplica::default() };
            let mut states = client.memory.pasts.get(session).cloned().unwrap_or_default();
            states.extend([client.memory.held[session].clone(), older.clone(), nothing]);
            for mut held in states {
                let from = held.rev;
                held.catch_up(line, session, |_| ()).unwrap();
                assert!(held == fresh, "{session} from {from}: sync gives {held:#?}, a load {fresh:#?}");
            }
            let by_rest = client.person.http.get(&format!("/sessions/{session}/changes?rev={from}")).ok();
            let mut held = older;
            if !held.page(&by_rest) {
                assert!(held == fresh, "{session} from {from}: REST gives {held:#?}, a load {fresh:#?}");
            }
            check_reset(line, session, fresh.rev);
            client.memory.remember(session);
            // What `sync` sent is known now: nothing else carries marks.
            let held = client.memory.held.get_mut(session).unwrap();
            (held.read, held.unread) = (fresh.read, fresh.unread);
            assert!(kind != Kind::Lobby || fresh.receipts.is_empty(), "nobody's marks in the lobby");
        }
    }

    /// After a step: the counts that each member sees are those that counting gives.
    pub fn recount(&self, session: &str) {
        let Some(truth) = self.sessions.get(session) else { return };
        for who in truth.members.keys().filter(|who| !self.gone[**who]) {
            let received = seen(&self.clients[*who].person, session);
            truth.check_read(*who, number(&received, "read"), number(&received, "unread"));
            assert_eq!(number(&received, "seq"), truth.seq(), "{received}");
        }
    }
}

/// A `rev` that the server never gave, or another history's, is never met with silence.
fn check_reset(line: &mut TrySocket, session: &str, rev: u64) {
    let epoch = line.ready["server"]["epoch"].clone();
    for (rev, epoch) in [(rev + 1, epoch), (rev, json!("another"))] {
        let mut received = Vec::new();
        let command = json!({"type": "sync", "sessions": {session: rev}, "epoch": epoch});
        line.request(command, |frame| received.push(frame)).unwrap();
        received.retain(|frame| frame["session"] == session && frame["type"] != "receipt");
        assert_eq!(received, [json!({"type": "reset", "session": session})]);
    }
}
