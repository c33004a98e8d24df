//! The namespaces of a connection.
//!
//! A client of revision 4 asks for each namespace, `/` too; one of revision 3 is taken to ask for `/` by coming. Whoever owns
//! the peer lets it in or not, when it likes; what the client says there until then is held.

use std::collections::BTreeSet;

use bytestring::ByteString;

use super::super::action::Action;
use super::super::outgoing::Outgoing;
use super::Peer;
use crate::socketio::codec::packet::{self, Event, Namespace};

/// Answers that one namespace may owe us; beyond that the oldest questions are forgotten.
const ASKED: usize = 1_000;

/// A namespace and how the client stands to it.
#[derive(Debug)]
pub(super) struct Space {
    pub(super) name: Namespace,
    pub(super) standing: Standing,
}

/// How a client stands to a namespace.
#[derive(Debug)]
pub(super) enum Standing {
    /// It wants in; what it has said since is held.
    Wants {
        /// In the order it came.
        held: Vec<Event>,
        /// About what they take up.
        bytes: usize,
        /// It has left again, behind what is held.
        leaves: bool,
    },
    /// It is in.
    In {
        /// Our questions that are not answered.
        asked: BTreeSet<u64>,
        /// The number of the next.
        next: u64,
    },
    /// We said no: what was on its way to us then means nothing.
    Out,
}

impl Peer {
    /// True where the client has been let into `namespace`: events may be sent there.
    pub(crate) fn is_in(&self, namespace: &Namespace) -> bool {
        let is_it = |space: &Space| space.name == *namespace && matches!(space.standing, Standing::In { .. });
        self.spaces.iter().any(is_it)
    }

    /// Lets the client in, under a `sid` that is no secret, and tells what it has said meanwhile. `false`: it does not want in
    /// any more.
    pub(crate) fn accept(&mut self, namespace: &Namespace, sid: &str) -> bool {
        let Some(standing @ Standing::Wants { .. }) = self.standing(namespace) else { return false };
        let before = std::mem::replace(standing, Standing::In { asked: BTreeSet::new(), next: 0 });
        let revision = self.line.revision();
        self.say(|to| packet::connect(revision, namespace, sid, to));
        if let Standing::Wants { held, leaves, .. } = before {
            self.ready.extend(held.into_iter().map(|event| Action::Event(namespace.clone(), event)));
            if leaves {
                self.leave(namespace.clone());
            }
        }
        true
    }

    /// Does not let the client in: it hears `message`, and `code` as the error's `data.code`.
    pub(crate) fn refuse(&mut self, namespace: &Namespace, message: &str, code: Option<&str>) {
        if let Some(standing @ Standing::Wants { .. }) = self.standing(namespace) {
            *standing = Standing::Out;
            self.refused(namespace, message, code);
        }
    }

    /// Sends the client away from a namespace that it is in; it does not come back by itself.
    pub(crate) fn dismiss(&mut self, namespace: &Namespace) {
        if let Some(standing @ Standing::In { .. }) = self.standing(namespace) {
            *standing = Standing::Out;
            self.say(|to| packet::disconnect(namespace, to));
            self.left();
        }
    }

    /// A number to ask for an answer under, for an event that is sent next; the answer is told once. `None`: the client is not
    /// in that namespace.
    pub(crate) fn ask(&mut self, namespace: &Namespace) -> Option<u64> {
        let Some(Standing::In { asked, next }) = self.standing(namespace) else { return None };
        let id = *next;
        *next += 1;
        asked.insert(id);
        if asked.len() > ASKED {
            asked.pop_first();
        }
        Some(id)
    }

    pub(super) fn dismiss_from_all(&mut self) {
        let names: Vec<_> = self.spaces.iter().map(|space| space.name.clone()).collect();
        for name in names {
            self.dismiss(&name);
        }
    }

    /// The client wants into a namespace.
    pub(super) fn wants(&mut self, name: Namespace, auth: Option<ByteString>) {
        let is_live = |space: &&Space| !matches!(space.standing, Standing::Out);
        self.spaces.retain(|space| space.name != name);
        if self.spaces.iter().filter(is_live).count() >= self.terms.namespaces {
            return self.refused(&name, "Too many namespaces", Some("limit_reached"));
        }
        if self.spaces.len() >= self.terms.namespaces {
            self.spaces.retain(|space| is_live(&space));
        }
        let standing = Standing::Wants { held: Vec::new(), bytes: 0, leaves: false };
        self.spaces.push(Space { name: name.clone(), standing });
        self.ready.push_back(Action::Connect(name, auth));
    }

    /// The client has left a namespace.
    pub(super) fn leave(&mut self, name: Namespace) {
        self.spaces.retain(|space| space.name != name);
        self.ready.push_back(Action::Disconnected(name));
        self.left();
    }

    /// True where a client that is not let in yet has said something that is held.
    pub(crate) fn holds_events(&self) -> bool {
        self.spaces.iter().any(|space| matches!(&space.standing, Standing::Wants { held, .. } if !held.is_empty()))
    }

    /// A namespace is left: with the last one the time to connect begins anew.
    pub(super) fn left(&mut self) {
        if self.is_lonely() {
            self.lonely = self.line.now() + self.terms.connect;
        }
    }

    /// True where the client is in no namespace and wants into none.
    pub(super) fn is_lonely(&self) -> bool {
        self.spaces.iter().all(|space| matches!(space.standing, Standing::Out))
    }

    pub(super) fn standing(&mut self, name: &Namespace) -> Option<&mut Standing> {
        self.spaces.iter_mut().find(|space| space.name == *name).map(|space| &mut space.standing)
    }

    fn refused(&mut self, namespace: &Namespace, message: &str, code: Option<&str>) {
        let revision = self.line.revision();
        self.say(|to| packet::connect_error(revision, namespace, message, code, to));
    }

    fn say(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let packet = Outgoing::message(|to| {
            write(to);
            true
        });
        if let Some(packet) = packet {
            self.line.send(packet);
        }
    }
}
