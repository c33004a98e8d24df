//! The names of rooms.

/// Between the two usernames of a room; no username has it.
const SEPARATOR: char = '&';

/// The name of the room of two users, the same for both: their names in alphabetical order.
pub(crate) fn room_name(one: &str, other: &str) -> String {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    format!("{first}{SEPARATOR}{second}")
}

/// The other user in the name of a room, in either order and any case. `None` where it is not a room of `me` and one other.
pub(super) fn partner<'a>(room: &'a str, me: &str) -> Option<&'a str> {
    let (one, other) = room.split_once(SEPARATOR).filter(|(_, other)| !other.contains(SEPARATOR))?;
    let is_me = |name: &str| name.eq_ignore_ascii_case(me);
    match (is_me(one), is_me(other)) {
        (true, false) => Some(other),
        (false, true) => Some(one),
        _ => None,
    }
    .filter(|partner| !partner.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_has_the_same_name_for_both_users() {
        assert_eq!(room_name("Avi", "Lisa"), "Avi&Lisa");
        assert_eq!(room_name("Lisa", "Avi"), "Avi&Lisa");
        assert_eq!(room_name("avi", "Lisa"), "Lisa&avi");
    }

    #[test]
    fn the_name_of_a_room_has_the_partner() {
        for room in ["Avi&Lisa", "Lisa&Avi", "AVI&Lisa"] {
            assert_eq!(partner(room, "avi"), Some("Lisa"), "{room}");
        }
        for room in ["", "&", "avi", "avi&", "&avi", "avi&avi", "Lisa&Mark", "avi&Lisa&Mark", "avi&&Lisa"] {
            assert_eq!(partner(room, "avi"), None, "{room}");
        }
    }
}
