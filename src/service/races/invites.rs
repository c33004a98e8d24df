//! Invites that are sent, answered, blocked and delivered at two nodes at once.

use super::*;
use crate::domain::{Delivery, Event, InviteSelector, InviteState};
use crate::service::invites::deliver_due;

async fn direct(cluster: &Cluster, a: &User, b: &User) -> i64 {
    let (low, high) = (a.id.min(b.id).0, a.id.max(b.id).0);
    cluster.count(format!("SELECT count(*) AS n FROM sessions WHERE pair_low = {low} AND pair_high = {high}")).await
}

async fn invites(cluster: &Cluster, a: &User, b: &User, state: InviteState) -> i64 {
    let state = state as i64;
    let (a, b) = (a.id.0, b.id.0);
    let query = "SELECT count(*) AS n FROM invites WHERE state =";
    cluster.count(format!("{query} {state} AND from_id IN ({a}, {b}) AND to_id IN ({a}, {b})")).await
}

#[actix_web::test]
async fn invites_that_cross_become_one_session() {
    let Some(cluster) = Cluster::open(&[]) else { return };
    for round in 0..rounds() {
        let [avi, lisa] = cluster.users(["avi", "lisa"], round).await;
        let (first, second) = (&cluster.first.services.invites, &cluster.second.services.invites);
        let (avis, lisas) = (identity(&avi), identity(&lisa));
        let (one, other) = race(
            first.send(&avis, lisa.username.clone(), None, here(), None),
            second.send(&lisas, avi.username.clone(), None, here(), None),
        )
        .await;
        let mut states = [one.unwrap().state, other.unwrap().state].map(|state| state as i64);
        states.sort_unstable();
        assert_eq!(states, [InviteState::Pending as i64, InviteState::Accepted as i64]);
        assert_eq!(direct(&cluster, &avi, &lisa).await, 1);
        assert_eq!(invites(&cluster, &avi, &lisa, InviteState::Accepted).await, 1);
        assert_eq!(invites(&cluster, &avi, &lisa, InviteState::Pending).await, 0);
    }
    cluster.close().await;
}

#[actix_web::test]
async fn an_invite_is_accepted_once() {
    let Some(cluster) = Cluster::open(&[]) else { return };
    for round in 0..rounds() {
        let [avi, lisa] = cluster.users(["avi", "lisa"], round).await;
        let (first, second) = (&cluster.first.services.invites, &cluster.second.services.invites);
        let sent = first.send(&identity(&avi), lisa.username.clone(), None, here(), None).await.unwrap();
        let lisas = identity(&lisa);
        let invite = || InviteSelector::Invite(Some(sent.id));
        let (one, other) =
            race(first.answer(&lisas, invite(), true, None), second.answer(&lisas, invite(), true, None)).await;
        assert_eq!(refused([one.as_ref().err(), other.as_ref().err()]), ["invite_closed"]);
        assert_eq!(direct(&cluster, &avi, &lisa).await, 1);
    }
    cluster.close().await;
}

#[actix_web::test]
async fn an_invite_into_a_group_is_accepted_or_withdrawn() {
    let Some(cluster) = Cluster::open(&[]) else { return };
    for round in 0..rounds() {
        let [avi, lisa] = cluster.users(["avi", "lisa"], round).await;
        let (first, second) = (&cluster.first.services.invites, &cluster.second.services.invites);
        let group = cluster.group(&avi, &[]).await;
        let sent = first.send(&identity(&avi), lisa.username.clone(), Some(group), here(), None).await.unwrap();
        let (avis, lisas) = (identity(&avi), identity(&lisa));
        let invite = InviteSelector::Invite(Some(sent.id));
        let (one, other) = race(first.withdraw(&avis, sent.id), second.answer(&lisas, invite, true, None)).await;
        assert_eq!(refused([one.as_ref().err(), other.as_ref().err()]), ["invite_closed"]);
        assert_eq!(cluster.members(group).await, if other.is_ok() { 2 } else { 1 });
    }
    cluster.close().await;
}

#[actix_web::test]
async fn the_last_member_leaves_a_group_or_has_a_successor() {
    let Some(cluster) = Cluster::open(&[]) else { return };
    for round in 0..rounds() {
        let [avi, lisa] = cluster.users(["avi", "lisa"], round).await;
        let group = cluster.group(&avi, &[]).await;
        let (first, second) = (&cluster.first.services, &cluster.second.services);
        let sent = first.invites.send(&identity(&avi), lisa.username.clone(), Some(group), here(), None).await.unwrap();
        let (avis, lisas) = (identity(&avi), identity(&lisa));
        let invite = InviteSelector::Invite(Some(sent.id));
        let (left, joined) =
            race(first.sessions.remove(&avis, group, None, None), second.invites.answer(&lisas, invite, true, None))
                .await;
        left.unwrap();
        match joined {
            Ok(_) => assert_eq!((cluster.owners(group).await, cluster.members(group).await), (1, 1)),
            Err(refusal) => {
                assert!(["invite_closed", "not_found"].contains(&refusal.code()), "{refusal}");
                assert_eq!(cluster.members(group).await, 0);
            }
        }
    }
    cluster.close().await;
}

