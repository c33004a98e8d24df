//! REST: invites to direct sessions and into groups.

use crate::kit::*;

/// Sends an invite and returns its path.
fn invite(caller: &Caller<'_>, body: Value) -> String {
    let answer = caller.post("/invites", body).ok();
    format!("/invites/{}", text(&answer["invite"], "id"))
}

#[test]
fn invites_to_direct_sessions_are_answered_as_recorded() {
    let record = Transcript::new("invites");
    let server = Server::start();
    let [avi, lisa, noa] = people(&server, ["avi", "lisa", "noa"]);
    lisa.accepts_only_invited();
    let [his, hers, third] = [&avi, &lisa, &noa].map(|person| record.http(person));
    record.part("asking");
    his.post("/sessions", json!({"kind": "direct", "username": "lisa"}));
    let first = invite(&his, json!({"username": "LISA"}));
    invite(&his, json!({"username": "lisa"}));
    for body in [json!({"username": "nobody-here"}), json!({"username": "avi"}), json!({"username": 7}), json!({})] {
        his.post("/invites", body);
    }
    record.part("listing");
    hers.get("/invites");
    hers.get("/invites?direction=out");
    his.get("/invites?direction=out&limit=1");
    hers.get("/invites?direction=up");
    record.part("rejecting");
    for caller in [&third, &his, &hers, &hers] {
        caller.post(&format!("{first}/reject"), json!({}));
    }
    hers.post(&format!("{first}/accept"), json!({}));
    his.delete(&first);
    record.part("asking again after a rejection");
    invite(&his, json!({"username": "lisa"}));
    hers.get("/invites");
    record.part("accepting");
    let second = invite(&third, json!({"username": "lisa"}));
    for caller in [&third, &hers, &hers] {
        caller.post(&format!("{second}/accept"), json!({}));
    }
    third.post("/invites", json!({"username": "lisa"}));
    record.part("withdrawing");
    let third_path = invite(&his, json!({"username": "noa"}));
    for caller in [&third, &his, &his] {
        caller.delete(&third_path);
    }
    third.post(&format!("{third_path}/accept"), json!({}));
    his.delete("/invites/nonsense");
    record.part("crossing");
    invite(&his, json!({"username": "noa"}));
    third.post("/invites", json!({"username": "avi"}));
    record.compare();
}

#[test]
fn invites_into_groups_are_answered_as_recorded() {
    let record = Transcript::new("group_invites");
    let server = Server::start();
    let [avi, lisa, noa] = people(&server, ["avi", "lisa", "noa"]);
    lisa.accepts_only_invited();
    let [his, hers, third] = [&avi, &lisa, &noa].map(|person| record.http(person));
    record.part("a group with somebody who accepts only invites");
    let body = json!({"kind": "group", "title": "Band", "usernames": ["lisa", "noa"]});
    let band = text(&his.post("/sessions", body).ok()["session"], "id").to_owned();
    let requested = hers.get("/invites").ok();
    let path = format!("/invites/{}", text(&requested["invites"][0], "id"));
    hers.post(&format!("{path}/accept"), json!({}));
    record.part("asking");
    for caller in [&his, &third] {
        caller.post("/invites", json!({"username": "lisa", "session": band}));
    }
    his.delete(&format!("/sessions/{band}/members/lisa"));
    let again = invite(&his, json!({"username": "lisa", "session": band}));
    hers.post(&format!("{again}/reject"), json!({}));
    for (session, name) in [("nonsense", "lisa"), ("0000000000001", "lisa"), (band.as_str(), "nobody-here")] {
        his.post("/invites", json!({"username": name, "session": session}));
    }
    let direct = befriend(&avi, &noa);
    his.post("/invites", json!({"username": "lisa", "session": direct}));
    record.compare();
}
