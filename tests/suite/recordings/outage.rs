//! What is refused while the disk fails.

use std::fs;

use crate::kit::folder::Folder;
use crate::kit::*;

#[test]
fn while_the_disk_fails_writing_is_refused_as_recorded() {
    if skipped_on_postgres("the faulty disk is the server's own") {
        return;
    }
    let record = Transcript::new("outage");
    let folder = Folder::new();
    let library = preload("faulty_disk.c", folder.path()).to_str().unwrap().to_owned();
    let control = folder.path().join("fault");
    let server = Server::with(&[
        ("LD_PRELOAD", &library),
        ("FAULTY_DISK", control.to_str().unwrap()),
        ("FAULTY_DISK_PATH", "parlor.db"),
        ("PARLOR_CONTACTS_SETTLE_SECONDS", "0"),
    ]);
    let (avi, lisa, session) = pair(&server);
    let (his, caller) = (record.http(&avi), record.stranger(&server));
    let mut frames = record.connect(&avi);
    let mut contact = record.packets("lisa", SocketIoClient::open(server.endpoint(), Transport::Socket, &[]).unwrap());
    contact.enter(json!({}));
    contact.request("join", json!({"room": "avi&lisa", "client": "lisa", "jwt": lisa.token}));
    contact.receive(1);
    frames.receive(1);
    fs::write(&control, "full").unwrap();
    frames.request(json!({"type": "send", "session": session, "text": "x"}));
    frames.request(json!({"type": "title", "session": session, "title": "x"}));
    contact.request(
        "client_sends_message",
        json!({"sender": "lisa", "content": "x", "conversation_room": "avi&lisa", "jwt": lisa.token}),
    );
    until("it is noticed", PATIENCE, || server.http().get("//readyz").status == 503);
    caller.get("//healthz");
    caller.get("//readyz");
    his.post(&format!("/sessions/{session}/messages"), json!({"text": "x"}));
    his.get(&format!("/sessions/{session}/messages"));
    caller.post("/register", json!({"username": "noa", "password": PASSWORD}));
    caller.post("/login", json!({"username": "avi", "password": PASSWORD}));
    caller.post("//log_in", json!({"username": "avi", "password": PASSWORD}));
    caller.get("//login/gwen");
    let call = caller.call("POST", "//").header("Content-Type", "application/x-www-form-urlencoded");
    let fault = |reply: &Reply| reply.text().lines().find(|line| line.contains("alert")).unwrap_or_default().to_owned();
    caller.send_to_show(call.body(b"name=Gwen&create="), fault);
    fs::remove_file(&control).unwrap();
    until("it is over", PATIENCE, || server.http().get("//readyz").status == 200);
    frames.request(json!({"type": "send", "session": session, "text": "back"}));
    contact.receive(1);
    record.compare();
}
