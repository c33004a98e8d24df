//! Which event crosses which relation: each kind of event against each relation between two users.

use crate::kit::*;

/// What stands between avi and lisa.
const BLOCKS: [(bool, bool); 4] = [(false, false), (true, false), (false, true), (true, true)];

/// A deed of lisa's by which avi may notice her, and the frame in which he would.
struct Sign {
    name: &'static str,
    /// The type of the frame.
    frame: &'static str,
    /// True where it crosses a block in a direct session.
    crosses_direct: bool,
    /// True where it crosses a block in a group.
    crosses_group: bool,
    /// What lisa does in the session on her connection.
    act: fn(&mut Socket, &str),
}

const SIGNS: [Sign; 9] = [
    Sign {
        name: "reading",
        frame: "receipt",
        crosses_direct: false,
        crosses_group: true,
        act: |hers, id| drop(hers.ok(json!({"type": "read", "session": id, "seq": 2}))),
    },
    Sign {
        name: "receiving",
        frame: "receipt",
        crosses_direct: false,
        crosses_group: true,
        act: |hers, id| drop(hers.ok(json!({"type": "received", "session": id, "seq": 2}))),
    },
    Sign {
        name: "typing",
        frame: "typing",
        crosses_direct: false,
        crosses_group: true,
        act: |hers, id| drop(hers.request(json!({"type": "typing", "session": id}))),
    },
    Sign {
        name: "sending",
        frame: "message",
        crosses_direct: false,
        crosses_group: true,
        act: |hers, id| drop(hers.request(json!({"type": "send", "session": id, "text": "new"}))),
    },
    Sign {
        name: "editing",
        frame: "message_changed",
        crosses_direct: false,
        crosses_group: true,
        act: |hers, id| drop(hers.request(json!({"type": "edit", "session": id, "seq": 1, "text": "edited"}))),
    },
    Sign {
        name: "reacting",
        frame: "message_changed",
        crosses_direct: false,
        crosses_group: true,
        act: |hers, id| {
            drop(hers.request(json!({"type": "react", "session": id, "seq": 2, "emoji": "👍", "on": true})))
        },
    },
    Sign {
        // Senders may delete their own messages: that removes something and publishes nothing new.
        name: "deleting",
        frame: "message_changed",
        crosses_direct: true,
        crosses_group: true,
        act: |hers, id| drop(hers.ok(json!({"type": "delete", "session": id, "seq": 1}))),
    },
    Sign {
        name: "going away",
        frame: "presence",
        crosses_direct: false,
        crosses_group: false,
        act: |hers, _| hers.send(&json!({"type": "goodbye"})),
    },
    Sign {
        // Profile changes are not announced.
        name: "a new display name",
        frame: "member",
        crosses_direct: false,
        crosses_group: false,
        act: |hers, _| hers.fence(),
    },
];

#[test]
fn every_sign_of_a_user_against_every_block() {
    let server = Server::with(&UNHURRIED);
    for (number, (his_block, her_block)) in BLOCKS.into_iter().enumerate() {
        for (kind, direct) in [("direct", true), ("group", false)] {
            for sign in &SIGNS {
                let name = |who: &str| format!("{who}{number}{kind}{}", sign.name.replace(' ', ""));
                let short = |who: &str| name(who).chars().take(32).collect::<String>();
                let (avi, lisa) = (register(&server, &short("a")), register(&server, &short("l")));
                let id = if direct { befriend(&avi, &lisa) } else { group(&avi, "Band", &[&lisa]) };
                lisa.send_message(&id, "mine");
                avi.send_message(&id, "his");
                for (blocks, who, target) in [(his_block, &avi, &lisa), (her_block, &lisa, &avi)] {
                    if blocks {
                        who.http.put(&format!("/blocks/{}", target.username), json!({})).done();
                    }
                }
                let (mut his, mut hers) = (avi.connect(), lisa.connect());
                if sign.frame == "presence" && !his_block && !her_block {
                    assert_eq!(his.expect("presence")["status"], "online");
                }
                hers.checked = false;
                (sign.act)(&mut hers, &id);
                let blocked = his_block || her_block;
                let crosses = if direct { sign.crosses_direct } else { sign.crosses_group };
                let seen = sign.name != "a new display name" && (!blocked || crosses);
                let cell = format!("{} in a {kind}, blocks {his_block} and {her_block}", sign.name);
                if seen {
                    let frame = his.wait_for(&cell, |frame| frame["type"] == sign.frame);
                    assert!(frame.to_string().contains(&id) || sign.frame == "presence", "{cell}: {frame}");
                } else {
                    if sign.frame == "presence" {
                        hers.close_code();
                    }
                    his.expect_no(sign.frame);
                }
            }
        }
    }
}

