//! REST: the directory, presence and blocks.

use crate::kit::*;

#[test]
fn the_directory_is_read_as_recorded() {
    let record = Transcript::new("directory");
    let server = Server::start();
    let [avi, lisa, _noa] = people(&server, ["avi", "lisa", "noa"]);
    lisa.http.patch("/me", json!({"display_name": "Élise Noir"})).ok();
    let his = record.http(&avi);
    record.part("GET /users");
    for query in
        ["", "?query=li", "?query=noir", "?query=eli", "?query=nobody", "?query=%20", "?limit=0", "?cursor=%25"]
    {
        his.get(&format!("/users{query}"));
    }
    let first = his.get("/users?limit=2").ok();
    his.get(&format!("/users?limit=2&cursor={}", text(&first, "next")));
    record.stranger(&server).get("/users");
    record.part("GET /users/{username}");
    for name in ["lisa", "LISA", "avi", "nobody-here", "a%20b"] {
        his.get(&format!("/users/{name}"));
    }
    record.part("a closed directory");
    let server = Server::with(&[("PARLOR_DIRECTORY", "closed")]);
    let [avi, lisa, noa] = people(&server, ["avi", "lisa", "noa"]);
    befriend(&avi, &lisa);
    let his = record.http(&avi);
    his.get("/users");
    his.get("/users/lisa");
    his.get("/users/noa");
    his.get("/presence?usernames=lisa,noa");
    record.http(&noa).get("/users");
    record.compare();
}

#[test]
fn presence_and_blocks_are_answered_as_recorded() {
    let record = Transcript::new("presence_and_blocks");
    let server = Server::start();
    let [avi, lisa, noa] = people(&server, ["avi", "lisa", "noa"]);
    let session = befriend(&avi, &lisa);
    let his = record.http(&avi);
    record.part("GET /presence");
    his.get("/presence");
    let mut online = lisa.connect();
    his.get("/presence");
    his.get("/presence?usernames=lisa,Noa,nobody-here");
    his.get("/presence?usernames=");
    his.get(&format!("/presence?usernames={}", ["x"; 201].join(",")));
    online.fence();
    online.goodbye();
    until("lisa is gone", PATIENCE, || avi.http.get("/users/lisa").ok()["user"]["last_seen"].is_string());
    until("that is known", PATIENCE, || {
        avi.http.get("/presence?usernames=lisa").ok()["presence"][0]["last_seen"].is_string()
    });
    his.get("/presence?usernames=lisa");
    his.get("/users/lisa");
    record.part("blocks");
    let (hers, third) = (record.http(&lisa), record.http(&noa));
    hers.get("/blocks");
    for name in ["AVI", "avi", "noa", "lisa", "nobody-here"] {
        hers.send(hers.call("PUT", &format!("/blocks/{name}")));
    }
    let first = hers.get("/blocks?limit=1").ok();
    hers.get(&format!("/blocks?limit=1&cursor={}", text(&first, "next")));
    record.part("what a block refuses");
    for (one, other) in [(&his, "lisa"), (&hers, "avi")] {
        one.get(&format!("/users/{other}"));
        one.get(&format!("/presence?usernames={other}"));
        one.post(&format!("/sessions/{session}/messages"), json!({"text": "hi"}));
        one.post("/invites", json!({"username": other}));
    }
    third.post("/sessions", json!({"kind": "direct", "username": "lisa"}));
    hers.post("/sessions", json!({"kind": "direct", "username": "noa"}));
    third.post("/invites", json!({"username": "lisa"}));
    hers.get("/invites");
    record.part("DELETE /blocks/{username}");
    for name in ["avi", "avi", "nobody-here"] {
        hers.delete(&format!("/blocks/{name}"));
    }
    hers.get("/blocks");
    record.compare();
}
