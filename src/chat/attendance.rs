//! Who is online at which node, and which ephemeral rooms have a connection there, as far as it is committed. What happens at
//! this node is in it too, once it is committed.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::{Attendance, NodeId, SessionId, UserId};

#[derive(Debug, Default)]
pub(super) struct AttendanceMap {
    users: HashMap<UserId, Attended>,
    /// Mostly one node for each.
    rooms: HashMap<SessionId, Vec<NodeId>>,
}

/// A user who is online at one node or several.
#[derive(Debug)]
struct Attended {
    username: Arc<str>,
    places: Vec<Place>,
}

#[derive(Debug)]
struct Place {
    node: NodeId,
    in_lobby: bool,
    is_transient: bool,
}

/// A user of a node that has ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Departed {
    pub user: UserId,
    pub username: Arc<str>,
    pub is_transient: bool,
    /// Not online at any other node.
    pub is_offline: bool,
}

impl AttendanceMap {
    /// A user came online or went offline at `node`, or has changed there. Returns true where this was the user's first node,
    /// or the last.
    pub(super) fn change(&mut self, node: NodeId, change: &Attendance) -> bool {
        let Attendance { user, ref username, is_online, in_lobby, is_transient, .. } = *change;
        if !is_online {
            return self.remove(node, user).is_some_and(|(_, is_offline)| is_offline);
        }
        let place = Place { node, in_lobby, is_transient };
        let Some(known) = self.users.get_mut(&user) else {
            self.users.insert(user, Attended { username: Arc::clone(username), places: vec![place] });
            return true;
        };
        match known.places.iter_mut().find(|known| known.node == node) {
            Some(known) => *known = place,
            None => known.places.push(place),
        }
        false
    }

    /// Where the user was at `node`: whether as a transient guest, and whether they are offline now.
    fn remove(&mut self, node: NodeId, user: UserId) -> Option<(bool, bool)> {
        let known = self.users.get_mut(&user)?;
        let at = known.places.iter().position(|place| place.node == node)?;
        let Place { is_transient, .. } = known.places.swap_remove(at);
        let is_offline = known.places.is_empty();
        if is_offline {
            self.users.remove(&user);
        }
        Some((is_transient, is_offline))
    }

    /// True where the user is online at a node other than `own`.
    pub(super) fn is_elsewhere(&self, user: UserId, own: NodeId) -> bool {
        self.elsewhere(user, own).next().is_some()
    }

    pub(super) fn name_elsewhere(&self, user: UserId, own: NodeId) -> Option<Arc<str>> {
        self.users.get(&user).filter(|_| self.is_elsewhere(user, own)).map(|known| Arc::clone(&known.username))
    }

    /// True where the user is on the roster of the lobby dialect of a node other than `own`.
    pub(super) fn in_lobby_elsewhere(&self, user: UserId, own: NodeId) -> bool {
        self.elsewhere(user, own).any(|place| place.in_lobby)
    }

    /// True where the user is a transient guest and online at a node other than `own`.
    pub(super) fn is_guest_elsewhere(&self, user: UserId, own: NodeId) -> bool {
        self.elsewhere(user, own).any(|place| place.is_transient)
    }

