//! A reader, which catches up by `sync` from the `rev` it holds.

use std::time::Duration;

use super::gate::Gate;
use crate::kit::*;

pub struct Reader<'a> {
    person: &'a Person,
    pub session: &'a str,
    held: SessionReplica,
}

impl<'a> Reader<'a> {
    pub fn new(person: &'a Person, session: &'a str) -> Self {
        Self { person, session, held: SessionReplica::default() }
    }

    pub fn username(&self) -> &str {
        &self.person.username
    }

    /// Reads until it has as much as the gate expects.
    pub fn run(mut self, gate: &Gate) -> Self {
        let _watch = gate.watch();
        let (mut start, mut lost) = (0, None);
        loop {
            start = gate.next_start(start, lost.as_ref());
            match self.visit(gate) {
                Ok(()) => return self,
                Err(why) => lost = Some(why),
            }
        }
    }

    fn visit(&mut self, gate: &Gate) -> OrLost<()> {
        let mut line = TrySocket::connect(self.person.http.endpoint(), &self.person.token)?;
        self.held.catch_up(&mut line, self.session, |_| ())?;
        let (mut silence, mut rev) = (0, self.held.rev);
        loop {
            match line.receive(Duration::from_millis(200))? {
                Some(frame) if frame["type"] == "message" => {
                    self.held.live(&frame);
                    self.held.is_whole_at_end();
                }
                Some(_) => {}
                None => silence += 1,
            }
            match gate.total(self.session) {
                Some(total) if self.held.rev >= total => return Ok(()),
                Some(total) => assert!(silence < 50, "has {} of {total} and hears nothing", self.held.rev),
                None => {}
            }
            if self.held.rev > rev {
                (silence, rev) = (0, self.held.rev);
            }
        }
    }

    /// All that it ever received and kept is what a fresh load gives.
    pub fn check(&self, fresh: &SessionReplica) {
        self.held.is_whole();
        assert!(self.held.messages == fresh.messages, "a reader holds something else than a fresh load");
        assert_eq!(self.held.rev, fresh.rev);
    }
}
