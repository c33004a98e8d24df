//! Connections that come and go, and who receives what is announced of their users.

use super::*;

const GRACE: Duration = Duration::from_secs(10);

const fn connection_of(user: i64) -> LiveConnection {
    LiveConnection { user: UserId(user), token: TokenId(1), dialect: Dialect::Native, hub: 0, entered: false }
}

fn connect(presence: &mut PresenceTracker, id: i64, user: i64) -> EnterOutcome {
    presence.register(ConnId(id), connection_of(user), &"avi".into(), 2).unwrap();
    presence.enter(ConnId(id), vec![SessionId(1)], vec![UserId(9)])
}

#[test]
fn several_connections_of_a_user_count_once() {
    let (mut presence, now) = (PresenceTracker::default(), Instant::now());
    assert!(connect(&mut presence, 1, 7).came_online);
    assert!(!connect(&mut presence, 2, 7).came_online);
    assert!(!presence.leave(ConnId(1), true, GRACE, now).unwrap().went_offline);
    assert!(presence.is_online(UserId(7)));
    assert!(presence.leave(ConnId(2), true, GRACE, now).unwrap().went_offline);
}

#[test]
fn a_user_is_online_for_the_grace_period() {
    let (mut presence, now) = (PresenceTracker::default(), Instant::now());
    connect(&mut presence, 1, 7);
    assert!(!presence.leave(ConnId(1), false, GRACE, now).unwrap().went_offline);
    assert!(presence.is_online(UserId(7)) && presence.expired(now).is_empty());
    assert_eq!(presence.expired(now + GRACE), vec![UserId(7)]);
    assert!(!connect(&mut presence, 2, 7).came_online);
    assert!(presence.expired(now + GRACE).is_empty());
}

#[test]
fn a_connection_above_the_limit_is_refused() {
    let mut presence = PresenceTracker::default();
    connect(&mut presence, 1, 7);
    connect(&mut presence, 2, 7);
    assert!(presence.register(ConnId(3), connection_of(7), &"avi".into(), 2).is_err());
    assert!(presence.leave(ConnId(3), false, GRACE, Instant::now()).is_none());
}

#[test]
fn a_session_that_is_left_during_the_handshake_is_not_joined() {
    let mut presence = PresenceTracker::default();
    presence.register(ConnId(1), connection_of(7), &"avi".into(), 0).unwrap();
    presence.remove_session(UserId(7), SessionId(1));
    presence.remove_session(UserId(7), SessionId(2));
    presence.add_session(UserId(7), SessionId(2));
    let joins = presence.enter(ConnId(1), vec![SessionId(1), SessionId(2)], Vec::new()).joins;
    assert_eq!(joins, vec![(SessionId(2), 0)]);
    assert_eq!(presence.remove_session(UserId(7), SessionId(2)), vec![0]);
}

#[test]
fn changes_during_the_handshake_win_over_what_was_read_before() {
    let mut presence = PresenceTracker::default();
    presence.register(ConnId(1), connection_of(7), &"avi".into(), 0).unwrap();
    presence.acquaint(UserId(7), UserId(9), false);
    presence.enter(ConnId(1), Vec::new(), vec![UserId(9)]);
    assert!(presence.user(UserId(7)).unwrap().acquaintances.is_empty());
}

#[test]
fn a_user_who_is_offline_is_known_until_that_is_announced() {
    let (mut presence, now) = (PresenceTracker::default(), Instant::now());
    for (connection, user, other) in [(1, 9, 7), (2, 7, 9)] {
        presence.register(ConnId(connection), connection_of(user), &"avi".into(), 0).unwrap();
        presence.enter(ConnId(connection), Vec::new(), vec![UserId(other)]);
    }
    presence.leave(ConnId(2), true, GRACE, now);
    let announced =
        |presence: &mut PresenceTracker, is_online| presence.announce(UserId(7), is_online, Time(1_000)).unwrap().1;
    let (first, second) = (announced(&mut presence, false), announced(&mut presence, true));
    let last = announced(&mut presence, false);
    assert!(!presence.is_online(UserId(7)) && first < second && second < last);
    for at in [first, second, last] {
        assert_eq!(presence.announced(UserId(7), at), vec![UserId(9)]);
    }
    assert!(presence.user(UserId(7)).is_none());
}

#[test]
fn a_viewer_whose_snapshot_is_newer_than_an_announcement_does_not_receive_it() {
    let mut presence = PresenceTracker::default();
    connect(&mut presence, 1, 7);
    let (_, at) = presence.announce(UserId(7), true, Time(1_000)).unwrap();
    presence.acquaint(UserId(7), UserId(8), true);
    presence.register(ConnId(2), connection_of(8), &"lisa".into(), 0).unwrap();
    presence.enter(ConnId(2), Vec::new(), vec![UserId(7)]);
    assert!(presence.announced(UserId(7), at).is_empty());
    let (_, at) = presence.announce(UserId(7), false, Time(1_000)).unwrap();
    assert_eq!(presence.announced(UserId(7), at), vec![UserId(8)]);
}

#[test]
fn the_viewers_of_a_user_of_another_node_are_those_who_are_acquainted() {
    let (mut presence, now) = (PresenceTracker::clustered(), Instant::now());
    connect(&mut presence, 1, 7);
    assert_eq!(presence.viewers(UserId(9)), vec![UserId(7)]);
    presence.acquaint(UserId(9), UserId(7), false);
    presence.acquaint(UserId(7), UserId(8), true);
    assert_eq!((presence.viewers(UserId(9)), presence.viewers(UserId(8))), (vec![], vec![UserId(7)]));
    presence.leave(ConnId(1), true, GRACE, now);
    let (_, at) = presence.announce(UserId(7), false, Time(1_000)).unwrap();
    assert_eq!(presence.viewers(UserId(8)), vec![UserId(7)]);
    presence.announced(UserId(7), at);
    assert!(presence.viewers(UserId(8)).is_empty());
}
