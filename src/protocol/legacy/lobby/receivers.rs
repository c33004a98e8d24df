//! The receivers by which a user addresses sessions: `group` for the lobby, the partner's name for a direct session, and the id
//! for any other session.

use std::collections::{HashMap, HashSet};

use super::GROUP;
use crate::domain::{Message, Session, SessionId, SessionKind, Target, UserId};
use crate::protocol::ReplayContext;

#[derive(Debug)]
pub(super) struct Receivers {
    /// `None` where the lobby is disabled.
    lobby: Option<SessionId>,
    me: UserId,
    own_name: String,
    partners: HashMap<SessionId, String>,
    all: HashSet<SessionId>,
}

impl Receivers {
    /// Empty until [`Self::reset`].
    pub(super) fn new(lobby: Option<SessionId>) -> Self {
        Self { lobby, me: UserId(0), own_name: String::new(), partners: HashMap::new(), all: HashSet::new() }
    }

    pub(super) fn reset(&mut self, context: ReplayContext<'_>) {
        self.me = context.me.id;
        self.own_name.clone_from(&context.me.username);
        let direct = context.backlogs.iter().filter_map(|one| Some((one.session, one.partner.clone()?)));
        self.partners = direct.collect();
        self.all = context.sessions.clone();
    }

    pub(super) const fn me(&self) -> UserId {
        self.me
    }

    pub(super) fn add(&mut self, session: &Session) {
        self.all.insert(session.id);
        if session.kind == SessionKind::Direct {
            self.partners.insert(session.id, session.title.clone());
        }
    }

    pub(super) fn remove(&mut self, session: SessionId) {
        self.all.remove(&session);
        self.partners.remove(&session);
    }

    /// The target of a message to this receiver. What is not the id of a session of the user is a username.
    pub(super) fn target(&self, receiver: &str) -> Target {
        if receiver.eq_ignore_ascii_case(GROUP) {
            return Target::Session(self.lobby);
        }
        let session = receiver.parse().ok().filter(|session| self.all.contains(session));
        session.map_or_else(|| Target::User(receiver.to_owned()), |session| Target::Session(Some(session)))
    }

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
