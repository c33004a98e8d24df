//! Messages as members receive them, and the replies to their senders.

use super::*;
use crate::chat::Submit;
use crate::domain::{Answer, Draft, Refusal, Reply, RequestId, Target, Text};
use crate::store::Requester;

impl Fixture {
    /// Sends from `connection`, with `request_id` as the id of the command.
    async fn submit(&self, sender: &User, connection: ConnId, session: SessionId, request_id: &str, text: &str) {
        let text = Text::parse(text.to_owned(), 0).unwrap();
        let draft = Draft { target: Target::Session(Some(session)), text, key: None, reply_to: None };
        let requester = Requester::Connection(connection, Some(RequestId::Text(request_id.to_owned())));
        self.chat.send(Submit { sender: sender.id, draft, requester, from: None, echo: false }).await.unwrap();
    }

    /// Connects `user` to `hub`, in these sessions.
    async fn join(&self, user: &User, hub: usize, sessions: &[SessionId]) -> ConnId {
        let connection = self.register(user, Dialect::Native, hub).await;
        let enter = Enter { connection, sessions: sessions.to_vec(), acquaintances: Vec::new() };
        self.chat.send(enter).await.unwrap();
        connection
    }
}

/// The `seq`, text, audience and exception of a message event.
fn posted(delivery: &Delivery) -> Option<(i64, String, Audience, Option<ConnId>)> {
    let Event::Posted(message) = &delivery.event else { return None };
    Some((message.seq, message.text.clone(), delivery.to.clone(), delivery.except))
}

/// The audience and request id of a reply, and its `seq` or error.
fn replied(delivery: &Delivery) -> Option<(Audience, String, Result<i64, Refusal>)> {
    let Event::Reply(Reply { request_id, outcome }) = &delivery.event else { return None };
    let outcome = outcome.clone().map(|answer| match answer {
        Answer::Sent { seq, .. } => seq,
        other => panic!("{other:?}"),
    });
    let request_id = match request_id {
        Some(RequestId::Text(text)) => text.clone(),
        other => panic!("{other:?}"),
    };
    Some((delivery.to.clone(), request_id, outcome))
}

#[actix::test]
async fn a_send_reaches_both_members_once_and_in_order() {
    let fixture = Fixture::open(&[]);
    let (avi, lisa) = (fixture.user("avi").await, fixture.user("lisa").await);
    let session = fixture.open_direct(&avi, "lisa").await;
    let (mut his, mut hers) = (fixture.attach(1), fixture.attach(2));
    let sender = fixture.join(&avi, 1, &[session]).await;
    let receiver = fixture.join(&lisa, 2, &[session]).await;
    for (request_id, text) in [("a", "one"), ("b", "two"), ("c", "three")] {
        fixture.submit(&avi, sender, session, request_id, text).await;
    }
    // Nothing comes between the third and this one, so none of them was delivered twice.
    fixture.submit(&lisa, receiver, session, "d", "four").await;
    let room = Audience::Session(session);
    for hub in [&mut his, &mut hers] {
        for (seq, text, except) in [(1, "one", sender), (2, "two", sender), (3, "three", sender), (4, "four", receiver)]
        {
            assert_eq!(hub.next(posted).await, (seq, text.to_owned(), room.clone(), Some(except)));
        }
    }
}

#[actix::test]
async fn a_reply_is_delivered_beside_its_event_to_the_sender_only() {
    let fixture = Fixture::open(&[]);
    let (avi, lisa) = (fixture.user("avi").await, fixture.user("lisa").await);
    let session = fixture.open_direct(&avi, "lisa").await;
    let (mut his, mut hers) = (fixture.attach(1), fixture.attach(2));
    let sender = fixture.join(&avi, 1, &[session]).await;
    fixture.join(&lisa, 2, &[session]).await;
    for request_id in ["a", "b"] {
        fixture.submit(&avi, sender, session, request_id, request_id).await;
    }
    let seqs = |delivery: &Delivery| match replied(delivery) {
        Some((to, request_id, outcome)) => Some((to, request_id, outcome.unwrap())),
        None => posted(delivery).map(|(seq, _, to, _)| (to, "event".to_owned(), seq)),
    };
    let mut order = Vec::new();
    for _ in 0..4 {
        let (to, what, seq) = his.next(seqs).await;
        assert_eq!(to, if what == "event" { Audience::Session(session) } else { Audience::Connection(sender) });
        order.push(seq);
    }
    assert_eq!(order, [1, 1, 2, 2], "each reply beside its own event");
    // A hub receives whole batches, and passes on what is for its own connections.
    for seq in [1, 2] {
        assert_eq!(hers.next(posted).await.0, seq);
    }
}

#[actix::test]
async fn a_refusal_reaches_only_the_requesting_connection() {
    let fixture = Fixture::open(&[]);
    let (avi, lisa, eve) = (fixture.user("avi").await, fixture.user("lisa").await, fixture.user("eve").await);
    let session = fixture.open_direct(&avi, "lisa").await;
    let (mut members, mut stranger) = (fixture.attach(1), fixture.attach(2));
    let sender = fixture.join(&avi, 1, &[session]).await;
    fixture.join(&lisa, 1, &[session]).await;
    let outside = fixture.join(&eve, 2, &[]).await;
    fixture.submit(&eve, outside, session, "a", "let me in").await;
    let refused = (Audience::Connection(outside), "a".to_owned(), Err(Refusal::NotFound));
    assert_eq!(stranger.next(replied).await, refused);
    fixture.block(&lisa, "avi", true).await;
    fixture.submit(&avi, sender, session, "b", "hello").await;
    let refused = members.next(|delivery| posted(delivery).map(|_| None).or_else(|| replied(delivery).map(Some))).await;
    let (to, request_id, outcome) = refused.expect("neither of them was posted");
    assert_eq!((to, request_id.as_str()), (Audience::Connection(sender), "b"));
    assert!(outcome.is_err(), "{outcome:?}");
}
