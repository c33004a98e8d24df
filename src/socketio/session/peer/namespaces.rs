//! The namespaces of a connection.
//!
//! A client of revision 4 requests to join each namespace, `/` too; one of revision 3 joins `/` by connecting. The owner of the
//! peer accepts or refuses a request at any later time; the client's events are held until then.

use bytestring::ByteString;

use super::super::action::Action;
use super::super::outgoing::Outgoing;
use super::Peer;
use crate::socketio::codec::packet::{self, EventPacket, Namespace};

#[derive(Debug)]
pub(super) struct NamespaceEntry {
    pub(super) name: Namespace,
    pub(super) membership: Membership,
}

#[derive(Debug)]
pub(super) enum Membership {
    Pending {
        /// Events received since, in order.
        held: Vec<EventPacket>,
        /// Approximate memory that they take.
        bytes: usize,
        /// The client has left again, after the held events.
        leaves: bool,
    },
    Joined,
    /// The client was refused or disconnected: packets that were then on their way are ignored.
    Refused,
}

impl Peer {
    /// True where the client has joined `namespace`, so that events may be sent there.
    pub(crate) fn is_in(&self, namespace: &Namespace) -> bool {
        self.namespaces.iter().any(|entry| entry.name == *namespace && matches!(entry.membership, Membership::Joined))
    }

    /// Accepts the client, under a `sid` that is no secret, and releases its held events. `false`: there is no pending request.
    pub(crate) fn accept(&mut self, namespace: &Namespace, sid: &str) -> bool {
        let Some(membership @ Membership::Pending { .. }) = self.membership(namespace) else { return false };
        let before = std::mem::replace(membership, Membership::Joined);
        let revision = self.engine.revision();
        self.send_packet(|to| packet::connect(revision, namespace, sid, to));
        if let Membership::Pending { held, leaves, .. } = before {
            self.ready.extend(held.into_iter().map(|event| Action::Event(namespace.clone(), event)));
            if leaves {
                self.leave(namespace.clone());
            }
        }
        true
    }

    /// Refuses a pending request with `message`, and `code` as the error's `data.code`.
    pub(crate) fn refuse(&mut self, namespace: &Namespace, message: &str, code: Option<&str>) {
        if let Some(membership @ Membership::Pending { .. }) = self.membership(namespace) {
            *membership = Membership::Refused;
            self.send_connect_error(namespace, message, code);
        }
    }

    /// Disconnects the client from a namespace that it has joined; it does not reconnect by itself.
    pub(crate) fn disconnect(&mut self, namespace: &Namespace) {
        if let Some(membership @ Membership::Joined) = self.membership(namespace) {
            *membership = Membership::Refused;
            self.send_packet(|to| packet::disconnect(namespace, to));
            self.restart_connect_deadline();
        }
    }

    pub(super) fn disconnect_all(&mut self) {
        let names: Vec<_> = self.namespaces.iter().map(|entry| entry.name.clone()).collect();
        for name in names {
            self.disconnect(&name);
        }
    }

    pub(super) fn request_namespace(&mut self, name: Namespace, auth: Option<ByteString>) {
        let is_live = |entry: &&NamespaceEntry| !matches!(entry.membership, Membership::Refused);
        self.namespaces.retain(|entry| entry.name != name);
        if self.namespaces.iter().filter(is_live).count() >= self.config.namespaces {
            return self.send_connect_error(&name, "Too many namespaces", Some("limit_reached"));
        }
        if self.namespaces.len() >= self.config.namespaces {
            self.namespaces.retain(|entry| is_live(&entry));
        }
        let membership = Membership::Pending { held: Vec::new(), bytes: 0, leaves: false };
        self.namespaces.push(NamespaceEntry { name: name.clone(), membership });
        self.ready.push_back(Action::Connect(name, auth));
    }

    pub(super) fn leave(&mut self, name: Namespace) {
        self.namespaces.retain(|entry| entry.name != name);
        self.ready.push_back(Action::Disconnected(name));
        self.restart_connect_deadline();
    }

    pub(crate) fn has_held_events(&self) -> bool {
        let holds =
            |entry: &NamespaceEntry| matches!(&entry.membership, Membership::Pending { held, .. } if !held.is_empty());
        self.namespaces.iter().any(holds)
    }

    fn restart_connect_deadline(&mut self) {
        if self.has_no_namespace() {
            self.connect_deadline = self.engine.now() + self.config.connect;
        }
    }

    /// True where the client has joined no namespace and has no pending request.
    pub(super) fn has_no_namespace(&self) -> bool {
        self.namespaces.iter().all(|entry| matches!(entry.membership, Membership::Refused))
    }

    pub(super) fn membership(&mut self, name: &Namespace) -> Option<&mut Membership> {
        self.namespaces.iter_mut().find(|entry| entry.name == *name).map(|entry| &mut entry.membership)
    }

    fn send_connect_error(&mut self, namespace: &Namespace, message: &str, code: Option<&str>) {
        let revision = self.engine.revision();
        self.send_packet(|to| packet::connect_error(revision, namespace, message, code, to));
    }

    fn send_packet(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let packet = Outgoing::message(|to| {
            write(to);
            true
        });
        if let Some(packet) = packet {
            self.engine.send(packet);
        }
    }
}
