//! Redis brings commits to the other nodes at once, and nothing depends on it.

use std::time::{Duration, Instant};

use super::{SETTINGS, pair_apart, passes};
use crate::kit::redis::{Redis, program};
use crate::kit::*;

const TOKEN: &str = "a-token-for-monitoring";
/// Without Redis, and until a node has noticed that.
const SOON: Duration = Duration::from_secs(5);

/// Two nodes with a Redis of their own; `None` where there is none, and on SQLite.
fn nodes_with_redis() -> Option<(Server, Redis)> {
    if skipped_on_sqlite("one process serves a file") {
        return None;
    }
    let Some(program) = program() else {
        skipped("Redis is not installed (Debian, Ubuntu: `apt-get install redis-server`)");
        return None;
    };
    let redis = Redis::start(&program);
    let url = redis.url();
    // Polls alone would bring nothing in time.
    let more = [("REDIS_URL", url.as_str()), ("PARLOR_POLL_MS", "10000"), ("PARLOR_METRICS_TOKEN", TOKEN)];
    let server = Server::with_nodes(2, &[&SETTINGS[..], &more].concat());
    for node in 0..2 {
        until("the node has found Redis", PATIENCE, || counter(&server, node, "parlor_bus_published_total") > 1);
    }
    Some((server, redis))
}

/// A number in `/metrics` of a node.
fn counter(server: &Server, node: usize, name: &str) -> u64 {
    let http = server.http().by(&server.node(node)).with_token(TOKEN);
    let metrics = http.get("//metrics").text();
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)).expect("the counter is there");
    line.trim().parse().expect("a number")
}

fn dropped(server: &Server) -> u64 {
    counter(server, 1, "parlor_bus_dropped_total")
}

/// The channels that have a subscriber.
fn channels(redis: &Redis) -> Vec<String> {
    let mut connection = ::redis::Client::open(redis.url()).unwrap().get_connection().unwrap();
    ::redis::cmd("PUBSUB").arg("CHANNELS").query(&mut connection).unwrap()
}

fn publish(redis: &Redis, channel: &str, frame: &[u8]) {
    let mut connection = ::redis::Client::open(redis.url()).unwrap().get_connection().unwrap();
    let receivers: i64 = ::redis::cmd("PUBLISH").arg(channel).arg(frame).query(&mut connection).unwrap();
    assert_eq!(receivers, 2, "both nodes have subscribed");
}

#[test]
fn messages_reach_the_other_node_by_redis() {
    let Some((server, _redis)) = nodes_with_redis() else { return };
    let (avi, lisa, id) = pair_apart(&server);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    let before = counter(&server, 1, "parlor_bus_received_total");
    for number in 0..20 {
        let begun = Instant::now();
        his.send_message(&id, &format!("from avi, {number}"));
        assert_eq!(hers.receive(&id), format!("from avi, {number}"));
        hers.send_message(&id, &format!("from lisa, {number}"));
        assert_eq!(his.receive(&id), format!("from lisa, {number}"));
        assert!(begun.elapsed() < SOON, "it took {:?}", begun.elapsed());
    }
    assert!(counter(&server, 1, "parlor_bus_received_total") >= before + 20);
}

#[test]
fn while_redis_is_away_messages_arrive_all_the_same_and_afterwards_by_redis_again() {
    let Some((server, mut redis)) = nodes_with_redis() else { return };
    let (avi, lisa, id) = pair_apart(&server);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    his.send_message(&id, "before");
    assert_eq!(hers.receive(&id), "before");
    for round in 0..2 {
        redis.kill();
        for number in 0..10 {
            let begun = Instant::now();
            let content = format!("without Redis, {round}.{number}");
            his.send_message(&id, &content);
            assert_eq!(hers.receive(&id), content);
            assert!(begun.elapsed() < SOON, "it took {:?}", begun.elapsed());
        }
        redis.restart(&[]);
        let before = counter(&server, 1, "parlor_bus_received_total");
        until("Redis brings messages again", PATIENCE, || {
            passes(&avi, &mut hers, &id);
            counter(&server, 1, "parlor_bus_received_total") > before
        });
    }
    let texts = SessionReplica::load(&avi, &id).texts();
    assert_eq!(texts, SessionReplica::load(&lisa, &id).texts());
    assert_eq!(texts.iter().filter(|text| text.starts_with("without Redis")).count(), 20);
}

#[test]
fn an_emptied_redis_changes_nothing() {
    let Some((server, redis)) = nodes_with_redis() else { return };
    let (avi, lisa, id) = pair_apart(&server);
    let (_his, mut hers) = (avi.connect(), lisa.connect());
    passes(&avi, &mut hers, &id);
    let mut connection = ::redis::Client::open(redis.url()).unwrap().get_connection().unwrap();
    ::redis::cmd("FLUSHALL").exec(&mut connection).unwrap();
    passes(&avi, &mut hers, &id);
    super::becomes(&lisa, "avi", "online");
}

#[test]
fn forged_damaged_and_repeated_frames_change_nothing() {
    let Some((server, redis)) = nodes_with_redis() else { return };
    let (avi, lisa, id) = pair_apart(&server);
    let (_his, mut hers) = (avi.connect(), lisa.connect());
    let channels = channels(&redis);
    let [channel] = channels.as_slice() else { panic!("{channels:?}") };
    // What a node has published, by a subscriber beside the nodes.
    let mut connection = ::redis::Client::open(redis.url()).unwrap().get_connection().unwrap();
    let mut beside = connection.as_pubsub();
    beside.subscribe(channel).unwrap();
    beside.set_read_timeout(Some(PATIENCE)).unwrap();
    passes(&avi, &mut hers, &id);
    let genuine = loop {
        let frame: Vec<u8> = beside.get_message().unwrap().get_payload().unwrap();
        if frame.windows(5).any(|five| five == b"fence") {
            break frame;
        }
    };
    drop(beside);
    let before = dropped(&server);
    let mut damaged = genuine.clone();
    let last = damaged.len() - 20;
    damaged[last] ^= 1;
    let mut later = genuine.clone();
    later[4] += 1;
    let forged: [&[u8]; 6] = [b"", b"PRLR", b"hello", &damaged, &later, &genuine[..genuine.len() - 1]];
    for frame in forged {
        publish(&redis, channel, frame);
    }
    until("they are dropped", PATIENCE, || dropped(&server) == before + forged.len() as u64);
    for _ in 0..3 {
        publish(&redis, channel, &genuine);
    }
    passes(&avi, &mut hers, &id);
    hers.expect_no("message");
    assert_eq!(dropped(&server), before + forged.len() as u64, "a repeated frame is old, and no forgery");
}
