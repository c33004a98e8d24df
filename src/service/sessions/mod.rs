//! Sessions: creating, joining, leaving, roles, titles, deletion.

mod create;
mod moderation;
mod rooms;

pub(crate) use rooms::RoomView;

use crate::config::Config;
use crate::domain::{
    Answer, Audience, CommitOutput, Event, Identity, Refusal, Removal, ReplyTo, Role, SessionId, SessionKind, Title,
};
use crate::rate_limit::Limiter;
use crate::service::connection;
use crate::service::failure_budgets::FailureBudgets;
use crate::service::invites::InviteLimits;
use crate::service::membership;
use crate::store::log::Revisions;
use crate::store::{Store, Touches, members, sessions};

#[derive(Clone)]
pub(crate) struct SessionService {
    store: Store,
    limiter: Limiter,
    failures: FailureBudgets,
    /// Of one group or room; 0 is no limit.
    members: u32,
    invites: InviteLimits,
}

impl SessionService {
    pub(crate) fn new(store: Store, limiter: Limiter, failures: FailureBudgets, config: &Config) -> Self {
        let (members, invites) = (config.limits.group_members, InviteLimits::new(config));
        Self { store, limiter, failures, members, invites }
    }

    /// Changes the title of a group or room; returns the `rev`.
    ///
    /// # Errors
    /// `not_found`; `forbidden` for all but the owner and admins.
    pub(crate) async fn retitle(
        &self,
        identity: &Identity,
        id: SessionId,
        title: Title,
        reply_to: ReplyTo,
    ) -> Result<i64, Refusal> {
        let me = identity.user.clone();
        let retitle = move |db: &mut crate::store::Db, now| {
            let own = members::check(db, id, me.id)?;
            membership::require(&own, Role::Admin)?;
            let mut revisions = Revisions::of(db, id)?;
            let (old, code) = sessions::title_and_code(db, id)?;
            let connection = connection(&reply_to);
            if old.as_deref() == Some(title.as_str()) {
                let rev = revisions.rev();
                return Ok((rev, CommitOutput::reply(reply_to.clone(), Answer::Changed(rev)).into_iter().collect()));
            }
            sessions::set_title(db, id, title.as_str())?;
            let rev = revisions.next();
            let thing = if own.kind == SessionKind::Room { "room" } else { "group" };
            let notice = revisions.notice(db, &me, format!("The {thing} is now called {}", title.as_str()), now)?;
            revisions.save(db)?;
            let mut out: Vec<CommitOutput> =
                CommitOutput::reply(reply_to.clone(), Answer::Changed(rev)).into_iter().collect();
            let event = Event::SessionChanged { session: id, rev, title: title.as_str().to_owned(), code };
            out.push(CommitOutput::event(Audience::Session(id), event).except(connection));
            out.push(CommitOutput::event(Audience::Session(id), Event::Posted(notice.into())));
            Ok((rev, out))
        };
        self.store.writer().run(Touches::sessions([id]), retitle).await
    }

    /// Deletes a group or room with its messages.
    ///
    /// # Errors
    /// `not_found`; `forbidden` for all but the owner.
    pub(crate) async fn delete(&self, identity: &Identity, id: SessionId) -> Result<(), Refusal> {
        let me = identity.user.id;
        let delete = move |db: &mut crate::store::Db, now| {
            membership::require(&members::check(db, id, me)?, Role::Owner)?;
            Ok(((), membership::delete(db, id, Removal::Deleted, now)?))
        };
        self.store.writer().run(Touches::dissolving(id), delete).await
    }
}
