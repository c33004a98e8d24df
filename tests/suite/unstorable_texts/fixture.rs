//! A server without rate limits, the users of these tests, and how their requests may be answered.

use super::bystander::Bystander;
use crate::kit::*;

/// Refusals by a rate limit would hide what lies behind it. Budgets of failures are stored, so they are large and not unlimited.
const SETTINGS: [(&str, &str); 23] = [
    ("PARLOR_SENDS_PER_SECOND", "0"),
    ("PARLOR_FRAMES_PER_SECOND", "0"),
    ("PARLOR_REQUESTS_PER_SECOND", "0"),
    ("PARLOR_SEARCHES_PER_SECOND", "0"),
    ("PARLOR_SESSIONS_PER_MINUTE", "0"),
    ("PARLOR_INVITES_PER_MINUTE", "0"),
    ("PARLOR_ACCOUNTS_PER_MINUTE", "0"),
    ("PARLOR_LOBBY_SENDS_PER_SECOND", "0"),
    ("PARLOR_TOTAL_LOBBY_SENDS_PER_SECOND", "0"),
    ("PARLOR_LOGINS", "0"),
    ("PARLOR_LOGIN_FAILURES", "10000"),
    ("PARLOR_ADDRESS_LOGIN_FAILURES", "10000"),
    ("PARLOR_ACCOUNT_LOGIN_FAILURES", "10000"),
    ("PARLOR_UNKNOWN_NAMES", "10000"),
    ("PARLOR_ROOM_MISSES", "10000"),
    ("PARLOR_TOTAL_ROOM_MISSES", "10000"),
    ("PARLOR_MESSAGE_EMOJIS", "0"),
    ("PARLOR_EMOJI_BYTES", "0"),
    ("PARLOR_CONTACTS_SETTLE_SECONDS", "0"),
    ("PARLOR_LOBBY", "on"),
    ("PARLOR_HELLO_SECONDS", "1"),
    // So that forwarded addresses count.
    ("PARLOR_TRUSTED_PROXIES", "127.0.0.1"),
    ("PARLOR_FORWARDED_HEADER", "x-forwarded-for"),
];

/// What the log may report: refused origins, forwarded addresses that are none, heads of requests with a NUL, and on a slow
/// machine how long a read or commit took.
const EXPECTED: [&str; 4] = ["refused Origin", "PARLOR_TRUSTED_PROXIES", "request parse error", " took "];

pub struct Fixture {
    /// Dropped before the server.
    bystander: Bystander,
    pub server: Server,
    /// Owns the group, in which there is a message of his.
    pub avi: Person,
    /// Changes his account.
    pub mark: Person,
    pub group: String,
    /// Of a room that avi is not in.
    pub code: String,
    /// Invites avi.
    pub invite: String,
    /// A login of avi's.
    pub login: String,
}

impl Fixture {
    pub fn new() -> Self {
        let server = Server::with(&SETTINGS);
        let [avi, lisa, mark, noa, zoe] = people(&server, ["avi", "lisa", "mark", "noa", "zoe"]);
        let group = group(&avi, "Trip", &[&lisa]);
        avi.send_message(&group, "hello");
        let (_, code) = room(&lisa, json!({"keep": true}));
        let invite = noa.http.post("/invites", json!({"username": "avi"})).ok();
        let tokens = avi.http.get("/tokens").ok();
        Self {
            invite: text(&invite["invite"], "id").to_owned(),
            login: text(&list(&tokens, "tokens")[0], "id").to_owned(),
            bystander: Bystander::start(zoe),
            server,
            avi,
            mark,
            group,
            code,
        }
    }

    /// Fails where the bystander noticed something, or the log reports an error.
    #[track_caller]
    pub fn finish(self) {
        self.bystander.finish();
        self.avi.connect().fence();
        for line in self.server.log().lines() {
            let is_report = line.contains(" WARN ") || line.contains(" ERROR ");
            assert!(!is_report || EXPECTED.iter().any(|expected| line.contains(expected)), "{line}");
        }
    }
}

/// Fails where a request fails for a reason that is not its own. `what` describes it.
#[track_caller]
pub fn check_reply(reply: &Reply, what: &str) {
    assert!(reply.status < 500 && reply.status != 429, "{what}: {} {}", reply.status, reply.text());
    if let Ok(body) = serde_json::from_slice(&reply.body) {
        check_answer(&body, what);
    }
}

/// The same for the answer to a frame.
#[track_caller]
pub fn check_answer(answer: &Value, what: &str) {
    let code = answer["code"].as_str().unwrap_or_default();
    let failures = ["internal", "unavailable", "busy", "rate_limited", "too_many_attempts"];
    assert!(!failures.contains(&code), "{what}: {answer}");
    // Dialects without codes have the sentences.
    let sentences = ["The database is unavailable", "Something went wrong", "It is not known whether", "Too many"];
    let all = answer.to_string();
    assert!(!sentences.iter().any(|sentence| all.contains(sentence)), "{what}: {answer}");
}
