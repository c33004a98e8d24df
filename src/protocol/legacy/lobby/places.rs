//! What the sessions of one user are called as receivers: the lobby is the group, a direct session is the other's name, any
//! other one is its id.

use std::collections::{HashMap, HashSet};

use super::GROUP;
use crate::domain::{Message, Session, SessionId, SessionKind, Target, UserId};
use crate::protocol::Arrival;

/// The sessions of one user.
#[derive(Debug)]
pub(super) struct Places {
    /// `None` where the lobby is switched off.
    lobby: Option<SessionId>,
    me: UserId,
    own_name: String,
    /// The other in each direct session.
    partners: HashMap<SessionId, String>,
    all: HashSet<SessionId>,
}

impl Places {
    /// Nobody's, until somebody [arrives](Self::arrive).
    pub(super) fn new(lobby: Option<SessionId>) -> Self {
        Self { lobby, me: UserId(0), own_name: String::new(), partners: HashMap::new(), all: HashSet::new() }
    }

    /// Whose they are, and which they are now.
    pub(super) fn arrive(&mut self, arrival: Arrival<'_>) {
        self.me = arrival.me.id;
        self.own_name.clone_from(&arrival.me.username);
        let direct = arrival.conversations.iter().filter_map(|one| Some((one.session, one.partner.clone()?)));
        self.partners = direct.collect();
        self.all = arrival.sessions.clone();
    }

    /// Whose they are.
    pub(super) const fn me(&self) -> UserId {
        self.me
    }

    /// One more.
    pub(super) fn added(&mut self, session: &Session) {
        self.all.insert(session.id);
        if session.kind == SessionKind::Direct {
            self.partners.insert(session.id, session.title.clone());
        }
    }

    /// One less.
    pub(super) fn removed(&mut self, session: SessionId) {
        self.all.remove(&session);
        self.partners.remove(&session);
    }

    /// Where a message goes that is for this receiver: what is no session of one's own is a name.
    pub(super) fn target(&self, receiver: &str) -> Target {
        if receiver.eq_ignore_ascii_case(GROUP) {
            return Target::Session(self.lobby);
        }
        let session = receiver.parse().ok().filter(|session| self.all.contains(session));
        session.map_or_else(|| Target::User(receiver.to_owned()), |session| Target::Session(Some(session)))
    }

    /// For whom a message is.
    pub(super) fn receiver(&self, message: &Message) -> String {
        if Some(message.session) == self.lobby {
            return GROUP.to_owned();
        }
        match self.partners.get(&message.session) {
            Some(partner) if message.sender == self.me => partner.clone(),
            Some(_) => self.own_name.clone(),
            None => message.session.to_string(),
        }
    }
}
