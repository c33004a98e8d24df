//! What must be true wherever a walk pauses.

use super::walk::{PEOPLE, Walk};
use crate::kit::*;

impl Walk {
    pub fn check_one(&mut self) {
        let who = self.dice.place(PEOPLE.len());
        if self.clients[who].line.is_some() {
            self.check(who);
        }
    }

    /// For each session of a connected client: what it heard live, what `sync` makes of it, and what `sync` makes of an
    /// older state are each what a fresh load gives, and that is what was done.
    pub fn check(&mut self, who: usize) {
        let client = &mut self.clients[who];
        let mut loads = Vec::new();
        // All is heard first, so that no event of one session comes while another is looked at.
        for (session, truth) in self.sessions.iter().filter(|(_, truth)| truth.two.contains(&who)) {
            let fresh = Held::load(&client.person, session);
            truth.check(&fresh, who);
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
