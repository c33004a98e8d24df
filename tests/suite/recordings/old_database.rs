//! A database file of version 0.1.0 opens unchanged and is read as recorded.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::kit::folder::Folder;
use crate::kit::*;

/// Nothing in the file ends by the time that has passed since.
const SETTINGS: [(&str, &str); 3] = [("PARLOR_LOBBY", "on"), ("PARLOR_TOKEN_DAYS", "0"), ("PARLOR_INVITE_DAYS", "0")];

/// The file, and what was known of it outside: Avi's token, the epoch, and ids of sessions.
fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/suite/recordings/old_database").join(name)
}

#[test]
fn a_database_of_the_first_version_opens_and_answers_as_recorded() {
    if skipped_on_postgres("the first version had SQLite only") {
        return;
    }
    let record = Transcript::new("old_database");
    let folder = Folder::new();
    let mut file_now = File::create(folder.path().join("parlor.db")).unwrap();
    io::copy(&mut GzDecoder::new(File::open(file("parlor.db.gz")).unwrap()), &mut file_now).unwrap();
    let known: Value = serde_json::from_str(&fs::read_to_string(file("known.json")).unwrap()).unwrap();
    let server = Server::at(folder.path(), &SETTINGS);
    record.part("a token of then");
    let avi = Person {
        username: "avi".to_owned(),
        id: String::new(),
        token: text(&known, "token").to_owned(),
        http: server.http().with_token(text(&known, "token")),
    };
    until("the use of the token is noted", PATIENCE, || {
        let token = &avi.http.get("/tokens").ok()["tokens"][0];
        token["last_used_at"] != token["created_at"]
    });
    let his = record.http(&avi);
    for path in
        ["/me", "/tokens", "/users", "/blocks", "/invites", "/invites?direction=out", "/sessions", "/search?q=hello"]
    {
        his.get(path);
    }
    for session in ["direct", "band", "den"] {
        let path = format!("/sessions/{}", text(&known, session));
        record.part(&format!("the session `{session}`"));
        his.get(&format!("{path}/messages"));
        his.get(&format!("{path}/members"));
        his.get(&format!("{path}/changes?rev=2&epoch={}", text(&known, "epoch")));
    }
    his.get(&format!("/rooms/{}", text(&known, "code")));
    record.part("a key of then");
    let messages = format!("/sessions/{}/messages", text(&known, "direct"));
    his.post(&messages, json!({"text": "hello @lisa", "key": "k1"}));
    his.post(&messages, json!({"text": "now"}));
    record.part("a password of then");
    record.stranger(&server).post("/login", json!({"username": "lisa", "password": PASSWORD}));
    record.part("a connection");
    let mut frames = record.connect(&avi);
    frames.request(json!({"type": "history", "session": known["direct"], "limit": 1}));
    record.compare();
}

/// Makes the file: what is in it must be of the version of which it bears the name.
#[test]
#[ignore = "it writes the file of the test above anew"]
fn a_database_with_everything_in_it_is_made() {
    if skipped_on_postgres("the first version had SQLite only") {
        return;
    }
    let mut server = Server::with(&SETTINGS);
    let [avi, lisa, noa, gone] = people(&server, ["avi", "lisa", "noa", "gone"]);
    let direct = befriend(&avi, &lisa);
    let send = |person: &Person, session: &str, body: Value| {
        person.http.post(&format!("/sessions/{session}/messages"), body).ok()
    };
    send(&avi, &direct, json!({"text": "hello @lisa", "key": "k1"}));
    send(&lisa, &direct, json!({"text": "hello back", "reply_to": 1}));
    send(&lisa, &direct, json!({"text": "before"}));
    send(&lisa, &direct, json!({"text": "deleted"}));
    let path = |seq: u64| format!("/sessions/{direct}/messages/{seq}");
    lisa.http.patch(&path(3), json!({"text": "after"})).ok();
    lisa.http.delete(&path(4)).ok();
    avi.http.put(&format!("{}/reactions/{}", path(2), percent("👍")), json!({})).ok();
    avi.http.put(&format!("/sessions/{direct}/read"), json!({"seq": 2})).ok();
    let band = group(&avi, "Band", &[&lisa]);
    let gwen = Person::visit(&server, "gwen");
    gone.http.patch("/me", json!({"accepts": "invited"})).ok();
    set_role(&avi.http, &band, "lisa", "admin").ok();
    let (den, code) = room(&avi, json!({"title": "Den", "keep": true}));
    for person in [&lisa, &gwen, &gone] {
        join(person, &code);
        person.send_message(&den, &format!("hello from {}", person.username));
    }
    gone.delete_account();
    noa.accepts_only_invited();
    avi.http.post("/invites", json!({"username": "noa"})).ok();
    avi.http.put("/blocks/gwen", json!({})).done();
    until("all is indexed", PATIENCE, || list(&avi.http.get("/search?q=gone").ok(), "messages").len() == 1);
    let epoch = text(&avi.connect().ready["server"], "epoch").to_owned();
    let known = json!({"token": avi.token, "epoch": epoch, "direct": direct, "band": band, "den": den, "code": code});
    assert!(server.terminate().0.success());
    fs::create_dir_all(file("")).unwrap();
    fs::write(file("known.json"), format!("{known:#}\n")).unwrap();
    let mut packed = GzEncoder::new(File::create(file("parlor.db.gz")).unwrap(), Compression::best());
    io::copy(&mut File::open(server.database().path()).unwrap(), &mut packed).unwrap();
    packed.finish().unwrap();
}
