//! Presence, as it is pushed to acquaintances.

use super::*;

/// The audience, user and status of a presence event.
fn pushed(delivery: &Delivery) -> Option<(Audience, String, Status)> {
    let Event::Presence { username, status, .. } = &delivery.event else { return None };
    Some((delivery.to.clone(), username.to_string(), *status))
}

impl Fixture {
    /// Connects `user` to `hub`. Returns the acquaintances who are online too.
    async fn connect(&self, user: &User, hub: usize, acquaintance: &User) -> (ConnId, Vec<String>) {
        let connection = self.register(user, Dialect::Native, hub).await;
        let enter = Enter { connection, sessions: Vec::new(), acquaintances: vec![acquaintance.id] };
        let entered = self.chat.send(enter).await.unwrap();
        (connection, entered.0.iter().map(ToString::to_string).collect())
    }
}

#[actix::test]
async fn a_user_is_online_from_the_first_connection_to_the_last() {
    let fixture = Fixture::open(&[]);
    let (avi, lisa) = (fixture.user("avi").await, fixture.user("lisa").await);
    fixture.open_direct(&avi, "lisa").await;
    let mut his = fixture.attach(1);
    let (_, online) = fixture.connect(&avi, 1, &lisa).await;
    assert!(online.is_empty(), "{online:?}");
    let (first, online) = fixture.connect(&lisa, 2, &avi).await;
    assert_eq!(online, ["avi"]);
    let (second, _) = fixture.connect(&lisa, 2, &avi).await;
    let to = Audience::User(avi.id);
    assert_eq!(his.next(pushed).await, (to.clone(), "lisa".to_owned(), Status::Online));
    fixture.leave(first).await;
    fixture.leave(second).await;
    // Neither the second connection nor the end of the first sends an event.
    assert_eq!(his.next(pushed).await, (to, "lisa".to_owned(), Status::Offline));
}

#[actix::test]
async fn a_user_who_reconnects_within_the_grace_period_was_never_offline() {
    let fixture = Fixture::open(&[GRACE, "60"]);
    let (avi, lisa, mark) = (fixture.user("avi").await, fixture.user("lisa").await, fixture.user("mark").await);
    fixture.open_direct(&avi, "lisa").await;
    fixture.open_direct(&avi, "mark").await;
    let mut his = fixture.attach(1);
    let connection = fixture.register(&avi, Dialect::Native, 1).await;
    let enter = Enter { connection, sessions: Vec::new(), acquaintances: vec![lisa.id, mark.id] };
    fixture.chat.send(enter).await.unwrap();
    let (lost, _) = fixture.connect(&lisa, 2, &avi).await;
    fixture.leave(lost).await;
    fixture.connect(&lisa, 2, &avi).await;
    fixture.connect(&mark, 2, &avi).await;
    let to = Audience::User(avi.id);
    for name in ["lisa", "mark"] {
        assert_eq!(his.next(pushed).await, (to.clone(), name.to_owned(), Status::Online));
    }
}
