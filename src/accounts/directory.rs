//! Finding people, and wanting nothing from some of them.

use std::sync::Arc;

use super::Accounts;
use crate::config::Directory;
use crate::limits::Address;
use crate::model::{Acquaintance, Audience, Delivery, Event, Identity, Refusal, User, UserId};
use crate::security;
use crate::store::{Db, Error, Page, around, blocks, invites, sessions, users};

/// A user, and whether the asker may see presence.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The user; `last_seen` is left out where presence may not be seen.
    pub user: User,
    /// The asker may see presence: the directory is open or they share a direct session, group or room, and neither has blocked the other.
    pub visible: bool,
}

/// What decides whom of some users somebody sees.
struct Sight {
    me: UserId,
    /// `None`: everybody.
    circle: Option<Vec<i64>>,
    blocked: Vec<i64>,
}

impl Sight {
    /// Of at most some hundred users.
    fn of(db: &mut Db, me: UserId, directory: Directory, whom: &[User]) -> Result<Self, Error> {
        let ids: Vec<i64> = whom.iter().map(|user| user.id.0).collect();
        let circle = match directory {
            Directory::Open => None,
            Directory::Closed => Some(around::sharing(db, me, &ids)?),
        };
        Ok(Self { me, circle, blocked: blocks::around(db, me, &ids)? })
    }

    fn knows(&self, user: UserId) -> bool {
        user == self.me || self.circle.as_ref().is_none_or(|circle| circle.contains(&user.0))
    }

    fn see(&self, user: User) -> Seen {
        let visible = user.id == self.me || (self.knows(user.id) && !self.blocked.contains(&user.id.0));
        let last_seen = user.last_seen.filter(|_| visible);
        Seen { user: User { last_seen, ..user }, visible }
    }
}

impl Accounts {
    /// Users whose name begins like `query`, by name.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn users(
        &self,
        who: &Identity,
        query: String,
        after: Option<String>,
        limit: i64,
    ) -> Result<(Vec<Seen>, Option<String>), Refusal> {
        let (me, directory) = (who.user.id, self.rules.directory);
        self.store
            .read_long(me, move |db| {
                let within = matches!(directory, Directory::Closed).then_some(me);
                let (found, next) = users::list(db, &query, after.as_deref(), within, limit)?;
                let sight = Sight::of(db, me, directory, &found)?;
                Ok((found.into_iter().map(|user| sight.see(user)).collect(), next))
            })
            .await
    }

    /// The user of this name.
    ///
    /// # Errors
    /// `unknown_user` where there is none whom the asker may find; `too_many_attempts` after asking for too many such.
    pub async fn user(&self, who: &Identity, name: String, from: Address) -> Result<Seen, Refusal> {
        self.names.check(from)?;
        let (me, directory, names) = (who.user.id, self.rules.directory, Arc::clone(&self.names));
        let find = move |db: &mut Db| {
            let mut found = None;
            if let Some(user) = users::by_name(db, &name)? {
                let sight = Sight::of(db, me, directory, std::slice::from_ref(&user))?;
                found = sight.knows(user.id).then(|| sight.see(user));
            }
            Ok(names.resolve(from, found)?)
        };
        self.store.read(find).await
    }

    /// The named users whose presence the asker may see; without names those whose presence is pushed.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn visible(&self, who: &Identity, names: Option<Vec<String>>) -> Result<Vec<User>, Refusal> {
        let (me, directory) = (who.user.id, self.rules.directory);
        self.store
            .read_long(me, move |db| {
                let Some(names) = names else {
                    let around = around::acquaintances(db, me)?;
                    return users::several(db, &around);
                };
                let found = users::by_names(db, &names)?;
                let sight = Sight::of(db, me, directory, &found)?;
                let seen = found.into_iter().map(|user| sight.see(user));
                Ok(seen.filter(|seen| seen.visible).map(|seen| seen.user).collect())
            })
            .await
    }

    /// Of these users, those whose presence `me` may see, by name.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn visible_among(&self, me: UserId, users: Vec<UserId>) -> Result<Vec<User>, Refusal> {
        let directory = self.rules.directory;
        let look = move |db: &mut Db| {
            let mut visible = Vec::new();
            for user in users::several(db, &users)?.chunks(500) {
                let sight = Sight::of(db, me, directory, user)?;
                let seen = user.iter().map(|user| sight.see(user.clone()));
                visible.extend(seen.filter(|seen| seen.visible).map(|seen| seen.user));
            }
            Ok(visible)
        };
        self.store.read_long(me, look).await
    }

    /// Whom this user has blocked, newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn blocks(&self, who: &Identity, page: Page) -> Result<(Vec<User>, Option<String>), Refusal> {
        let me = who.user.id;
        self.store.read_long(me, move |db| users::blocked_by(db, me, page)).await
    }

    /// Blocks or unblocks. Doing it again changes nothing.
    ///
    /// # Errors
    /// `unknown_user`, `invalid_request` for oneself.
    pub async fn block(&self, who: &Identity, name: String, on: bool, from: Address) -> Result<(), Refusal> {
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
                let presence = match around::acquainted(db, me, other)? {
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
            security::note(event, &from, format_args!("user={other} by={}", who.user.username));
        }
        Ok(())
    }
}
