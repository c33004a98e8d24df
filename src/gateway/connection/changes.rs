//! Commands that change something: a service carries each of them out. A yes is answered in the stream of events, a no from
//! here.

use std::rc::Rc;

use actix::prelude::*;

use super::Connection;
use crate::chat::Settle;
use crate::domain::{
    Acting, Amendment, Asked, Disconnect, Identity, NewSession, Refusal, RequestId, Role, SessionId, Title,
};
use crate::rate_limit::Address;
use crate::service::Services;

/// Who asks for a change, and of whom.
pub(super) struct Change {
    services: Services,
    who: Rc<Identity>,
    from: Address,
    acting: Acting,
}

type Outcome = Result<(), Refusal>;

impl Connection {
    /// Has a change made, behind what was sent before it.
    pub(super) fn change<F>(
        &self,
        who: Rc<Identity>,
        request: Option<RequestId>,
        make: impl FnOnce(Change) -> F + 'static,
        ctx: &mut Context<Self>,
    ) where
        F: Future<Output = Outcome> + 'static,
    {
        self.link.command_started();
        let acting = Some((self.link.id, request.clone()));
        let (chat, services, from) = (self.context.chat.clone(), self.context.services.clone(), self.address);
        let asking = async move {
            // Who sends a message and then leaves is received first.
            chat.send(Settle).await.map_err(|_| Refusal::Unavailable)?;
            make(Change { services, who, from, acting }).await
        };
        ctx.spawn(asking.into_actor(self).map(move |outcome, act, _| {
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

/// An id that names nothing is answered like a session that one is not in.
fn known(session: Option<SessionId>) -> Result<SessionId, Refusal> {
    session.ok_or(Refusal::NotFound)
}

impl Change {
    pub(super) async fn amend(self, session: Option<SessionId>, seq: i64, amendment: Amendment) -> Outcome {
        self.services.amendments.amend(&self.who, known(session)?, seq, amendment, self.acting).await.map(drop)
    }

    pub(super) async fn invite(self, username: String, session: Option<Option<SessionId>>) -> Outcome {
        let session = session.map(known).transpose()?;
        self.services.invites.ask(&self.who, username, session, self.from, self.acting).await.map(drop)
    }

    pub(super) async fn answer(self, invite: Asked, accept: bool) -> Outcome {
        self.services.invites.answer(&self.who, invite, accept, self.acting).await.map(drop)
    }

    pub(super) async fn open(self, new: NewSession) -> Outcome {
        self.services.sessions.make(&self.who, new, self.from, self.acting).await.map(drop)
    }

    pub(super) async fn join(self, code: String) -> Outcome {
        self.services.sessions.join(&self.who, &code, self.from, self.acting).await.map(drop)
    }

    /// Without a name, whoever asks leaves.
    pub(super) async fn remove(self, session: Option<SessionId>, username: Option<String>) -> Outcome {
        self.services.sessions.remove(&self.who, known(session)?, username, self.acting).await.map(drop)
    }

    pub(super) async fn set_role(self, session: Option<SessionId>, username: String, role: Role) -> Outcome {
        self.services.sessions.set_role(&self.who, known(session)?, username, role, self.acting).await.map(drop)
    }

    pub(super) async fn retitle(self, session: Option<SessionId>, title: Title) -> Outcome {
        self.services.sessions.retitle(&self.who, known(session)?, title, self.acting).await.map(drop)
    }
}
