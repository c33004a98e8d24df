//! Accounts by command, beside a server and without one.

use std::time::{Duration, Instant};

use crate::kit::folder::Folder;
use crate::kit::*;

const LINE: &str = "correct horse battery\n";
const ANOTHER: &str = "another horse battery";

fn user(server: &Server, arguments: &[&str], input: &str) -> CommandOutput {
    let arguments: Vec<&str> = ["user"].iter().chain(arguments).copied().collect();
    parlor(&server.database(), &arguments, input)
}

fn login(server: &Server, name: &str, password: &str) -> Reply {
    server.http().post("/login", json!({"username": name, "password": password}))
}

/// The columns of one person's line.
fn listed(server: &Server, name: &str) -> Option<Vec<String>> {
    let list = user(server, &["list"], "").ok();
    let lines = list.lines().map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<String>>());
    lines.into_iter().find(|columns| columns[0] == name)
}

#[test]
fn an_account_is_made_beside_a_running_server() {
    let server = Server::start();
    register(&server, "avi");
    user(&server, &["add", "admin", "--admin"], LINE).ok();
    user(&server, &["add", "Lisa"], LINE).ok();
    Person::login(&server, "admin");
    Person::login(&server, "lisa");
    assert_eq!(listed(&server, "admin").unwrap()[1..4], ["account", "admin", "active"]);
    assert_eq!(listed(&server, "Lisa").unwrap()[1..4], ["account", "-", "active"]);
    assert!(listed(&server, "avi").is_some());
    user(&server, &["add", "AVI"], LINE).refused("taken");
    user(&server, &["add", "a b"], LINE).refused("`username`");
    user(&server, &["disable", "nobody-here"], "").refused("no user with this name");
}

#[test]
fn an_account_is_made_before_there_is_a_server() {
    let folder = Folder::new();
    let database = Database::of(folder.path());
    parlor(&database, &["user", "add", "root", "--admin"], LINE).ok();
    parlor(&database, &["user", "add", "root"], LINE).refused("taken");
    parlor(&database, &["user", "add", "avi"], LINE).ok();
    parlor(&database, &["user", "disable", "avi"], "").ok();
    let server = Server::at(folder.path(), &[]);
    Person::login(&server, "root");
    login(&server, "avi", PASSWORD).refused(401, "wrong_password");
    user(&server, &["enable", "avi"], "").ok();
    Person::login(&server, "avi");
    parlor(&database, &["verify"], "").ok();
}

#[test]
fn a_disabled_user_is_out_within_a_second_and_cannot_return() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let (mut first, mut second, mut hers) = (avi.connect(), Person::login(&server, "avi").connect(), lisa.connect());
    user(&server, &["disable", "avi"], "").ok();
    let received = Instant::now();
    for socket in [&mut first, &mut second] {
        assert_eq!(socket.close_within(Duration::from_secs(1)).0, 4502);
    }
    assert!(received.elapsed() < Duration::from_secs(1), "{:?}", received.elapsed());
    avi.http.get("/me").refused(401, "unauthenticated");
    login(&server, "avi", PASSWORD).refused(401, "wrong_password");
    assert_eq!(listed(&server, "avi").unwrap()[3], "disabled");
    hers.send_message(&session, "are you there?");
    user(&server, &["enable", "avi"], "").ok();
    // What has ended does not come back.
    avi.http.get("/me").refused(401, "unauthenticated");
    let mut again = Person::login(&server, "avi").connect();
    again.send_message(&session, "now I am");
    assert_eq!(hers.receive(&session), "now I am");
}

#[test]
fn a_new_password_ends_all_logins() {
    let mut server = Server::start();
    let avi = register(&server, "avi");
    let mut socket = avi.connect();
    user(&server, &["reset-password", "AVI"], &format!("{ANOTHER}\r\nand a second line\n")).ok();
    assert_eq!(socket.close_within(Duration::from_secs(1)).0, 4502);
    login(&server, "avi", PASSWORD).refused(401, "wrong_password");
    login(&server, "avi", ANOTHER).ok();
    server.terminate();
    user(&server, &["reset-password", "avi"], LINE).ok();
    server.open().unwrap();
    avi.http.get("/me").refused(401, "unauthenticated");
    Person::login(&server, "avi");
}

#[test]
fn a_refused_password_changes_nothing() {
    let server = Server::start();
    user(&server, &["add", "avi"], "short\n").refused("8 to 128");
    user(&server, &["add", "avi"], "").refused("no password");
    assert!(listed(&server, "avi").is_none());
}

#[test]
fn a_request_to_a_server_that_does_not_react_is_withdrawn() {
    let mut server = Server::start();
    server.stand_still();
    let begun = Instant::now();
    user(&server, &["add", "avi"], LINE).refused("does not respond");
    assert!((5..10).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    server.signal("CONT");
    // By the time it has handled another request it has seen this one at least once.
    user(&server, &["add", "lisa"], LINE).ok();
    assert!(listed(&server, "avi").is_none());
    assert_eq!(server.count("SELECT count(*) FROM requests"), 0, "answered ones are gone too");
    server.terminate();
    // The previous server may have been killed with a request pending, which is void hours later.
    server.sql("INSERT INTO requests (id, action, username, admin, at) VALUES (1, 'disable', 'lisa', FALSE, 1000)");
    server.open().unwrap();
    until("it is forgotten", PATIENCE, || server.count("SELECT count(*) FROM requests") == 0);
    assert_eq!(listed(&server, "lisa").unwrap()[3], "active");
}

#[test]
fn user_commands_do_not_create_a_database() {
    let folder = Folder::new();
    let nowhere = Database::of(folder.path());
    for command in [&["user", "list"][..], &["user", "disable", "avi"], &["verify", "--new-epoch"], &["backup", "x"]] {
        parlor(&nowhere, command, "").refused("there is no database");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert!(nowhere.content().is_empty());
}
