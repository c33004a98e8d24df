//! Accounts, guests and logins that are created and ended at two nodes at once.

use super::*;
use crate::domain::{Effect, Title};
use crate::service::{membership, operator_requests, revocation};
use crate::store::requests::{self, OperatorAction, OperatorRequest};
use crate::store::tokens;

#[actix_web::test]
async fn a_name_is_given_to_one_of_two() {
    let Some(cluster) = Cluster::open(&[]) else { return };
    for round in 0..rounds() {
        let name = Username::parse(&format!("avi{round}")).unwrap();
        let insert = |name: Username| move |db: &mut Db, now| users::insert(db, &name, "", now).map(|_| Vec::new());
        let (one, other) = race(
            cluster.first.try_run(Touches::new_user(), insert(name.clone())),
            cluster.second.try_run(Touches::new_user(), insert(name)),
        )
        .await;
        assert_eq!(refused([one.as_ref().err(), other.as_ref().err()]), ["username_taken"]);
    }
    cluster.close().await;
}

#[actix_web::test]
async fn a_deleted_user_is_in_no_group() {
    let Some(cluster) = Cluster::open(&["--unknown-names", "0"]) else { return };
    for round in 0..rounds() {
        let [avi, lisa] = cluster.users(["avi", "lisa"], round).await;
        let (gone, avis) = (lisa.id, identity(&avi));
        let title = Title::parse("title", "Tea").unwrap();
        let new = NewSession::Group { title, usernames: vec![lisa.username.clone()], key: None };
        let (made, _) = race(
            cluster.first.services.sessions.create(&avis, new, here(), None),
            cluster.second.run(Touches::ending([gone]), move |db, now| membership::end_user(db, gone, now)),
        )
        .await;
        match made {
            Ok(group) => assert_eq!(cluster.members(group.id).await, 1),
            Err(refusal) => assert_eq!(refusal.code(), "unknown_user"),
        }
    }
    cluster.close().await;
}

#[actix_web::test]
async fn a_room_guest_who_enters_and_ends_is_in_no_room() {
    let settings = ["--accounts-per-minute", "0", "--group-members", "3"];
    let Some(cluster) = Cluster::open(&settings) else { return };
    for round in 0..rounds() {
        let [avi] = cluster.users(["avi"], round).await;
        let (room, code) = cluster.room(&avi).await;
        let choice = || crate::service::accounts::RoomChoice::Join(code.clone());
        let (first, second) = (&cluster.first.services, &cluster.second.services);
        let (one, other) = race(
            first.accounts.room_guest("Lisa", choice(), here()),
            second.accounts.room_guest("lisa", choice(), here()),
        )
        .await;
        assert_eq!(refused([one.as_ref().err(), other.as_ref().err()]), ["username_taken"]);
        let guest = one.or(other).unwrap().identity;
        let id = guest.user.id;
        let (entered, _) = race(
            first.sessions.enter(&guest),
            cluster.second.run(Touches::ending([id]), move |db, now| membership::expire_guests(db, &[id], now)),
        )
        .await;
        assert!(entered.is_ok() || entered.is_err_and(|refusal| refusal.code() == "unauthenticated"));
        assert_eq!(cluster.members(room).await, 1);
    }
    cluster.close().await;
}

#[actix_web::test]
async fn an_expired_token_is_ended_once() {
    let Some(cluster) = Cluster::open(&[]) else { return };
    for round in 0..rounds() {
        let [avi] = cluster.users(["avi"], round).await;
        let id = avi.id;
        let insert = move |db: &mut Db, now| {
            let hash = id.0.to_be_bytes();
            tokens::insert(db, id, &hash, (LoginMethod::Password, None), now, now.plus(-1)).map(|_| Vec::new())
        };
        cluster.first.run(Touches::users([id]), insert).await;
        let sweep = |db: &mut Db, now| revocation::expired(db, 100, now).map(|(_, out)| out);
        let nodes = [&cluster.first, &cluster.second];
        cluster.delivered(|_| true).await;
        race(
            nodes[0].run(revocation::touches_of_expired(100), sweep),
            nodes[1].run(revocation::touches_of_expired(100), sweep),
        )
        .await;
        let ended = |output: &CommitOutput| matches!(output, CommitOutput::Effect(Effect::TokenEnded(_)));
        assert_eq!(cluster.delivered(ended).await, [1, 1]);
    }
    cluster.close().await;
}

#[actix_web::test]
async fn an_operators_request_is_carried_out_once() {
    let Some(cluster) = Cluster::open(&[]) else { return };
    for round in 0..rounds() {
        let username = Username::parse(&format!("avi{round}")).unwrap();
        let password = Some(String::new());
        let request = OperatorRequest { action: OperatorAction::Add, username, password, admin: false };
        let insert = move |db: &mut Db, now| Ok((requests::insert(db, &request, now)?, Vec::new()));
        let stored = cluster.first.services.store.writer().run(Touches::nothing(), insert).await.unwrap();
        let (one, other) = race(
            operator_requests::run_pending(&cluster.first.services.store),
            operator_requests::run_pending(&cluster.second.services.store),
        )
        .await;
        assert!(one.is_ok() && other.is_ok());
        let outcome = cluster.first.services.store.read(move |db| requests::outcome(db, stored)).await.unwrap();
        assert_eq!(outcome, Some(Ok(())));
    }
    cluster.close().await;
}

#[actix_web::test]
async fn two_nodes_open_an_empty_database_at_once() {
    for _ in 0..rounds().div_ceil(10) {
        let Some((database, url)) = scratch::unopened_postgres_database() else { return };
        let open = |url: String| {
            std::thread::spawn(move || {
                let config = Config::try_parse_from(["parlor", "--database-url", &url]).unwrap();
                let store = Store::open_without_bus(&config, Box::new(|_, _| ()), messages::refusal).unwrap();
                (store.epoch(), store.lobby())
            })
        };
        let (one, other) = (open(url.clone()), open(url));
        assert_eq!(one.join().unwrap(), other.join().unwrap());
        drop(database);
    }
}
