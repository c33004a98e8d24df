//! Finding people, and wanting nothing from some of them.

use std::sync::Arc;

use super::Accounts;
use crate::config::Directory;
use crate::domain::{Acquaintance, Audience, Delivery, Event, Identity, NamePage, Page, Refusal, User, UserId};
use crate::rate_limit::Address;
use crate::security_log;
use crate::store::{Db, Error, blocks, invites, sessions, users, visibility};

/// A user, and whether the asker may see presence.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The user; `last_seen` is left out where presence may not be seen.
    pub user: User,
    /// The asker may see presence.
    pub visible: bool,
}

impl Seen {
    /// What a viewer sees of a user whose profile is visible to them.
    fn new(user: User, is_visible: bool) -> Self {
        let last_seen = user.last_seen.filter(|_| is_visible);
        Self { user: User { last_seen, ..user }, visible: is_visible }
    }
}

/// Those of these users whose presence `me` may see.
fn with_presence(db: &mut Db, directory: Directory, me: UserId, users: Vec<User>) -> Result<Vec<User>, Error> {
    let relations = visibility::relations(db, directory, me, &ids(&users))?;
    let is_visible = |user: &User| user.id == me || relations.with(user.id).shows_presence(directory);
    Ok(users.into_iter().filter(is_visible).collect())
}

fn ids(users: &[User]) -> Vec<UserId> {
    users.iter().map(|user| user.id).collect()
}

impl Accounts {
    /// Users whose name begins like `query`, by name.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn users(
        &self,
        who: &Identity,
        query: String,
        page: NamePage,
    ) -> Result<(Vec<Seen>, Option<String>), Refusal> {
        let (me, directory) = (who.user.id, self.rules.directory);
        self.store
            .read_long(me, move |db| {
                let is_closed = directory == Directory::Closed;
                let visible_to = is_closed.then_some(me);
                let (found, last) = users::list(db, &query, page.after.as_deref(), visible_to, page.limit)?;
                let relations = if is_closed {
                    visibility::relations_of_listed(db, me, &ids(&found))?
                } else {
                    visibility::relations(db, directory, me, &ids(&found))?
                };
                let seen = |user: User| {
                    let is_visible = user.id == me || relations.with(user.id).shows_presence(directory);
                    Seen::new(user, is_visible)
                };
                Ok((found.into_iter().map(seen).collect(), NamePage::cursor(last)))
            })
            .await
    }

    /// The user of this name.
    ///
    /// # Errors
    /// `unknown_user` where there is none whom the asker may find; `too_many_attempts` after asking for too many such.
    pub(crate) async fn user(&self, who: &Identity, name: String, from: Address) -> Result<Seen, Refusal> {
        self.names.check(from)?;
        let (me, directory, names) = (who.user.id, self.rules.directory, Arc::clone(&self.names));
        let find = move |db: &mut Db| {
            let found = match users::by_name(db, &name)? {
                Some(user) if user.id == me => Some(Seen::new(user, true)),
                Some(user) => {
                    let relation = visibility::relations(db, directory, me, &[user.id])?.with(user.id);
                    let seen = || Seen::new(user, relation.shows_presence(directory));
                    relation.shows_profile(directory).then(seen)
                }
                None => None,
            };
            Ok(names.resolve(from, found)?)
        };
        self.store.read(find).await
    }

    /// The named users whose presence the asker may see; without names those whose presence is pushed.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn visible(&self, who: &Identity, names: Option<Vec<String>>) -> Result<Vec<User>, Refusal> {
        let (me, directory) = (who.user.id, self.rules.directory);
        self.store
            .read_long(me, move |db| {
                let Some(names) = names else {
                    let pushed = visibility::acquaintances(db, me)?;
                    return users::several(db, &pushed);
                };
                let found = users::by_names(db, &names)?;
                with_presence(db, directory, me, found)
            })
            .await
    }

    /// Of these users, those whose presence `me` may see, by name.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn visible_among(&self, me: UserId, users: Vec<UserId>) -> Result<Vec<User>, Refusal> {
        let directory = self.rules.directory;
        let look = move |db: &mut Db| {
            let found = users::several(db, &users)?;
            with_presence(db, directory, me, found)
        };
        self.store.read_long(me, look).await
    }

    /// Whom this user has blocked, newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn blocks(&self, who: &Identity, page: Page) -> Result<(Vec<User>, Option<String>), Refusal> {
        let me = who.user.id;
        self.store.read_long(me, move |db| users::blocked_by(db, me, page)).await
    }

    /// Blocks or unblocks. Doing it again changes nothing.
    ///
    /// # Errors
    /// `unknown_user`, `invalid_request` for oneself.
    pub(crate) async fn block(&self, who: &Identity, name: String, on: bool, from: Address) -> Result<(), Refusal> {
        self.names.check(from)?;
        let (me, names) = (who.user.id, Arc::clone(&self.names));
        let set = self.store.writer().run(move |db, now| {
            users::check(db, me)?;
            let User { id: other, username, .. } = names.resolve(from, users::by_name(db, &name)?)?;
            if other == me {
                return Err(Refusal::invalid("`username` must be another user").into());
            }
            let changed = if on { blocks::insert(db, me, other, now)? } else { blocks::delete(db, me, other)? };
            if !changed {
                return Ok((None, Vec::new()));
            }
            // Whoever blocks asks for nothing any more. Left open, a question that no longer meets the other's own would
            // tell them of the block.
            let mut told = if on { invites::withdraw_between(db, me, other, now)? } else { Vec::new() };
            // Behind the other's own block it changes nothing, and nothing may show it to them.
            if !blocks::exists(db, other, me)? {
                let presence = match visibility::acquainted(db, me, other)? {
                    true => Acquaintance::Pushed,
                    false if on => Acquaintance::Hidden,
                    false => Acquaintance::Apart,
                };
                let direct = sessions::direct(db, me, other)?;
                told.push(Delivery::new(Audience::House, Event::Acquainted { a: me, b: other, presence }));
                told.push(Delivery::new(Audience::House, Event::BlockChanged { a: me, b: other, direct }));
            }
            Ok((Some(username), told))
        });
        if let Some(other) = set.await? {
            let event = if on { "user_blocked" } else { "user_unblocked" };
            security_log::note(event, &from, format_args!("user={other} by={}", who.user.username));
        }
        Ok(())
    }
}
