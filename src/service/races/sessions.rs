//! Members who join, leave, are removed and get roles at two nodes at once.

use super::*;
use crate::domain::Role;

#[actix_web::test]
async fn one_of_two_gets_the_last_place_of_a_room() {
    let Some(cluster) = Cluster::open(&["--group-members", "2"]) else { return };
    for round in 0..rounds() {
        let [avi, lisa, mark] = cluster.users(["avi", "lisa", "mark"], round).await;
        let (room, code) = cluster.room(&avi).await;
        let (lisas, marks) = (identity(&lisa), identity(&mark));
        let (first, second) = (&cluster.first.services.sessions, &cluster.second.services.sessions);
        let (one, other) =
            race(first.join(&lisas, &code, here(), None), second.join(&marks, &code, here(), None)).await;
        assert_eq!(refused([one.as_ref().err(), other.as_ref().err()]), ["limit_reached"]);
        assert_eq!(cluster.members(room).await, 2);
    }
    cluster.close().await;
}

#[actix_web::test]
async fn a_user_who_joins_twice_is_one_member() {
    let Some(cluster) = Cluster::open(&[]) else { return };
    for round in 0..rounds() {
        let [avi, lisa] = cluster.users(["avi", "lisa"], round).await;
        let (room, code) = cluster.room(&avi).await;
        let lisas = identity(&lisa);
        let (first, second) = (&cluster.first.services.sessions, &cluster.second.services.sessions);
        let (one, other) =
            race(first.join(&lisas, &code, here(), None), second.join(&lisas, &code, here(), None)).await;
        assert_eq!((one.unwrap().id, other.unwrap().id), (room, room));
        let notices = format!("SELECT count(*) AS n FROM messages WHERE session_id = {}", room.0);
        assert_eq!((cluster.members(room).await, cluster.count(notices).await), (2, 1));
    }
    cluster.close().await;
}

#[actix_web::test]
async fn ownership_goes_to_one_of_two() {
    let Some(cluster) = Cluster::open(&[]) else { return };
    for round in 0..rounds() {
        let [avi, lisa, mark] = cluster.users(["avi", "lisa", "mark"], round).await;
        let group = cluster.group(&avi, &[&lisa, &mark]).await;
        let avis = identity(&avi);
        let (first, second) = (&cluster.first.services.sessions, &cluster.second.services.sessions);
        let (one, other) = race(
            first.set_role(&avis, group, lisa.username.clone(), Role::Owner, None),
            second.set_role(&avis, group, mark.username.clone(), Role::Owner, None),
        )
        .await;
        assert_eq!(refused([one.as_ref().err(), other.as_ref().err()]), ["forbidden"]);
        assert_eq!(cluster.owners(group).await, 1);
    }
    cluster.close().await;
}

#[actix_web::test]
async fn one_of_two_admins_who_remove_each_other_remains() {
    let Some(cluster) = Cluster::open(&[]) else { return };
    for round in 0..rounds() {
        let [avi, lisa, mark] = cluster.users(["avi", "lisa", "mark"], round).await;
        let group = cluster.group(&avi, &[&lisa, &mark]).await;
        let (first, second) = (&cluster.first.services.sessions, &cluster.second.services.sessions);
        for admin in [&lisa, &mark] {
            first.set_role(&identity(&avi), group, admin.username.clone(), Role::Admin, None).await.unwrap();
        }
        let (lisas, marks) = (identity(&lisa), identity(&mark));
        let (one, other) = race(
            first.remove(&lisas, group, Some(mark.username.clone()), None),
            second.remove(&marks, group, Some(lisa.username.clone()), None),
        )
        .await;
        assert_eq!(refused([one.as_ref().err(), other.as_ref().err()]), ["not_found"]);
        assert_eq!(cluster.members(group).await, 2);
    }
    cluster.close().await;
}