#[test]
fn every_relation_over_rest_in_either_directory() {
    for directory in ["open", "closed"] {
        let settings = [("PARLOR_DIRECTORY", directory), ("PARLOR_UNKNOWN_NAMES", "0")];
        let server = Server::with(&[&UNHURRIED[..], &settings].concat());
        for (number, (his_block, her_block)) in BLOCKS.into_iter().enumerate() {
            for shared in ["nothing", "room", "direct"] {
                let [avi, lisa] = ["avi", "lisa"].map(|who| register(&server, &format!("{who}{number}{shared}")));
                match shared {
                    "room" => drop(join(&lisa, &room(&avi, json!({"keep": true})).1)),
                    "direct" => drop(befriend(&avi, &lisa)),
                    _ => {}
                }
                for (blocks, who, target) in [(his_block, &avi, &lisa), (her_block, &lisa, &avi)] {
                    if blocks {
                        who.http.put(&format!("/blocks/{}", target.username), json!({})).done();
                    }
                }
                let is_found = directory == "open" || shared != "nothing";
                let is_blocked = his_block || her_block;
                for (viewer, subject) in [(&avi, &lisa), (&lisa, &avi)] {
                    let cell = format!("{directory}, {shared}, blocks {his_block} and {her_block}");
                    let offline = |is_visible: bool| if is_visible { json!("offline") } else { Value::Null };
                    let profile = viewer.http.get(&format!("/users/{}", subject.username));
                    if is_found {
                        assert_eq!(profile.ok()["user"]["status"], offline(!is_blocked), "{cell}");
                    } else {
                        profile.refused(404, "unknown_user");
                    }
                    let listed = viewer.http.get(&format!("/users?query={}", subject.username)).ok();
                    assert_eq!(list(&listed, "users").len(), usize::from(is_found), "{cell}: {listed}");
                    assert_eq!(status(viewer, subject), offline(is_found && !is_blocked), "{cell}");
                    let pushed = viewer.http.get("/presence").ok();
                    let is_pushed = shared != "nothing" && !is_blocked;
                    assert_eq!(list(&pushed, "presence").len(), usize::from(is_pushed), "{cell}: {pushed}");
                }
            }
        }
    }
}

#[test]
fn a_block_hides_marks_in_catching_up_as_well() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "one");
    lisa.http.put(&format!("/sessions/{id}/read"), json!({"seq": 1})).ok();
    let names = |person: &Person| {
        let changes = person.http.get(&format!("/sessions/{id}/changes?rev=0")).ok();
        texts(list(&changes, "receipts"), "username")
    };
    assert_eq!(names(&avi), ["avi", "lisa"]);
    lisa.http.put("/blocks/avi", json!({})).done();
    assert_eq!((names(&avi), names(&lisa)), (vec!["avi".to_owned()], vec!["lisa".to_owned()]));
    lisa.http.delete("/blocks/avi").done();
    assert_eq!(names(&avi), ["avi", "lisa"]);
}

#[test]
fn a_delayed_receipt_does_not_cross_a_block_set_meanwhile() {
    let server = Server::with(&UNHURRIED);
    let (avi, lisa, id) = pair(&server);
    for _ in 0..3 {
        avi.send_message(&id, "hello");
    }
    let (mut his, mut hers, mut tablet) = (avi.connect(), lisa.connect(), lisa.connect());
    hers.ok(json!({"type": "read", "session": id, "seq": 1}));
    assert_eq!(his.expect("receipt")["read"], 1);
    tablet.expect("receipt");
    // The second one waits until a second has passed since the first.
    hers.ok(json!({"type": "read", "session": id, "seq": 2}));
    lisa.http.put("/blocks/avi", json!({})).done();
    // Her other device is sent the next one, a second later at most: until then his has had time to come.
    hers.ok(json!({"type": "read", "session": id, "seq": 3}));
    tablet.wait_for("her own receipt", |frame| frame["type"] == "receipt" && frame["read"] == 3);
    his.expect_no("receipt");
}

