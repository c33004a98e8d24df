//! Locks: everything at once, and transactions that stand still.

use futures_util::future::join_all;
use tokio::time::sleep;

use super::*;
use crate::domain::{Mark, UserId};
use crate::service::accounts::RoomChoice;
use crate::service::membership;

/// One user's part of a round, at one node. Refusals do not matter.
async fn visit(node: &Node, me: &User, others: &[User], rooms: &[(SessionId, String)], step: usize) {
    let Services { sessions, invites, accounts, .. } = &node.services;
    let (who, other) = (identity(me), &others[step % others.len()]);
    let (room, code) = &rooms[step % rooms.len()];
    match step % 8 {
        0 => drop(sessions.join(&who, code, here(), None).await),
        1 => drop(sessions.remove(&who, *room, None, None).await),
        2 => drop(invites.send(&who, other.username.clone(), None, here(), None).await),
        3 => drop(accounts.block(&who, other.username.clone(), step % 16 == 3, here()).await),
        4 => drop(node.send(me, Target::User(other.username.clone())).await),
        5 => {
            let title = Title::parse("title", "Tea").unwrap();
            let usernames = others.iter().map(|user| user.username.clone()).collect();
            drop(sessions.create(&who, NewSession::Group { title, usernames, key: None }, here(), None).await);
        }
        6 => {
            let mut all: Vec<UserId> = others.iter().map(|user| user.id).collect();
            all.rotate_left(step % others.len());
            let touches = Touches::users(all.iter().copied());
            node.run(touches, move |db, now| users::set_last_seen(db, &all, now).map(|()| Vec::new())).await;
        }
        _ => {
            let Ok(guest) = accounts.room_guest("Guest", RoomChoice::Join(code.clone()), here()).await else { return };
            drop(sessions.enter(&guest.identity).await);
            drop(node.send(&guest.identity.user, Target::Session(Some(*room))).await);
            drop(node.send(&guest.identity.user, Target::User(other.username.clone())).await);
            let id = guest.identity.user.id;
            node.run(Touches::ending([id]), move |db, now| membership::expire_guests(db, &[id], now)).await;
        }
    }
    drop(node.send(me, Target::Session(Some(*room))).await);
    let (caller, reply) = oneshot::channel();
    let writer = node.services.store.writer();
    writer.enqueue(vec![writer.mark(me.id, *room, Mark::Read(1), Requester::Caller(caller))]);
    drop(reply.await);
}

#[actix_web::test]
async fn changes_of_every_kind_at_once_do_not_wait_for_each_other_in_a_circle() {
    let settings = ["--sessions-per-minute", "0", "--accounts-per-minute", "0", "--pending-invites", "0"];
    let Some(cluster) = Cluster::open(&settings) else { return };
    let users = cluster.users(["avi", "lisa", "mark", "nina", "olga"], 0).await;
    let mut rooms = Vec::new();
    for _ in 0..3 {
        rooms.push(cluster.room(&users[0]).await);
    }
    let mut longest = Duration::ZERO;
    for round in 0..usize::try_from(rounds()).unwrap() {
        let began = Instant::now();
        let visits = users.iter().enumerate().flat_map(|(at, user)| {
            let rooms = &rooms;
            let others: Vec<User> = users.iter().filter(|other| other.id != user.id).cloned().collect();
            [&cluster.first, &cluster.second].into_iter().enumerate().map(move |(number, node)| {
                let others = others.clone();
                async move { visit(node, user, &others, rooms, round * 7 + at * 3 + number * 5).await }
            })
        });
        join_all(visits).await;
        longest = longest.max(began.elapsed());
    }
    assert!(longest < 3 * LONGEST, "it took {} ms", longest.as_millis());
    cluster.close().await;
}

/// Runs tasks of `free` while another transaction has the lock that `statement` takes, and one of `blocked` behind it.
async fn stand_still(statement: &str, blocked: fn(&User, &User) -> Touches, free: fn(&User, &User) -> Touches) {
    let Some(cluster) = Cluster::open(&[]) else { return };
    let [avi, lisa] = cluster.users(["avi", "lisa"], 0).await;
    let mut other = Beside::connect(&cluster.url);
    other.execute(&format!("BEGIN; {}", statement.replace("{id}", &avi.id.0.to_string())));
    let nothing = |_: &mut Db, _| Ok(Vec::new());
    let began = Instant::now();
    let waiting = async {
        let outcome = cluster.first.try_run(blocked(&avi, &lisa), nothing).await;
        (outcome, began.elapsed())
    };
    let others = async {
        // The first ones share the batch of the one that waits.
        for _ in 0..20 {
            let began = Instant::now();
            cluster.first.run(free(&avi, &lisa), nothing).await;
            assert!(began.elapsed() < LONGEST, "it took {} ms", began.elapsed().as_millis());
            sleep(Duration::from_millis(50)).await;
        }
        other.execute("COMMIT");
        began.elapsed()
    };
    let ((outcome, waited), released) = join(waiting, others).await;
    assert_eq!(outcome, Ok(()));
    assert!(waited >= released && waited < released + LONGEST, "{waited:?} and {released:?}");
    cluster.close().await;
}

#[actix_web::test]
async fn a_locked_user_holds_up_only_their_own_changes() {
    let statement = "SELECT 1 FROM users WHERE id = {id} FOR UPDATE";
    stand_still(statement, |avi, lisa| Touches::users([avi.id, lisa.id]), |_, lisa| Touches::users([lisa.id])).await;
}

#[actix_web::test]
async fn a_locked_area_holds_up_only_its_own_changes() {
    let statement = "SELECT pg_advisory_xact_lock(1348563459)";
    stand_still(statement, |_, _| Touches::budgets(), |avi, _| Touches::users([avi.id])).await;
}

#[actix_web::test]
async fn a_task_holds_up_only_those_that_run_alone() {
    let statement = "SELECT pg_advisory_xact_lock_shared(1348563457)";
    stand_still(statement, |_, _| Touches::wide(), |avi, _| Touches::users([avi.id])).await;
}