    /// The users who are online at a node other than `own`.
    pub(super) fn all_elsewhere(&self, own: NodeId) -> impl Iterator<Item = UserId> + '_ {
        let users = self.users.iter().filter(move |(_, known)| known.places.iter().any(|place| place.node != own));
        users.map(|(user, _)| *user)
    }

    fn elsewhere(&self, user: UserId, own: NodeId) -> impl Iterator<Item = &Place> {
        let places = self.users.get(&user).map(|known| known.places.as_slice()).unwrap_or_default();
        places.iter().filter(move |place| place.node != own)
    }

    pub(super) fn change_room(&mut self, node: NodeId, room: SessionId, is_occupied: bool) {
        let nodes = self.rooms.entry(room).or_default();
        nodes.retain(|known| *known != node);
        if is_occupied {
            nodes.push(node);
        } else if nodes.is_empty() {
            self.rooms.remove(&room);
        }
    }

    /// True where the room has a connection at a node other than `own`.
    pub(super) fn is_occupied_elsewhere(&self, room: SessionId, own: NodeId) -> bool {
        self.rooms.get(&room).is_some_and(|nodes| nodes.iter().any(|node| *node != own))
    }

    /// A node has ended: its users and rooms are not there any more. Returns them, users in the order of their ids.
    pub(super) fn end_node(&mut self, node: NodeId) -> (Vec<Departed>, Vec<SessionId>) {
        let there = |known: &Attended| known.places.iter().any(|place| place.node == node);
        let there = self.users.iter().filter(|(_, known)| there(known));
        let mut users: Vec<_> = there.map(|(user, known)| (*user, Arc::clone(&known.username))).collect();
        users.sort_unstable_by_key(|(user, _)| *user);
        let departed = users.into_iter().filter_map(|(user, username)| {
            let (is_transient, is_offline) = self.remove(node, user)?;
            Some(Departed { user, username, is_transient, is_offline })
        });
        let departed = departed.collect();
        let rooms: Vec<SessionId> =
            self.rooms.iter().filter(|(_, nodes)| nodes.contains(&node)).map(|(room, _)| *room).collect();
        rooms.iter().for_each(|room| self.change_room(node, *room, false));
        (departed, rooms)
    }

    /// Forgets everything: what is known of other nodes is void. Returns the rooms that had a connection somewhere.
    pub(super) fn clear(&mut self) -> Vec<SessionId> {
        self.users.clear();
        std::mem::take(&mut self.rooms).into_keys().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;
    use crate::domain::Time;

    const AVI: UserId = UserId(1);
    const ROOM: SessionId = SessionId(1);
    const HERE: NodeId = NodeId(1);
    const THERE: NodeId = NodeId(2);

    fn change(user: UserId, is_online: bool) -> Attendance {
        let username = user.0.to_string().into();
        Attendance { user, username, is_online, is_goodbye: false, in_lobby: false, is_transient: false, at: Time(0) }
    }

    #[test]
    fn a_user_is_online_from_the_first_node_to_the_last() {
        let mut map = AttendanceMap::default();
        assert!(map.change(HERE, &change(AVI, true)) && !map.change(THERE, &change(AVI, true)));
        assert!(map.is_elsewhere(AVI, HERE) && map.is_elsewhere(AVI, THERE));
        assert!(!map.change(HERE, &change(AVI, false)) && !map.change(HERE, &change(AVI, false)), "once");
        assert!(map.is_elsewhere(AVI, HERE) && !map.is_elsewhere(AVI, THERE));
        assert_eq!(map.name_elsewhere(AVI, HERE).as_deref(), Some("1"));
        assert!(map.change(THERE, &change(AVI, false)) && map.name_elsewhere(AVI, HERE).is_none());
        assert!(map.users.is_empty());
    }

    #[test]
    fn a_user_may_enter_and_leave_the_lobby_while_online() {
        let mut map = AttendanceMap::default();
        map.change(THERE, &change(AVI, true));
        for in_lobby in [true, false] {
            assert!(!map.change(THERE, &Attendance { in_lobby, ..change(AVI, true) }));
            assert_eq!((map.in_lobby_elsewhere(AVI, HERE), map.in_lobby_elsewhere(AVI, THERE)), (in_lobby, false));
        }
    }

    #[test]
    fn a_room_is_occupied_while_any_node_has_a_connection() {
        let mut map = AttendanceMap::default();
        for node in [HERE, THERE, THERE] {
            map.change_room(node, ROOM, true);
        }
        map.change_room(HERE, ROOM, false);
        assert!(map.is_occupied_elsewhere(ROOM, HERE) && !map.is_occupied_elsewhere(ROOM, THERE));
        assert_eq!(map.end_node(THERE), (Vec::new(), vec![ROOM]));
        assert!(!map.is_occupied_elsewhere(ROOM, HERE) && map.rooms.is_empty());
        map.change_room(HERE, ROOM, false);
        assert!(map.rooms.is_empty());
    }

    #[derive(Clone, Debug)]
    enum Step {
        Change { node: i64, user: i64, is_online: bool, in_lobby: bool },
        End { node: i64 },
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            8 => (0_i64..3, 0_i64..4, any::<bool>(), any::<bool>())
                .prop_map(|(node, user, is_online, in_lobby)| Step::Change { node, user, is_online, in_lobby }),
            1 => (0_i64..3).prop_map(|node| Step::End { node }),
        ]
    }

    /// By node and user: whether in the lobby.
    type Model = BTreeMap<(i64, i64), bool>;

    fn online(model: &Model) -> BTreeSet<i64> {
        model.keys().map(|(_, user)| *user).collect()
    }

    proptest! {
        #[test]
        fn three_nodes_agree_with_a_plain_table(steps in prop::collection::vec(step(), 0..80)) {
            let (mut map, mut model) = (AttendanceMap::default(), Model::new());
            for step in steps {
                let before = online(&model);
                let changed: BTreeSet<i64> = match step {
                    Step::Change { node, user, is_online, in_lobby } => {
                        if is_online { model.insert((node, user), in_lobby) } else { model.remove(&(node, user)) };
                        let change = Attendance { in_lobby, ..change(UserId(user), is_online) };
                        map.change(NodeId(node), &change).then_some(user).into_iter().collect()
                    }
                    Step::End { node } => {
                        model.retain(|(at, _), _| *at != node);
                        let (departed, _) = map.end_node(NodeId(node));
                        departed.iter().filter(|one| one.is_offline).map(|one| one.user.0).collect()
                    }
                };
                let expected: BTreeSet<i64> = before.symmetric_difference(&online(&model)).copied().collect();
                prop_assert_eq!(changed, expected, "an event exactly for each user who came online or went offline");
                for own in 0..3 {
                    let others = |user: i64| model.iter().filter(move |((at, of), _)| *at != own && *of == user);
                    let elsewhere: BTreeSet<i64> = map.all_elsewhere(NodeId(own)).map(|user| user.0).collect();
                    let expected: BTreeSet<i64> = (0..4).filter(|user| others(*user).next().is_some()).collect();
                    prop_assert_eq!(elsewhere, expected);
                    for user in 0..4 {
                        let in_lobby = map.in_lobby_elsewhere(UserId(user), NodeId(own));
                        prop_assert_eq!(in_lobby, others(user).any(|(_, in_lobby)| *in_lobby));
                    }
                }
            }
            prop_assert_eq!(map.users.len(), online(&model).len());
        }
    }
}
