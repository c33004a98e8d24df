//! Connecting and disconnecting: clients that are cut, servers that are stopped and killed.

use super::walk::{Deed, Walk};
use crate::kit::*;

impl Walk {
    pub fn reconnect(&mut self) -> Option<String> {
        let who = self.anybody();
        if self.clients[who].line.is_none() {
            self.forget_some(who);
            self.clients[who].reconnect();
        }
        None
    }

    pub fn cut(&mut self) -> Option<String> {
        let who = self.anybody();
        if let Some(mut line) = self.clients[who].line.take()
            && self.random.once_in(2)
        {
            line.send(&json!({"type": "goodbye"})).unwrap();
        }
        None
    }

    /// A client that could not store everything it received catches up from further behind.
    fn forget_some(&mut self, who: usize) {
        let memory = &mut self.clients[who].memory;
        for (session, held) in &mut memory.held {
            let past = memory.pasts.get(session).and_then(|pasts| pasts.get(self.random.place(pasts.len())));
            match past {
                Some(past) if self.random.once_in(3) => *held = past.clone(),
                _ => {}
            }
        }
    }

    pub fn stop(&mut self) -> Option<String> {
        self.server.signal("TERM");
        for client in &mut self.clients {
            assert!(matches!(client.ended(), None | Some(Lost::Closed(1012, _))));
        }
        assert!(self.server.wait().success());
        self.server.open().unwrap();
        None
    }

    /// A kill with a message in flight: a retry with its key shows whether it was stored.
    pub fn kill(&mut self) -> Option<String> {
        let under_way = self.pick().map(|(session, who)| (self.message(&session, who), session, who));
        if let Some(((command, _), _, who)) = &under_way
            && let Some(line) = &mut self.clients[*who].line
        {
            line.send(command).unwrap();
        }
        std::thread::sleep(std::time::Duration::from_micros(self.random.below(3_000)));
        self.server.kill();
        for client in &mut self.clients {
            assert!(matches!(client.ended(), None | Some(Lost::Cut(_))));
        }
        self.server.open().unwrap();
        let ((command, mentions), session, who) = under_way?;
        let path = format!("/sessions/{session}/messages");
        let (ok, _) = self.act(who, &Deed { command: Value::Null, method: "POST", path, body: command.clone() });
        self.sessions.get_mut(&session).unwrap().add(who, command, mentions, &ok);
        Some(session)
    }
}
