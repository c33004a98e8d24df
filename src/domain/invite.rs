//! A question from one user to another: to open a direct session, or to join a group.

use serde::Serialize;
use utoipa::ToSchema;

use super::{InviteId, SessionId, Time, User, UserId};

/// What became of an invite. Only `pending` can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum InviteState {
    /// Awaits an answer.
    Pending,
    /// The addressee said yes, or asked the same.
    Accepted,
    /// The addressee said no.
    Rejected,
    /// The asker took it back.
    Withdrawn,
    /// Nobody answered in time.
    Expired,
}

/// The session an invite is about, as much as someone outside may know.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct InviteSession {
    /// The id of a session that the addressee may not be in yet.
    pub id: SessionId,
    /// The group's title, or the other's username.
    pub title: String,
    /// It is a direct session, called by the other's name.
    #[serde(skip)]
    pub direct: bool,
}

/// An invite as both sides see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Invite {
    /// What accept, reject and withdraw take.
    pub id: InviteId,
    /// Who asks.
    pub from: User,
    /// Who is asked.
    pub to: User,
    /// The group to join, or the direct session that came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<InviteSession>,
    /// Only `pending` can change.
    pub state: InviteState,
    /// When it was asked.
    pub at: Time,
    /// When it ends unanswered.
    pub expires_at: Time,
}

impl Invite {
    /// The same as this user sees it: a direct session is called by the other's name.
    pub(crate) fn seen_by(mut self, viewer: UserId) -> Self {
        let other = if viewer == self.to.id { &self.from } else { &self.to };
        if let Some(session) = self.session.as_mut().filter(|session| session.direct) {
            session.title.clone_from(&other.username);
        }
        self
    }
}
