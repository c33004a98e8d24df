//! Invites to open a direct session, or to join a group.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{InviteId, SessionId, Time, User, UserId};

/// The state of an invite. Only `pending` can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum InviteState {
    Pending,
    /// The recipient accepted, or sent the same invite.
    Accepted,
    Rejected,
    Withdrawn,
    Expired,
}

/// The session of an invite, as far as a user who is not a member may know it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct InviteSession {
    /// The id of the session.
    pub id: SessionId,
    /// The group's title, or the other user's name.
    pub title: String,
    #[serde(skip)]
    pub direct: bool,
}

/// An invite as both users see it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Invite {
    /// For accepting, rejecting and withdrawing it.
    pub id: InviteId,
    /// The sender.
    pub from: User,
    /// The recipient.
    pub to: User,
    /// The group to join, or the direct session once it is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<InviteSession>,
    /// Only `pending` can change.
    pub state: InviteState,
    /// When it was sent.
    pub at: Time,
    /// When it expires unless it is answered.
    pub expires_at: Time,
}

impl Invite {
    /// As this user sees it: a direct session has the other user's name as its title.
    pub(crate) fn seen_by(mut self, viewer: UserId) -> Self {
        let other = if viewer == self.to.id { &self.from } else { &self.to };
        if let Some(session) = self.session.as_mut().filter(|session| session.direct) {
            session.title.clone_from(&other.username);
        }
        self
    }
}