#[actix_web::test]
async fn a_block_hides_an_invite_or_comes_after_it() {
    let Some(cluster) = Cluster::open(&[]) else { return };
    for round in 0..rounds() {
        let [avi, lisa] = cluster.users(["avi", "lisa"], round).await;
        let (avis, lisas) = (identity(&avi), identity(&lisa));
        let (first, second) = (&cluster.first.services, &cluster.second.services);
        let (sent, blocked) = race(
            first.invites.send(&avis, lisa.username.clone(), None, here(), None),
            second.accounts.block(&lisas, avi.username.clone(), true, here()),
        )
        .await;
        sent.unwrap();
        blocked.unwrap();
        let shown = format!("SELECT count(*) AS n FROM invites WHERE to_id = {} AND NOT hidden", lisa.id.0);
        assert_eq!(cluster.count(shown).await, 0);
    }
    cluster.close().await;
}

#[actix_web::test]
async fn a_deferred_invite_is_delivered_once() {
    let Some(cluster) = Cluster::open(&["--invite-pause-seconds", "1"]) else { return };
    let rounds = rounds();
    for round in 0..rounds {
        let [avi, lisa] = cluster.users(["avi", "lisa"], round).await;
        let invites = &cluster.first.services.invites;
        let sent = invites.send(&identity(&avi), lisa.username.clone(), None, here(), None).await.unwrap();
        invites.answer(&identity(&lisa), InviteSelector::Invite(Some(sent.id)), false, None).await.unwrap();
        invites.send(&identity(&avi), lisa.username.clone(), None, here(), None).await.unwrap();
        let due = format!("UPDATE invites SET deliver_at = 1 WHERE to_id = {} AND deliver_at > 0", lisa.id.0);
        cluster.change(&due);
        let nodes = [&cluster.first, &cluster.second];
        cluster.delivered(|_| true).await;
        race(nodes[0].run(Touches::wide(), deliver_due), nodes[1].run(Touches::wide(), deliver_due)).await;
        let invited =
            |output: &CommitOutput| matches!(output, CommitOutput::Event(Delivery { event: Event::Invited(_), .. }));
        assert_eq!(cluster.delivered(invited).await, [1, 1]);
    }
    cluster.close().await;
}

#[actix_web::test]
async fn first_messages_that_cross_open_one_session() {
    let Some(cluster) = Cluster::open(&[]) else { return };
    for round in 0..rounds() {
        let [avi, lisa] = cluster.users(["avi", "lisa"], round).await;
        let to = |user: &User| Target::User(user.username.clone());
        let (one, other) = race(cluster.first.send(&avi, to(&lisa)), cluster.second.send(&lisa, to(&avi))).await;
        let (Ok(Answer::Sent { seq: one, .. }), Ok(Answer::Sent { seq: other, .. })) = (one, other) else {
            panic!("refused")
        };
        assert_eq!(one + other, 3);
        assert_eq!(direct(&cluster, &avi, &lisa).await, 1);
    }
    cluster.close().await;
}

#[actix_web::test]
async fn nothing_is_sent_behind_a_block() {
    let Some(cluster) = Cluster::open(&[]) else { return };
    for round in 0..rounds() {
        let [avi, lisa] = cluster.users(["avi", "lisa"], round).await;
        let session = cluster.direct(&avi, &lisa).await;
        let lisas = identity(&lisa);
        let accounts = &cluster.second.services.accounts;
        let (sent, blocked) = race(
            cluster.first.send(&avi, Target::Session(Some(session))),
            accounts.block(&lisas, avi.username.clone(), true, here()),
        )
        .await;
        blocked.unwrap();
        let stored =
            cluster.count(format!("SELECT count(*) AS n FROM messages WHERE session_id = {}", session.0)).await;
        match sent {
            Ok(_) => {
                assert_eq!(stored, 1);
                let behind = "SELECT count(*) AS n FROM messages m, blocks b WHERE \
                              current_setting('track_commit_timestamp') = 'on' \
                              AND CASE current_setting('track_commit_timestamp') WHEN 'on' THEN \
                              pg_xact_commit_timestamp(m.xmin) > pg_xact_commit_timestamp(b.xmin) END";
                let query = format!("{behind} AND m.session_id = {} AND b.blocker_id = {}", session.0, lisa.id.0);
                assert_eq!(cluster.count(query).await, 0, "sent behind the block");
            }
            Err(refusal) => assert_eq!((refusal.code(), stored), ("forbidden", 0)),
        }
    }
    cluster.close().await;
}
