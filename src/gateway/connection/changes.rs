//! Commands that change something, each carried out by a service. Success is replied to with the events of the commit, a refusal
//! from here.

use std::rc::Rc;

use actix::prelude::*;

use super::Connection;
use crate::chat::FlushSubmissions;
use crate::domain::{
    Amendment, Disconnect, Identity, InviteSelector, NewSession, Refusal, ReplyTo, RequestId, Role, SessionId, Title,
};
use crate::rate_limit::{Address, Cost};
use crate::service::Services;

pub(super) struct ChangeRequest {
    pub services: Services,
    pub who: Rc<Identity>,
    pub from: Address,
    /// The connection that the service replies to.
    pub acting: ReplyTo,
}

type ChangeOutcome = Result<(), Refusal>;

impl Connection {
    /// Makes a change once the messages that the client sent before it are stored.
    pub(super) fn change<F>(
        &self,
        who: Rc<Identity>,
        request: Option<RequestId>,
        cost: Cost,
        make: impl FnOnce(ChangeRequest) -> F + 'static,
        ctx: &mut Context<Self>,
    ) where
        F: Future<Output = ChangeOutcome> + 'static,
    {
        self.link.command_started();
        let acting = Some((self.link.id, request.clone()));
        let (chat, services, from) = (self.context.chat.clone(), self.context.services.clone(), self.address);
        let making = async move {
            // A user who sends a message and then leaves is still a member when it is stored.
            chat.send(FlushSubmissions).await.map_err(|_| Refusal::Unavailable)?;
            services.limiter.admit(who.user.id, from, cost)?;
            make(ChangeRequest { services, who, from, acting }).await
        };
        ctx.spawn(making.into_actor(self).map(move |outcome, act, _| {
            if let Err(refusal) = outcome {
                act.link.command_done();
                if refusal == Refusal::Unknown {
                    return act.link.close(Disconnect::TryLater);
                }
                act.refuse(request.as_ref(), &refusal);
                act.link.wake();
            }
        }));
    }
}

/// An id that names nothing is refused like a session that the user is not in.
fn known(session: Option<SessionId>) -> Result<SessionId, Refusal> {
    session.ok_or(Refusal::NotFound)
}

impl ChangeRequest {
    pub(super) async fn amend(self, session: Option<SessionId>, seq: i64, amendment: Amendment) -> ChangeOutcome {
        self.services.amendments.amend(&self.who, known(session)?, seq, amendment, self.acting).await.map(drop)
    }

    pub(super) async fn invite(self, username: String, session: Option<Option<SessionId>>) -> ChangeOutcome {
        let session = session.map(known).transpose()?;
        self.services.invites.send(&self.who, username, session, self.from, self.acting).await.map(drop)
    }

    pub(super) async fn answer(self, invite: InviteSelector, accept: bool) -> ChangeOutcome {
        self.services.invites.answer(&self.who, invite, accept, self.acting).await.map(drop)
    }

    pub(super) async fn open(self, new: NewSession) -> ChangeOutcome {
        self.services.sessions.create(&self.who, new, self.from, self.acting).await.map(drop)
    }

    pub(super) async fn join(self, code: String) -> ChangeOutcome {
        self.services.sessions.join(&self.who, &code, self.from, self.acting).await.map(drop)
    }

    /// Removes a member; without a name the user leaves.
    pub(super) async fn remove(self, session: Option<SessionId>, username: Option<String>) -> ChangeOutcome {
        self.services.sessions.remove(&self.who, known(session)?, username, self.acting).await.map(drop)
    }

    pub(super) async fn set_role(self, session: Option<SessionId>, username: String, role: Role) -> ChangeOutcome {
        self.services.sessions.set_role(&self.who, known(session)?, username, role, self.acting).await.map(drop)
    }

    pub(super) async fn retitle(self, session: Option<SessionId>, title: Title) -> ChangeOutcome {
        self.services.sessions.retitle(&self.who, known(session)?, title, self.acting).await.map(drop)
    }
}
