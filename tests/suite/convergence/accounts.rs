//! Deleting accounts and registering new ones.

use super::truth::Kind;
use super::walk::Walk;
use crate::kit::*;

impl Walk {
    pub fn delete_account(&mut self) -> Option<String> {
        let who = self.anybody();
        let places: Vec<String> = self
            .sessions
            .iter()
            .filter(|(_, truth)| truth.members.contains_key(&who))
            .map(|(id, _)| id.clone())
            .collect();
        let mut left = Vec::new();
        for session in &places {
            let truth = &self.sessions[session];
            // Messages in a room without members could not be compared.
            if truth.kind == Kind::Room && truth.members.len() == 1 {
                remove(&self.clients[who].person.http, session, &self.name(who)).ok();
                let content = format!("{} left", self.name(who));
                self.sessions.get_mut(session).unwrap().notice(who, &content);
                self.has_left(session, who, &[]);
            } else if [Kind::Group, Kind::Room].contains(&truth.kind) {
                left.push((session.clone(), self.heirs(session, who)));
            }
        }
        let http = self.clients[who].person.http.clone();
        http.call("DELETE", "/me").json(&json!({"current_password": PASSWORD})).send().done();
        assert!(matches!(self.clients[who].ended(), None | Some(Lost::Closed(4502, _))));
        http.get("/me").refused(401, "unauthenticated");
        self.gone[who] = true;
        self.invited.retain(|(_, inviter, invited)| *inviter != who && *invited != who);
        for (session, heirs) in &left {
            self.has_left(session, who, heirs);
            self.receive_notice(session, who);
        }
        self.forget_name(who);
        let name = format!("new{}", self.clients.len());
        self.arrive(&name);
        for session in places {
            self.recount(&session);
        }
        None
    }

    /// Whether and how a session reports that a deleted account has left is not specified.
    fn receive_notice(&mut self, session: &str, who: usize) {
        let Some(truth) = self.sessions.get_mut(session) else { return };
        let (other, _) = truth.members.first_key_value().unwrap();
        let last = messages(&self.clients[*other].person, session).pop();
        if let Some(last) = last.filter(|last| number(last, "seq") == truth.seq() + 1) {
            assert_eq!((&last["kind"], &last["username"]), (&json!("notice"), &json!("deleted-user")));
            truth.notice(who, text(&last, "text"));
        }
    }

    /// The lobby has no `member` frames: there the walk itself updates its clients.
    fn forget_name(&mut self, who: usize) {
        let (id, name) = (self.clients[who].person.id.clone(), self.name(who));
        let lobby: Vec<String> =
            self.sessions.iter().filter(|(_, truth)| truth.kind == Kind::Lobby).map(|(id, _)| id.clone()).collect();
        for memory in self.memories() {
            for session in &lobby {
                let pasts = memory.pasts.get_mut(session).into_iter().flatten();
                for held in pasts.chain(memory.held.get_mut(session)) {
                    held.renamed(&id, &name, "deleted-user");
                }
            }
        }
    }
}