type Parting = fn(&Person, &Person, &str);

/// Ways for lisa to share nothing with avi any more.
const PARTINGS: [(&str, Parting); 3] = [
    ("leaving", |_, lisa, id| drop(remove(&lisa.http, id, &lisa.username).ok())),
    ("removal", |avi, lisa, id| drop(remove(&avi.http, id, &lisa.username).ok())),
    ("the end of the session", |avi, _, id| avi.http.delete(&format!("/sessions/{id}")).done()),
];

fn status(person: &Person, of: &Person) -> Value {
    let answer = person.http.get(&format!("/presence?usernames={}", of.username)).ok();
    list(&answer, "presence").first().map_or(Value::Null, |one| one["status"].clone())
}

#[test]
fn parting_from_a_session_is_not_going_offline() {
    let server = Server::with(&UNHURRIED);
    for (number, (how, part)) in PARTINGS.into_iter().enumerate() {
        let [avi, lisa, noa] = ["avi", "lisa", "noa"].map(|name| register(&server, &format!("{name}{number}")));
        let id = group(&avi, "Band", &[&lisa]);
        let other = befriend(&avi, &noa);
        let (mut his, mut hers) = (avi.connect(), lisa.connect());
        assert_eq!(his.expect("presence")["status"], "online");
        part(&avi, &lisa, &id);
        hers.expect("session_removed");
        // What is pushed in turn shows that nothing else was on its way: noa comes, two ticks of the server later.
        for _ in 0..2 {
            let theirs = noa.connect();
            let frame = his.expect("presence");
            assert_eq!((&frame["username"], &frame["status"]), (&json!(noa.username), &json!("online")), "{how}");
            theirs.goodbye();
            assert_eq!(his.expect("presence")["username"], noa.username.as_str(), "{how}");
        }
        assert_eq!((status(&avi, &lisa), status(&lisa, &avi)), (json!("online"), json!("online")), "{how}");
        // Nothing is pushed any more when she goes. After the end of a session that holds from the server's next tick on.
        if how != "the end of the session" {
            hers.goodbye();
            avi.send_message(&other, "still here");
            his.expect_no("presence");
        }
    }
}

#[test]
fn in_a_closed_directory_users_who_part_see_each_other_offline() {
    let server = Server::with(&[&UNHURRIED[..], &[("PARLOR_DIRECTORY", "closed")]].concat());
    for (number, (how, part)) in PARTINGS.into_iter().enumerate() {
        let [avi, lisa] = ["avi", "lisa"].map(|name| register(&server, &format!("{name}{number}")));
        let (id, code) = room(&avi, json!({}));
        join(&lisa, &code);
        let (mut his, _hers) = (avi.connect(), lisa.connect());
        assert_eq!(his.expect("presence")["status"], "online");
        part(&avi, &lisa, &id);
        assert_eq!(his.expect("presence")["status"], "offline", "{how}");
        assert_eq!(status(&avi, &lisa), Value::Null, "{how}");
    }
}

#[test]
fn a_deleted_user_goes_offline() {
    let server = Server::with(&UNHURRIED);
    let avi = register(&server, "avi");
    for name in ["lisa", "visitor"] {
        let other = if name == "lisa" { register(&server, name) } else { Person::visit(&server, name) };
        let id = group(&avi, "Band", &[&other]);
        let (mut his, _theirs) = (avi.connect(), other.connect());
        his.wait_for("them", |frame| frame["type"] == "presence" && frame["status"] == "online");
        other.delete_account();
        his.wait_for("their end", |frame| frame["type"] == "presence" && frame["status"] == "offline");
        avi.http.delete(&format!("/sessions/{id}")).done();
    }
}
