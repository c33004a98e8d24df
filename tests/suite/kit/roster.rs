//! The members of a session, as a client that follows `member` frames knows them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{number, text};

/// What is known of one who is, or was, in it.
#[derive(Clone, Debug)]
struct Standing {
    /// As of which step.
    rev: u64,
    username: String,
    /// `None`: out of it.
    role: Option<String>,
}

/// By user id. Two are equal where the same people have the same roles, whenever that was received.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    known: BTreeMap<String, Standing>,
    /// Accounts that are deleted, by id: their name before and after.
    deleted: BTreeMap<String, (String, String)>,
}

impl Roster {
    /// People as a session or a list shows them; they stand so as of `rev`.
    pub fn listed(members: &[Value], rev: u64) -> Self {
        let mut roster = Self::default();
        members.iter().for_each(|member| roster.apply(member, rev));
        roster
    }

    /// A `member` frame, an entry of `changes`, or one of a list. What is known of a later step is kept.
    pub fn apply(&mut self, member: &Value, rev: u64) {
        let user = &member["user"];
        let is_in = member["state"].is_null() || member["state"] == "joined";
        let role = is_in.then(|| text(member, "role").to_owned());
        let id = text(user, "id").to_owned();
        if self.known.get(&id).is_none_or(|known| known.rev <= rev) {
            self.known.insert(id, Standing { rev, username: text(user, "username").to_owned(), role });
        }
    }

    /// The same for an entry with a `rev` of its own.
    pub fn changed(&mut self, member: &Value) {
        self.apply(member, number(member, "rev"));
    }

    /// The result of an own command that was answered with `ok`: a user has this role now, or none.
    pub fn set(&mut self, username: &str, role: Option<&str>, rev: u64) {
        let mut standing = self.known.values_mut().filter(|one| one.username == username && one.role.is_some());
        if let Some(one) = standing.next().filter(|one| one.rev <= rev) {
            one.rev = rev;
            one.role = role.map(str::to_owned);
        }
    }

    /// The name of a user who is, or was, in it.
    pub fn username(&self, id: &str) -> Option<&str> {
        self.known.get(id).map(|one| one.username.as_str())
    }

    /// This account is deleted: copies of its messages may still come from before.
    pub fn lost(&mut self, id: &str, old: &str, new: &str) {
        self.deleted.insert(id.to_owned(), (old.to_owned(), new.to_owned()));
    }

    /// The names before and after of deleted accounts, by id.
    pub fn deleted(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.deleted.iter().map(|(id, (old, new))| (id.as_str(), old.as_str(), new.as_str()))
    }

    /// Roles by username, of those who are in it.
    pub fn roles(&self) -> BTreeMap<&str, &str> {
        let present = self.known.values().filter_map(|one| Some((one.username.as_str(), one.role.as_deref()?)));
        present.collect()
    }

    fn present(&self) -> Vec<(&String, &str, &str)> {
        let present = self.known.iter().filter_map(|(id, one)| Some((id, one.username.as_str(), one.role.as_deref()?)));
        present.collect()
    }
}

impl PartialEq for Roster {
    fn eq(&self, other: &Self) -> bool {
        self.present() == other.present()
    }
}
