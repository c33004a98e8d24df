//! REST: rooms, their codes, and joining by one.

use crate::kit::*;

#[test]
fn rooms_are_looked_at_and_joined_as_recorded() {
    let record = Transcript::new("rooms");
    let server = Server::with(&[("PARLOR_GROUP_MEMBERS", "3")]);
    let [avi, lisa, noa] = people(&server, ["avi", "lisa", "noa"]);
    let [his, hers, third] = [&avi, &lisa, &noa].map(|person| record.http(person));
    let stranger = record.stranger(&server);
    record.part("GET /rooms/{code}");
    let opened = his.post("/sessions", json!({"kind": "room", "title": "Den", "keep": true})).ok()["session"].clone();
    let (id, code) = (text(&opened, "id"), text(&opened, "code"));
    stranger.get(&format!("/rooms/{code}"));
    hers.get(&format!("/rooms/{code}"));
    for code in ["ABCDEFGHJK", "nonsense"] {
        stranger.get(&format!("/rooms/{code}"));
    }
    let call = stranger.call("GET", &format!("/rooms/{code}"));
    stranger.send(call.header("Authorization", "Bearer prl_x"));
    record.part("POST /rooms/{code}/join");
    let join = |caller: &Caller<'_>, code: &str| caller.post(&format!("/rooms/{code}/join"), json!({}));
    join(&hers, code);
    join(&hers, code);
    join(&his, "ABCDEFGHJK");
    join(&stranger, code);
    join(&third, code);
    let gwen = Person::visit(&server, "gwen");
    join(&record.http(&gwen), code);
    record.part("POST /sessions/{id}/code");
    hers.post(&format!("/sessions/{id}/code"), json!({}));
    his.post(&format!("/sessions/{id}/code"), json!({}));
    stranger.get(&format!("/rooms/{code}"));
    record.http(&gwen).post(&format!("/sessions/{id}/code"), json!({}));
    record.compare();
}
