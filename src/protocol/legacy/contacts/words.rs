//! How rooms are called, and what Admin says.

/// Stands between the two usernames of a room; no username has it.
const BETWEEN: char = '&';
/// Who speaks where the server itself has something to say.
pub(crate) const ADMIN: &str = "Admin";

/// The name of the room of two people, the same for both: their names in the order of their letters.
pub(crate) fn room_name(one: &str, other: &str) -> String {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    format!("{first}{BETWEEN}{second}")
}

/// Who is at the other end of a room, as far as its name says so: both orders are understood, in any case. `None` for a
/// room that is not of `me` and one other.
pub(crate) fn partner<'a>(room: &'a str, me: &str) -> Option<&'a str> {
    let (one, other) = room.split_once(BETWEEN).filter(|(_, other)| !other.contains(BETWEEN))?;
    let is_me = |name: &str| name.eq_ignore_ascii_case(me);
    match (is_me(one), is_me(other)) {
        (true, false) => Some(other),
        (false, true) => Some(one),
        _ => None,
    }
    .filter(|partner| !partner.is_empty())
}

/// What [`ADMIN`] says to whoever sends with a token that is no good.
pub(crate) fn must_log_in_again(username: &str) -> String {
    format!("Error! User '{username}' must disconnect, re login and reconnect so the conversation can be resumed.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_called_the_same_at_both_ends() {
        assert_eq!(room_name("Avi", "Lisa"), "Avi&Lisa");
        assert_eq!(room_name("Lisa", "Avi"), "Avi&Lisa");
        assert_eq!(room_name("avi", "Lisa"), "Lisa&avi");
    }

    #[test]
    fn a_room_says_who_is_at_the_other_end() {
        for room in ["Avi&Lisa", "Lisa&Avi", "AVI&Lisa"] {
            assert_eq!(partner(room, "avi"), Some("Lisa"), "{room}");
        }
        for room in ["", "&", "avi", "avi&", "&avi", "avi&avi", "Lisa&Mark", "avi&Lisa&Mark", "avi&&Lisa"] {
            assert_eq!(partner(room, "avi"), None, "{room}");
        }
    }

    #[test]
    fn the_admin_says_it_in_the_words_of_old() {
        let words = "Error! User 'Avi' must disconnect, re login and reconnect so the conversation can be resumed.";
        assert_eq!(must_log_in_again("Avi"), words);
    }
}
