//! Looking up users and their visibility, contacts, and blocks.

use std::sync::Arc;

use super::AccountService;
use crate::config::Directory;
use crate::domain::{Acquaintance, CommitOutput, Effect, Identity, NamePage, Page, Refusal, User, UserId};
use crate::rate_limit::Address;
use crate::security_log;
use crate::service::Listed;
use crate::service::invites::closing;
use crate::store::{Db, Error, Touches, blocks, sessions, users, visibility};

/// Users who are left out are only not listed: they can be looked up and written to.
const MOST_CONTACTS: i64 = 5_000;

#[derive(Clone, Debug)]
pub(crate) struct VisibleUser {
    /// Without `last_seen` where presence is hidden.
    pub user: User,
    pub shows_presence: bool,
}

impl VisibleUser {
    fn new(user: User, shows_presence: bool) -> Self {
        let last_seen = user.last_seen.filter(|_| shows_presence);
        Self { user: User { last_seen, ..user }, shows_presence }
    }
}

fn with_presence(db: &mut Db, directory: Directory, me: UserId, users: Vec<User>) -> Result<Vec<User>, Error> {
    let relations = visibility::relations(db, directory, me, &ids(&users))?;
    let is_visible = |user: &User| user.id == me || relations.with(user.id).shows_presence(directory);
    Ok(users.into_iter().filter(is_visible).collect())
}

fn ids(users: &[User]) -> Vec<UserId> {
    users.iter().map(|user| user.id).collect()
}

impl AccountService {
    /// Users whose name begins with `query`, by name.
    pub(crate) async fn users(&self, identity: &Identity, query: String, page: NamePage) -> Listed<VisibleUser> {
        let (me, directory) = (identity.user.id, self.config.directory);
        let list = move |db: &mut Db| {
            let is_closed = directory == Directory::Closed;
            let (found, last) = users::list(db, &query, page.after.as_deref(), is_closed.then_some(me), page.limit)?;
            let relations = if is_closed {
                visibility::relations_of_listed(db, me, &ids(&found))?
            } else {
                visibility::relations(db, directory, me, &ids(&found))?
            };
            let seen = |user: User| {
                let is_visible = user.id == me || relations.with(user.id).shows_presence(directory);
                VisibleUser::new(user, is_visible)
            };
            Ok((found.into_iter().map(seen).collect(), NamePage::cursor(last)))
        };
        self.store.read_long(me, list).await
    }

    /// # Errors
    /// `unknown_user` where no profile is visible under that name; `too_many_attempts` after too many of those.
    pub(crate) async fn user(&self, identity: &Identity, name: String, from: Address) -> Result<VisibleUser, Refusal> {
        self.failures.names.check(from)?;
        let (me, directory, names) = (identity.user.id, self.config.directory, Arc::clone(&self.failures.names));
        let find = move |db: &mut Db| {
            let found = match users::by_name(db, &name)? {
                Some(user) if user.id == me => Some(VisibleUser::new(user, true)),
                Some(user) => {
                    let relation = visibility::relations(db, directory, me, &[user.id])?.with(user.id);
                    let seen = || VisibleUser::new(user, relation.shows_presence(directory));
                    relation.shows_profile(directory).then(seen)
                }
                None => None,
            };
            Ok(names.resolve(from, found)?)
        };
        self.store.read(find).await
    }

    /// The named users whose presence is visible; without names those whose presence is pushed.
    pub(crate) async fn visible(&self, identity: &Identity, names: Option<Vec<String>>) -> Result<Vec<User>, Refusal> {
        let (me, directory) = (identity.user.id, self.config.directory);
        let find = move |db: &mut Db| {
            let Some(names) = names else {
                let pushed = visibility::acquaintances(db, me)?;
                return users::find_all(db, &pushed);
            };
            let found = users::by_names(db, &names)?;
            with_presence(db, directory, me, found)
        };
        self.store.read_long(me, find).await
    }

    /// Those of these users whose presence is visible to `me`, by name.
    pub(crate) async fn visible_among(&self, me: UserId, users: Vec<UserId>) -> Result<Vec<User>, Refusal> {
        let directory = self.config.directory;
        let find = move |db: &mut Db| {
            let found = users::find_all(db, &users)?;
            with_presence(db, directory, me, found)
        };
        self.store.read_long(me, find).await
    }

    /// The users who can be written to without an invite: those with a direct session, and those in the directory who
    /// accept anyone, as long as neither has blocked the other. Their presence is visible.
    pub(crate) async fn contacts(&self, identity: &Identity) -> Result<Vec<User>, Refusal> {
        let (me, directory) = (identity.user.id, self.config.directory);
        self.store.read_long(me, move |db| visibility::contacts(db, me, directory, MOST_CONTACTS)).await
    }

    /// Users that this user has blocked, newest first.
    pub(crate) async fn blocks(&self, identity: &Identity, page: Page) -> Listed<User> {
        let me = identity.user.id;
        self.store.read_long(me, move |db| users::blocked_by(db, me, page)).await
    }

    /// Blocks or unblocks a user. Idempotent.
    ///
    /// # Errors
    /// `unknown_user`, `invalid_request` for oneself.
    pub(crate) async fn block(
        &self,
        identity: &Identity,
        name: String,
        on: bool,
        from: Address,
    ) -> Result<(), Refusal> {
        self.failures.names.check(from)?;
        let (me, names) = (identity.user.id, Arc::clone(&self.failures.names));
        let named = name.clone();
        let touches = Touches::found(move |db| {
            let Some(other) = users::by_name(db, &named)? else { return Ok(Touches::nothing()) };
            // Messages in their direct session are sent before the block or refused because of it.
            Ok(Touches::users([me, other.id]).and(Touches::sessions(sessions::direct(db, me, other.id)?)))
        });
        let set = self.store.writer().run(touches, move |db, now| {
            users::require_active(db, me)?;
            let User { id: other, username, .. } = names.resolve(from, users::by_name(db, &name)?)?;
            if other == me {
                return Err(Refusal::invalid("`username` must be another user").into());
            }
            let direct = sessions::direct(db, me, other)?;
            direct.map_or(Ok(()), |direct| sessions::lock(db, direct))?;
            let changed = if on { blocks::insert(db, me, other, now)? } else { blocks::delete(db, me, other)? };
            if !changed {
                return Ok((None, Vec::new()));
            }
            // A pending invite that no longer matches one from the other user would reveal the block.
            let mut out = if on { closing::withdraw_between(db, me, other, now)? } else { Vec::new() };
            // Behind the other's own block nothing changes, and nothing may reveal this one.
            if !blocks::exists(db, other, me)? {
                let presence = match visibility::acquainted(db, me, other)? {
                    true => Acquaintance::Pushed,
                    false if on => Acquaintance::Hidden,
                    false => Acquaintance::Apart,
                };
                out.push(CommitOutput::Effect(Effect::AcquaintanceChanged { a: me, b: other, presence }));
                out.push(CommitOutput::Effect(Effect::BlockChanged { a: me, b: other, direct }));
            }
            Ok((Some(username), out))
        });
        if let Some(other) = set.await? {
            let event = if on { "user_blocked" } else { "user_unblocked" };
            security_log::note(event, &from, format_args!("user={other} by={}", identity.user.username));
        }
        Ok(())
    }
}
