//! Groups and rooms: made, joined, left, handed over, renamed, deleted.
//!
//! Every function runs whole in one transaction of the writer; what it lets out is told once that is durable. `acting` is
//! the connection that asks, with its own name for the command: it is answered in its stream.

mod making;
mod people;
mod rooms;

use std::sync::Arc;

pub(crate) use rooms::Stay;

use crate::config::Config;
use crate::domain::{
    Acting, Answer, Audience, Delivery, Event, Identity, Refusal, Removal, Role, SessionId, SessionKind, Title, UserId,
};
use crate::rate_limit::{Misses, Names, Sends, Throttle};
use crate::service::invites::InviteLimits;
use crate::service::membership;
use crate::store::steps::Steps;
use crate::store::{Store, members, sessions};

/// The desk for sessions. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Sessions {
    store: Store,
    names: Arc<Names>,
    opened: Arc<Throttle<UserId>>,
    sends: Sends,
    misses: Misses,
    /// People in one group or room; 0 is no limit.
    members: u32,
    invites: InviteLimits,
}

impl Sessions {
    /// The desk on `store`, by the rules of `config`; `names`, `opened`, `sends` and `misses` are shared with every desk that
    /// needs them.
    pub(crate) fn new(
        store: Store,
        names: Arc<Names>,
        opened: Arc<Throttle<UserId>>,
        sends: Sends,
        misses: Misses,
        config: &Config,
    ) -> Self {
        let limits = &config.limits;
        let invites = InviteLimits::new(config);
        Self { store, names, opened, sends, misses, members: limits.group_members, invites }
    }

    /// Gives a group or room another title; says the `rev` of it.
    ///
    /// # Errors
    /// `not_found`, `forbidden` for all but the owner and the admins, `rate_limited`.
    pub(crate) async fn retitle(
        &self,
        who: &Identity,
        id: SessionId,
        title: Title,
        acting: Acting,
    ) -> Result<i64, Refusal> {
        self.sends.change(who.user.id, false)?;
        let me = who.user.clone();
        let retitle = move |db: &mut crate::store::Db, now| {
            let seat = members::check(db, id, me.id)?;
            membership::require(&seat, Role::Admin)?;
            let mut steps = Steps::of(db, id)?;
            let (old, code) = sessions::face(db, id)?;
            let connection = acting.as_ref().map(|acting| acting.0);
            if old.as_deref() == Some(title.as_str()) {
                let rev = steps.rev();
                return Ok((rev, Delivery::answer(acting, Answer::Changed(rev)).into_iter().collect()));
            }
            sessions::set_title(db, id, title.as_str())?;
            let rev = steps.next();
            let thing = if seat.kind == SessionKind::Room { "room" } else { "group" };
            let notice = steps.notice(db, &me, format!("The {thing} is now called {}", title.as_str()), now)?;
            steps.keep(db)?;
            let mut out: Vec<Delivery> = Delivery::answer(acting, Answer::Changed(rev)).into_iter().collect();
            let event = Event::SessionChanged { session: id, rev, title: title.as_str().to_owned(), code };
            out.push(Delivery::new(Audience::Session(id), event).except(connection));
            out.push(Delivery::new(Audience::Session(id), Event::Posted(notice.into())));
            Ok((rev, out))
        };
        self.store.writer().run(retitle).await
    }

    /// Deletes a group or room with all that was said in it.
    ///
    /// # Errors
    /// `not_found`, `forbidden` for all but the owner.
    pub(crate) async fn delete(&self, who: &Identity, id: SessionId) -> Result<(), Refusal> {
        let me = who.user.id;
        let delete = move |db: &mut crate::store::Db, now| {
            membership::require(&members::check(db, id, me)?, Role::Owner)?;
            Ok(((), membership::delete(db, id, Removal::Deleted, now)?))
        };
        self.store.writer().run(delete).await
    }
}