#[actix_web::test]
async fn an_owner_who_leaves_is_succeeded_by_one_who_is_there() {
    let Some(cluster) = Cluster::open(&[]) else { return };
    for round in 0..rounds() {
        let [avi, lisa] = cluster.users(["avi", "lisa"], round).await;
        let group = cluster.group(&avi, &[&lisa]).await;
        let (avis, lisas) = (identity(&avi), identity(&lisa));
        let (first, second) = (&cluster.first.services.sessions, &cluster.second.services.sessions);
        let (one, other) = race(first.remove(&avis, group, None, None), second.remove(&lisas, group, None, None)).await;
        assert!(one.is_ok() && other.is_ok());
        assert_eq!(cluster.members(group).await, 0);
        let left = format!("SELECT count(*) AS n FROM sessions WHERE id = {} AND kind <> 4", group.0);
        assert_eq!(cluster.count(left).await, 0, "the group is deleted");
    }
    cluster.close().await;
}

#[actix_web::test]
async fn a_room_that_its_last_member_leaves_has_an_owner_again() {
    let Some(cluster) = Cluster::open(&[]) else { return };
    for round in 0..rounds() {
        let [avi, lisa] = cluster.users(["avi", "lisa"], round).await;
        let (room, code) = cluster.room(&avi).await;
        let (avis, lisas) = (identity(&avi), identity(&lisa));
        let (first, second) = (&cluster.first.services.sessions, &cluster.second.services.sessions);
        let (left, joined) =
            race(first.remove(&avis, room, None, None), second.join(&lisas, &code, here(), None)).await;
        left.unwrap();
        joined.unwrap();
        assert_eq!((cluster.members(room).await, cluster.owners(room).await), (1, 1));
    }
    cluster.close().await;
}

#[actix_web::test]
async fn a_room_is_deleted_or_joined() {
    let Some(cluster) = Cluster::open(&["--room-misses", "0", "--total-room-misses", "0"]) else { return };
    for round in 0..rounds() {
        let [avi, lisa] = cluster.users(["avi", "lisa"], round).await;
        let (room, code) = cluster.room(&avi).await;
        let (avis, lisas) = (identity(&avi), identity(&lisa));
        let (first, second) = (&cluster.first.services.sessions, &cluster.second.services.sessions);
        let (deleted, joined) = race(first.delete(&avis, room), second.join(&lisas, &code, here(), None)).await;
        deleted.unwrap();
        assert!(joined.is_ok() || joined.is_err_and(|refusal| refusal.code() == "unknown_room"));
        assert_eq!(cluster.members(room).await, 0);
    }
    cluster.close().await;
}

#[actix_web::test]
async fn messages_and_changes_of_many_sessions_at_once_are_numbered_without_gaps() {
    let Some(cluster) = Cluster::open(&["--sessions-per-minute", "0"]) else { return };
    let users = cluster.users(["avi", "lisa", "mark", "nina"], 0).await;
    let mut rooms = Vec::new();
    for _ in 0..4 {
        rooms.push(cluster.room(&users[0]).await);
    }
    let node = |number: usize| if number.is_multiple_of(2) { &cluster.first } else { &cluster.second };
    for round in 0..rounds() {
        let began = Instant::now();
        let mut number = usize::try_from(round).unwrap();
        let mut sends = Vec::new();
        let mut changes = Vec::new();
        for (at, (room, code)) in rooms.iter().enumerate() {
            for user in &users[1..] {
                number += 1;
                let sessions = &node(number).services.sessions;
                changes.push(async move {
                    let who = identity(user);
                    if number % 3 == 0 {
                        drop(sessions.remove(&who, *room, None, None).await);
                    } else {
                        drop(sessions.join(&who, code, here(), None).await);
                    }
                });
                sends.push(node(number + at).send(user, Target::Session(Some(*room))));
            }
        }
        join(futures_util::future::join_all(sends), futures_util::future::join_all(changes)).await;
        assert!(began.elapsed() < LONGEST, "it took {} ms", began.elapsed().as_millis());
    }
    cluster.close().await;
}
