//! The words of the lobby dialect: to whom a message goes, and what becomes of one that reaches nobody.

/// The receiver of what is said to everybody. No user can be called so.
pub const GROUP: &str = "group";
/// The answer where a message is for somebody who is not there.
pub const USER_NOT_FOUND: &str = "user_not_found";
/// Names in one list of active users.
pub const ACTIVE_UP_TO: usize = 1_000;

/// To whom a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver<'a> {
    /// Everybody: the lobby session.
    Group,
    /// One user, by name in any case: a direct session.
    User(&'a str),
}

impl<'a> Receiver<'a> {
    /// The receiver as a client says it.
    pub fn parse(text: &'a str) -> Self {
        if text.eq_ignore_ascii_case(GROUP) { Self::Group } else { Self::User(text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Username, reserved};

    #[test]
    fn the_group_is_nobodys_name() {
        assert_eq!(Receiver::parse("group"), Receiver::Group);
        assert_eq!(Receiver::parse("Group"), Receiver::Group);
        assert_eq!(Receiver::parse("groups"), Receiver::User("groups"));
        assert!(reserved(&Username::parse(GROUP).unwrap()));
    }
}
