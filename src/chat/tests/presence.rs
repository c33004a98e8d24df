//! Presence, as it is pushed to those who share a session.

use super::*;

/// Whose presence is pushed to whom, and what it is.
fn pushed(delivery: &Delivery) -> Option<(Audience, String, Status)> {
    let Event::Presence { username, status, .. } = &delivery.event else { return None };
    Some((delivery.to.clone(), username.to_string(), *status))
}

impl Fixture {
    /// A connection on `hub` of somebody to whom the presence of `acquaintance` is pushed; also who of them is online.
    async fn meet(&self, user: &User, hub: usize, acquaintance: &User) -> (ConnId, Vec<String>) {
        let connection = self.register(user, Tongue::Native, hub).await;
        let enter = Enter { connection, sessions: Vec::new(), acquaintances: vec![acquaintance.id] };
        let entered = self.chat.send(enter).await.unwrap();
        (connection, entered.0.iter().map(ToString::to_string).collect())
    }
}

#[actix::test]
async fn the_first_connection_is_an_arrival_and_the_last_one_a_departure() {
    let fixture = Fixture::open(&[]);
    let (avi, lisa) = (fixture.user("avi").await, fixture.user("lisa").await);
    fixture.open_direct(&avi, "lisa").await;
    let mut his = fixture.attach(1);
    let (_, online) = fixture.meet(&avi, 1, &lisa).await;
    assert!(online.is_empty(), "{online:?}");
    let (first, online) = fixture.meet(&lisa, 2, &avi).await;
    assert_eq!(online, ["avi"]);
    let (second, _) = fixture.meet(&lisa, 2, &avi).await;
    let to = Audience::User(avi.id);
    assert_eq!(his.next(pushed).await, (to.clone(), "lisa".to_owned(), Status::Online));
    fixture.leave(first).await;
    fixture.leave(second).await;
    // Neither the second arrival nor the first departure was one.
    assert_eq!(his.next(pushed).await, (to, "lisa".to_owned(), Status::Offline));
}

#[actix::test]
async fn who_is_back_within_the_grace_period_was_never_gone() {
    let fixture = Fixture::open(&[GRACE, "60"]);
    let (avi, lisa, mark) = (fixture.user("avi").await, fixture.user("lisa").await, fixture.user("mark").await);
    fixture.open_direct(&avi, "lisa").await;
    fixture.open_direct(&avi, "mark").await;
    let mut his = fixture.attach(1);
    let connection = fixture.register(&avi, Tongue::Native, 1).await;
    let enter = Enter { connection, sessions: Vec::new(), acquaintances: vec![lisa.id, mark.id] };
    fixture.chat.send(enter).await.unwrap();
    let (lost, _) = fixture.meet(&lisa, 2, &avi).await;
    fixture.leave(lost).await;
    fixture.meet(&lisa, 2, &avi).await;
    fixture.meet(&mark, 2, &avi).await;
    let to = Audience::User(avi.id);
    for name in ["lisa", "mark"] {
        assert_eq!(his.next(pushed).await, (to.clone(), name.to_owned(), Status::Online));
    }
}
